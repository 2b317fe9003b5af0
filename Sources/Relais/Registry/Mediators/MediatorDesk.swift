import Foundation
import Postgres

/// Keeps the mediators. Each use case works in the transaction that it is given.
public struct MediatorDesk: HistoryDesk {
    public typealias Past = PastMediator

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
    public func change(
        _ id: Mediator.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        let now = generators.now()
        guard let current = try await tx.mediator(id, at: now) else { throw .unknown }
        guard caller.may(.writeMediators, of: current.structure) else { throw .forbidden(member: nil) }
        let draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try MediatorDraft(reading: try Change.merging(patch, into: current.details))
        }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        if draft.structure != current.structure, caller.reach(for: .writeMediators) != .everything {
            throw .forbidden(member: "/structure")
        }
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        try await tx.checkReferences(of: draft, having: current.details.places)
        guard try await tx.update(current, to: draft, by: caller, at: now) else {
            throw try await tx.overtaken(.versions([current.version]), of: id, as: Past.self)
        }
        try await tx.publish(Event("mediator.changed", id, .changed(members, undoing: undone)), by: caller, at: now)
        try await tx.enqueue(.retryWaiting(forRoomAt: id, at: now), at: now)
        guard let changed = try await tx.mediator(id, at: now) else { throw .unknown }
        return changed
    }

    /// Takes the mediator out of the lists: it is no candidate any more. What it holds must be ended or handed over first.
    public func archive(
        _ id: Mediator.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        let now = generators.now()
        guard let current = try await tx.mediator(id, at: now) else { throw .unknown }
        guard caller.may(.writeMediators, of: current.structure) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        guard try await tx.holdsNothing(id) else { throw .conflict(.mediatorHolds) }
        guard
            try await tx.archive(
                "mediators", where: "id = \(id)", if: precondition, version: current.version, of: id, as: Past.self, at: now)
        else { return }
        try await tx.publish(Event("mediator.archived", id, .undoing(undone)), by: caller, at: now)
    }

    public func writable(_ id: Mediator.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Mediator {
        guard let current = try await tx.mediator(id, at: generators.now()) else { throw .unknown }
        guard caller.may(.writeMediators, of: current.structure) else { throw .forbidden(member: nil) }
        return current
    }

    public func restore(
        _ id: Mediator.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        let current = try await writable(id, by: caller, in: tx)
        try await tx.checkArchived(precondition, of: id, current.record, as: Past.self)
        // A place that has closed since stands in nobody's way, as in a change.
        try await orBelongsToArchived { () throws(RegistryError) in
            try await tx.checkReferences(of: current.details, having: current.details.places)
        }
        let now = generators.now()
        try await tx.restore("mediators", where: "id = \(id)", at: now)
        try await tx.publish(Event("mediator.restored", id, .undoing(undone)), by: caller, at: now)
        try await tx.enqueue(.retryWaiting(forRoomAt: id, at: now), at: now)
        return try await writable(id, by: caller, in: tx)
    }
}
