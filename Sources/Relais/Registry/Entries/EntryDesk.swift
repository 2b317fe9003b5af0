import Postgres

/// Keeps the entries of one simple kind. Each use case works in the transaction that it is given.
public struct EntryDesk<Draft: EntryDraft>: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    public func create(_ draft: Draft, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Entry<Draft> {
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        try await draft.checkReferences(in: tx)
        let now = generators.now()
        let entry = try await tx.insert(draft, as: Entry<Draft>.ID(generators.newID()), at: now)
        try await tx.publish(Event("\(Draft.kind).created", entry.id), by: caller, at: now)
        return entry
    }

    /// Changes the entry by a merge patch.
    public func change(
        _ id: Entry<Draft>.ID, by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Entry<Draft> {
        guard let current = try await tx.entry(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try Change.merging(patch, into: current.details).read { Draft(&$0) }
        }
        try current.record.check(precondition)
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        try await draft.checkReferences(in: tx)
        let now = generators.now()
        guard let changed = try await tx.update(current, to: draft, at: now) else { throw .changedSince }
        try await tx.publish(Event("\(Draft.kind).changed", id, ["changed": .codes(members)]), by: caller, at: now)
        return changed
    }

    /// Takes the entry out of the lists.
    public func archive(_ id: Entry<Draft>.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) {
        guard let current = try await tx.entry(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        let now = generators.now()
        try await tx.archive(Draft.table, where: "id = \(id)", at: now)
        try await tx.publish(Event("\(Draft.kind).archived", id), by: caller, at: now)
    }
}
