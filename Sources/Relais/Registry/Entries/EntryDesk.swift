import Postgres

/// Keeps the entries of one simple kind. Each use case works in the transaction that it is given.
public struct EntryDesk<Draft: EntryDraft>: HistoryDesk {
    public typealias Past = Relais.Entry<Draft>

    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    public func create(_ draft: Draft, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Past {
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        try await draft.checkReferences(in: tx)
        let now = generators.now()
        let entry = try await tx.insert(draft, as: Past.ID(generators.newID()), at: now)
        try await tx.publish(Event("\(Draft.kind).created", entry.id), by: caller, at: now)
        return entry
    }

    /// Changes the entry by a merge patch.
    public func change(
        _ id: Past.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Past {
        let current = try await writable(id, by: caller, in: tx)
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try Change.merging(patch, into: current.details).read { Draft(&$0) }
        }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        // What it named before may have been archived since, and stands in nobody's way.
        if members.contains(where: Draft.references.contains) { try await draft.checkReferences(in: tx) }
        let now = generators.now()
        guard let changed = try await tx.update(current, to: draft, at: now) else {
            throw try await tx.overtaken(.versions([current.version]), of: id, as: Past.self)
        }
        try await tx.publish(Event("\(Draft.kind).changed", id, .changed(members, undoing: undone)), by: caller, at: now)
        return changed
    }

    /// Takes the entry out of the lists.
    public func archive(
        _ id: Past.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        let current = try await writable(id, by: caller, in: tx)
        if current.record.archivedAt != nil { return }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        let now = generators.now()
        guard
            try await tx.archive(
                Draft.table, where: "id = \(id)", if: precondition, version: current.version, of: id, as: Past.self, at: now)
        else { return }
        try await tx.publish(Event("\(Draft.kind).archived", id, .undoing(undone)), by: caller, at: now)
    }

    public func writable(_ id: Past.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Past {
        guard let current = try await tx.entry(id) else { throw .unknown }
        guard caller.may(.writeSkills, of: nil) else { throw .forbidden(member: nil) }
        return current
    }

    public func restore(
        _ id: Past.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Past {
        let current = try await writable(id, by: caller, in: tx)
        try await tx.checkArchived(precondition, of: id, current.record, as: Past.self)
        try await orBelongsToArchived { () throws(RegistryError) in try await current.details.checkReferences(in: tx) }
        let now = generators.now()
        try await tx.restore(Draft.table, where: "id = \(id)", at: now)
        try await tx.publish(Event("\(Draft.kind).restored", id, .undoing(undone)), by: caller, at: now)
        return try await writable(id, by: caller, in: tx)
    }
}
