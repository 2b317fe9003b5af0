import Foundation
import Postgres

/// What every kind of entry needs.
extension Session where Failure == RegistryError {
    /// The row that an INSERT with RETURNING gives back.
    func inserted<Value: RowDecodable>(_ sql: SQL, as type: Value.Type) async throws(RegistryError) -> Value {
        guard let value = try await first(sql, as: type) else { throw .database(.decoding("an INSERT gave no row back")) }
        return value
    }

    func exists(_ rows: SQL) async throws(RegistryError) -> Bool {
        try await value("SELECT EXISTS (\(rows))", as: Bool.self) ?? false
    }

    /// Takes rows out of the lists.
    func archive(_ table: SQL, where condition: SQL, at now: Date) async throws(RegistryError) {
        try await execute(
            "UPDATE \(table) SET archived_at = \(now), updated_at = \(now), version = version + 1 WHERE \(condition) AND archived_at IS NULL"
        )
    }

    /// Refuses a structure that is not there or archived, and keeps it from being archived until the transaction ends.
    func check(structure: Structure.ID, at pointer: String) async throws(RegistryError) {
        let isArchived = try await value(
            "SELECT archived_at IS NOT NULL FROM structures WHERE id = \(structure) FOR SHARE", as: Bool.self)
        guard let isArchived else { throw .invalid(InvalidInput(pointer, "unknown_id", "There is no such structure.")) }
        if isArchived { throw .invalid(InvalidInput(pointer, "archived", "This structure is archived.")) }
    }

    /// The problem of each skill that is not there or archived, with near ones; keeps the others from being archived until the transaction ends.
    func check(skills: [(pointer: String, skill: Skill.ID)], problems: InputProblems) async throws(RegistryError) {
        if skills.isEmpty { return }
        let asked = skills.map(\.skill)
        let there = Set(
            try await values(
                "SELECT code FROM skills WHERE code = ANY (\(asked)) AND archived_at IS NULL ORDER BY code FOR KEY SHARE", as: Skill.ID.self
            ))
        if there.isSuperset(of: asked) { return }
        let known = Set(try await values("SELECT code FROM skills WHERE archived_at IS NULL", as: Skill.ID.self))
        for (pointer, skill) in skills where !there.contains(skill) {
            let near = nearest(skill, among: known).joined(separator: ", ")
            problems.note(pointer, "unknown_code", "There is no such skill. Near ones: \(near).")
        }
    }
}

extension Record {
    /// Whether the entry may be changed by who saw the version that `precondition` names.
    func check(_ precondition: Precondition) throws(RegistryError) {
        if archivedAt != nil { throw .archived }
        guard precondition.holds(for: version) else { throw .changedSince }
    }
}

/// Runs a reading whose problems are an error of the registry.
func invalidAsRegistryError<Value>(_ read: () throws(InvalidInput) -> Value) throws(RegistryError) -> Value {
    do throws(InvalidInput) { return try read() } catch { throw .invalid(error) }
}

extension Page {
    /// The same page with each item as `change` makes it.
    public func map<Changed>(_ change: (Item) -> Changed) -> Page<Changed> { Page<Changed>(items: items.map(change), next: next) }
}

extension [SQL] {
    /// The keyset of a list that is ordered by id: what comes after `paging`'s cursor.
    static func after<Entity>(_ paging: Paging, of type: Entity.Type) -> [SQL] {
        paging.after?.id(of: type).map { ["id > \($0)"] } ?? []
    }

    /// The keyset of a list that is ordered by a code.
    static func after(_ paging: Paging, code: SQL) -> [SQL] {
        paging.after.map { ["\(code) > \($0.text(0))"] } ?? []
    }
}
