import Foundation
import Postgres

/// Keeps the structures. Each use case works in the transaction that it is given.
public struct StructureDesk: HistoryDesk {
    public typealias Past = Structure

    let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Adds a structure.
    ///
    /// - Parameter allowingDuplicates: Whether a structure that may be there already is made all the same; otherwise it is
    ///   ``RegistryError/structureDuplicate(_:)``, as it always is when another has its SIRET.
    public func create(
        _ draft: StructureDraft, allowingDuplicates: Bool = true, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Structure {
        guard caller.may(.createStructures, of: nil) else { throw .forbidden(member: nil) }
        let now = generators.now()
        let id = Structure.ID(generators.newID())
        try await tx.checkReferences(of: draft)
        // Of two that are made at once, the second waits and then sees the first.
        if !allowingDuplicates { try await tx.execute("SELECT pg_advisory_xact_lock(hashtext('a structure'))") }
        if !allowingDuplicates || draft.siret != nil || draft.rna != nil {
            let likely = try await tx.likelyDuplicates(of: draft).filter { !allowingDuplicates || $0.hasSameNumber }
            if !likely.isEmpty { throw .structureDuplicate(likely) }
        }
        let structure = try await tx.insert(draft, as: id, by: caller, at: now)
        try await tx.publish(Event("structure.created", id), by: caller, at: now)
        return structure
    }

    public func named(by patch: JSONValue) -> [Structure.ID] {
        guard case .object(let members) = patch, case .string(let text)? = members["parent"] else { return [] }
        return Structure.ID(text).map { [$0] } ?? []
    }

    /// Changes the structure by a merge patch. A SIRET or RNA that another has is ``RegistryError/structureDuplicate(_:)``.
    public func change(
        _ id: Structure.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Structure {
        guard let current = try await tx.structure(id) else { throw .unknown }
        guard caller.may(.writeStructures, of: id) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try StructureDraft(reading: try Change.merging(patch, into: current.details), was: current.details)
        }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        // Who may write and not read them all would take away what it does not see.
        if members.contains("contacts"), !current.isOpen(to: caller) { throw .forbidden(member: "/contacts") }
        if members.contains("parent"), caller.reach(for: .writeStructures) != .everything { throw .forbidden(member: "/parent") }
        let now = generators.now()
        try await tx.checkReferences(of: draft)
        if draft.siret != current.siret || draft.rna != current.rna {
            let same = try await tx.likelyDuplicates(of: draft, but: id).filter(\.hasSameNumber)
            if !same.isEmpty { throw .structureDuplicate(same) }
        }
        guard let changed = try await tx.update(current, to: draft, by: caller, at: now) else {
            throw try await tx.overtaken(.versions([current.version]), of: id, as: Past.self)
        }
        try await tx.askReview("structure", id, of: members.map { "structure.\($0)" }, as: generators.newID(), by: caller, at: now)
        try await tx.publish(Event("structure.changed", id, .changed(members, undoing: undone)), by: caller, at: now)
        return changed
    }

    /// Takes the structure out of the lists. What still belongs to it must go first.
    public func archive(
        _ id: Structure.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        guard let current = try await tx.lockedStructure(id) else { throw .unknown }
        guard caller.may(.createStructures, of: nil) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        guard try await !tx.isInUse(id) else { throw .conflict(.structureInUse) }
        let now = generators.now()
        guard
            try await tx.archive(
                "structures", where: "id = \(id)", if: precondition, version: current.version, of: id, as: Past.self, at: now)
        else { return }
        try await tx.publish(Event("structure.archived", id, .undoing(undone)), by: caller, at: now)
    }

    public func writable(_ id: Structure.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Structure {
        guard let current = try await tx.structure(id) else { throw .unknown }
        guard caller.may(.writeStructures, of: id) else { throw .forbidden(member: nil) }
        return current
    }

    public func restore(
        _ id: Structure.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Structure {
        let current = try await writable(id, by: caller, in: tx)
        guard caller.may(.createStructures, of: nil) else { throw .forbidden(member: nil) }
        try await tx.checkArchived(precondition, of: id, current.record, as: Past.self)
        try await orBelongsToArchived { () throws(RegistryError) in try await tx.checkReferences(of: current.details) }
        let now = generators.now()
        try await tx.restore("structures", where: "id = \(id)", at: now)
        try await tx.publish(Event("structure.restored", id, .undoing(undone)), by: caller, at: now)
        return try await writable(id, by: caller, in: tx)
    }
}
