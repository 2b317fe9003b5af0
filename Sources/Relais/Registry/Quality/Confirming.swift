import Foundation
import Postgres

// Saying that an entry is right as it stands. It counts as a change of the entry, since what is told of it changes: its version grows.

extension PlaceDesk {
    public func confirm(
        _ id: Place.ID, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Place {
        try await tx.lock(id, of: PastPlace.self, if: precondition)
        guard let current = try await tx.place(id) else { throw .unknown }
        guard caller.may(.confirm, of: current.structure) else { throw .forbidden(member: nil) }
        try current.record.check(precondition)
        let now = generators.now()
        try await tx.confirm("places", id: id, version: current.version, by: caller, at: now)
        try await tx.publish(Event("place.confirmed", id), by: caller, at: now)
        guard let confirmed = try await tx.place(id) else { throw .unknown }
        return confirmed
    }
}

extension StructureDesk {
    public func confirm(
        _ id: Structure.ID, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Structure {
        try await tx.lock(id, of: Structure.self, if: precondition)
        guard let current = try await tx.structure(id) else { throw .unknown }
        guard caller.may(.confirm, of: id) else { throw .forbidden(member: nil) }
        try current.record.check(precondition)
        let now = generators.now()
        try await tx.confirm("structures", id: id, version: current.version, by: caller, at: now)
        try await tx.publish(Event("structure.confirmed", id), by: caller, at: now)
        guard let confirmed = try await tx.structure(id) else { throw .unknown }
        return confirmed
    }
}

extension MediatorDesk {
    public func confirm(
        _ id: Mediator.ID, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Mediator {
        let now = generators.now()
        try await tx.lock(id, of: PastMediator.self, if: precondition)
        guard let current = try await tx.mediator(id, at: now) else { throw .unknown }
        guard caller.may(.confirm, of: current.structure, mediator: id) else { throw .forbidden(member: nil) }
        try current.record.check(precondition)
        try await tx.confirm("mediators", id: id, version: current.version, by: caller, at: now)
        try await tx.publish(Event("mediator.confirmed", id), by: caller, at: now)
        guard let confirmed = try await tx.mediator(id, at: now) else { throw .unknown }
        return confirmed
    }
}

extension Session where Failure == RegistryError {
    /// Confirms the version that was read, and no later one: somebody else's change is not confirmed unseen.
    fileprivate func confirm<Entity>(
        _ table: SQL, id: Identifier<Entity>, version: Int, by caller: Caller, at now: Date
    ) async throws(RegistryError) {
        let touched = try await execute(
            """
            UPDATE \(table) SET confirmed_at = \(now), confirmed_by = \(caller.token), confirmed_as = \(caller.role),
                   version = version + 1, updated_at = \(now)
             WHERE id = \(id) AND version = \(version) AND archived_at IS NULL
            """)
        if touched == 0 { throw .changedSince }
    }
}
