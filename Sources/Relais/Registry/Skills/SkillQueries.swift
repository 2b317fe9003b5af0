import Foundation
import Postgres

extension Database {
    public func skill(_ id: Skill.ID) async throws(PostgresError) -> Skill? {
        try await first("SELECT \(Skill.columns) FROM skills WHERE code = \(id)", as: Skill.self)
    }

    /// A piece of the list of skills, by code; with `parent` only those right below it.
    public func skills(
        parent: Skill.ID? = nil, archived: Bool = false, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<Skill> {
        var conditions: [SQL] = .after(paging, code: "code")
        conditions.append(archived ? "archived_at IS NOT NULL" : "archived_at IS NULL")
        if let parent { conditions.append("parent = \(parent)") }
        let found = try await query(
            "SELECT \(Skill.columns) FROM skills WHERE \(.all(conditions)) ORDER BY code LIMIT \(paging.limit + 1)", as: Skill.self)
        return Page(found, paging) { [$0.id] }
    }
}

extension Session where Failure == RegistryError {
    func skill(_ id: Skill.ID) async throws(RegistryError) -> Skill? {
        try await first("SELECT \(Skill.columns) FROM skills WHERE code = \(id)", as: Skill.self)
    }

    /// Nothing can come to name the skill until the transaction ends: who names it waits for its row (`check(skills:problems:)`).
    func lockedSkill(_ id: Skill.ID) async throws(RegistryError) -> Skill? {
        try await first("SELECT \(Skill.columns) FROM skills WHERE code = \(id) FOR UPDATE", as: Skill.self)
    }

    func insert(_ draft: SkillDraft, as id: Skill.ID, at now: Date) async throws(RegistryError) -> Skill {
        try await inserted(
            """
            INSERT INTO skills (code, name, parent, created_at, updated_at) VALUES (\(id), \(draft.name), \(draft.parent), \(now), \(now))
            RETURNING \(Skill.columns)
            """, as: Skill.self)
    }

    func update(_ current: Skill, to draft: SkillDraft, at now: Date) async throws(RegistryError) -> Skill? {
        try await first(
            """
            UPDATE skills SET name = \(draft.name), parent = \(draft.parent), version = version + 1, updated_at = \(now)
             WHERE code = \(current.id) AND version = \(current.record.version) AND archived_at IS NULL
            RETURNING \(Skill.columns)
            """, as: Skill.self)
    }

    func isInUse(_ id: Skill.ID) async throws(RegistryError) -> Bool {
        try await exists(
            """
            SELECT FROM mediator_skills s JOIN mediators m ON m.id = s.mediator_id WHERE s.skill = \(id) AND m.archived_at IS NULL
            UNION ALL SELECT FROM places WHERE \(id) = ANY (services) AND archived_at IS NULL
            UNION ALL SELECT FROM skills WHERE parent = \(id) AND archived_at IS NULL
            UNION ALL SELECT FROM proprietary_services WHERE skill = \(id) AND archived_at IS NULL
            UNION ALL SELECT FROM request_needs n JOIN requests r ON r.id = n.request_id WHERE n.skill = \(id) AND r.ended_at IS NULL
            """)
    }

    /// A skill stands under another that is there. (That it never stands under itself is the database's: `skill_above_itself`.)
    func checkParent(_ parent: Skill.ID?) async throws(RegistryError) {
        guard let parent else { return }
        let problems = InputProblems()
        try await check(skills: [("/parent", parent)], problems: problems)
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
    }
}
