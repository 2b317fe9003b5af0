import Foundation
import Postgres

extension Database {
    public func entry<Draft: EntryDraft>(_ id: Identifier<Draft>) async throws(PostgresError) -> Entry<Draft>? {
        try await first("SELECT \(Entry<Draft>.columns) FROM \(Draft.table) WHERE id = \(id)", as: Entry<Draft>.self)
    }

    /// A piece of the list of entries, by id.
    public func entries<Draft: EntryDraft>(
        _ filter: Draft.Filter, archived: Bool = false, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<Entry<Draft>> {
        let conditions =
            filter.conditions + [archived ? "archived_at IS NOT NULL" : "archived_at IS NULL"] + .after(paging, of: Draft.self)
        let found = try await query(
            "SELECT \(Entry<Draft>.columns) FROM \(Draft.table) WHERE \(.all(conditions)) ORDER BY id LIMIT \(paging.limit + 1)",
            as: Entry<Draft>.self)
        return Page(found, paging) { [$0.id.description] }
    }
}

extension Session where Failure == RegistryError {
    func entry<Draft: EntryDraft>(_ id: Identifier<Draft>) async throws(RegistryError) -> Entry<Draft>? {
        try await first("SELECT \(Entry<Draft>.columns) FROM \(Draft.table) WHERE id = \(id)", as: Entry<Draft>.self)
    }

    func insert<Draft: EntryDraft>(_ draft: Draft, as id: Identifier<Draft>, at now: Date) async throws(RegistryError) -> Entry<Draft> {
        try await inserted(
            """
            INSERT INTO \(Draft.table) (id, \(Draft.columns), created_at, updated_at) VALUES (\(id), \(draft.values), \(now), \(now))
            RETURNING \(Entry<Draft>.columns)
            """, as: Entry<Draft>.self)
    }

    /// - Returns: `nil` when somebody else changed the entry since `current` was read.
    func update<Draft: EntryDraft>(
        _ current: Entry<Draft>, to draft: Draft, at now: Date
    ) async throws(RegistryError) -> Entry<Draft>? {
        try await first(
            """
            UPDATE \(Draft.table) SET (\(Draft.columns)) = ROW(\(draft.values)), version = version + 1, updated_at = \(now)
             WHERE id = \(current.id) AND version = \(current.record.version) AND archived_at IS NULL
            RETURNING \(Entry<Draft>.columns)
            """, as: Entry<Draft>.self)
    }

    /// Refuses a skill that is not there or archived.
    func check(skill: Skill.ID) async throws(RegistryError) {
        let problems = InputProblems()
        try await check(skills: [("/skill", skill)], problems: problems)
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
    }
}
