import Foundation
import Postgres

/// Keeps the mediators. Each use case works in the transaction that it is given.
public struct MediatorDesk: Sendable {
    let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Adds a mediator, of whom no capacity is agreed yet (``CapacityDesk``).
    public func create(
        _ draft: MediatorDraft, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        guard caller.may(.writeMediators, of: draft.structure) else { throw .forbidden(member: nil) }
        try await tx.checkReferences(of: draft)
        let now = generators.now()
        let id = Mediator.ID(generators.newID())
        try await tx.insert(draft, as: id, by: caller, at: now)
        try await tx.publish(Event("mediator.created", id, ["structure": .id(draft.structure)]), by: caller, at: now)
        guard let mediator = try await tx.mediator(id, at: now) else { throw .unknown }
        return mediator
    }

    /// Changes the mediator by a merge patch. Whoever it may now help is looked for.
    ///
    /// - Parameter precondition: The version that the caller has seen; another one in the registry is ``RegistryError/changedSince``.
    public func change(
        _ id: Mediator.ID, by patch: JSONValue, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        let now = generators.now()
        guard let current = try await tx.mediator(id, at: now) else { throw .unknown }
        guard caller.may(.writeMediators, of: current.structure) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try MediatorDraft(reading: try Change.merging(patch, into: current.details))
        }
        try current.record.check(precondition)
        if draft.structure != current.structure, caller.reach(for: .writeMediators) != .everything {
            throw .forbidden(member: "/structure")
        }
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        try await tx.checkReferences(of: draft)
        guard try await tx.update(current, to: draft, by: caller, at: now) else { throw .changedSince }
        try await tx.publish(Event("mediator.changed", id, ["changed": .codes(members)]), by: caller, at: now)
        try await tx.enqueue(.retryWaiting(forRoomAt: id, at: now), at: now)
        guard let changed = try await tx.mediator(id, at: now) else { throw .unknown }
        return changed
    }

    /// Takes the mediator out of the lists: it is no candidate any more. What it holds must be ended or handed over first.
    public func archive(_ id: Mediator.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) {
        let now = generators.now()
        guard let current = try await tx.mediator(id, at: now) else { throw .unknown }
        guard caller.may(.writeMediators, of: current.structure) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        guard try await tx.holdsNothing(id) else { throw .conflict(.mediatorHolds) }
        try await tx.archive("mediators", where: "id = \(id)", at: now)
        try await tx.publish(Event("mediator.archived", id), by: caller, at: now)
    }
}
