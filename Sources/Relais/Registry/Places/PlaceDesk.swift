import Foundation
import Postgres

/// Keeps the places. Each use case works in the transaction that it is given.
public struct PlaceDesk: HistoryDesk {
    public typealias Past = PastPlace

    let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Adds a place. Without a commune's code, the commune is looked for by postcode and name.
    ///
    /// - Parameter allowingDuplicates: Whether a place that may be there already is made all the same, and remembered as a pair to be settled;
    ///   otherwise it is ``RegistryError/duplicate(_:)``.
    public func create(
        _ draft: PlaceDraft, allowingDuplicates: Bool = true, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Place {
        guard caller.may(.writePlaces, of: draft.structure) else { throw .forbidden(member: nil) }
        if draft.source != nil || draft.sourceID != nil { try checkNamesSource(caller) }
        var draft = draft
        try await tx.checkReferences(of: draft)
        if draft.commune == nil { draft.commune = try await tx.commune(of: draft) }
        let id = Place.ID(generators.newID())
        // Of two that are made at once, the second waits and then sees the first.
        if !allowingDuplicates { try await tx.execute("SELECT pg_advisory_xact_lock(hashtext('a place in ' || \(draft.postcode)))") }
        let candidates = try await tx.candidates(for: ComparedPlace(id, draft))
        if !allowingDuplicates, !candidates.isEmpty { throw .duplicate(candidates) }
        let now = generators.now()
        let place = try await tx.insert(draft, as: id, by: caller, at: now)
        try await tx.askReview("place", place.id, of: ["place"], as: generators.newID(), by: caller, at: now)
        try await tx.remember(candidates, of: id, at: now)
        try await tx.publish(Event("place.created", place.id, ["structure": .id(place.structure)]), by: caller, at: now)
        return place
    }

    /// Changes the place by a merge patch. A place whose postcode or commune's name changes is looked for again, unless a commune is given; an undo puts
    /// back what was there.
    public func change(
        _ id: Place.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int?, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Place {
        guard let current = try await tx.place(id) else { throw .unknown }
        guard caller.may(.writePlaces, of: current.structure) else { throw .forbidden(member: nil) }
        // An undo puts back what was there: what a file said then is not asked to keep a rule now.
        let was = undone == nil ? current.details : current.details.having(former: patch)
        var draft = try invalidAsRegistryError { () throws(InvalidInput) in
            try PlaceDraft(reading: try Change.merging(patch, into: current.details), was: was)
        }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        if draft.structure != current.structure, caller.reach(for: .writePlaces) != .everything { throw .forbidden(member: "/structure") }
        if draft.source != current.source || draft.sourceID != current.sourceID { try checkNamesSource(caller) }
        try await tx.checkReferences(of: draft)
        let moved = draft.postcode != current.postcode || draft.communeName != current.communeName
        var namesCommune = false
        if case .object(let members) = patch { namesCommune = members["commune"] != nil }
        if moved, undone == nil, !namesCommune { draft.commune = try await tx.commune(of: draft) }
        let members = Change.members(from: current.details, to: draft)
        if members.isEmpty { return current }
        let now = generators.now()
        guard let changed = try await tx.update(current, to: draft, by: caller, at: now) else {
            throw try await tx.overtaken(.versions([current.version]), of: id, as: Past.self)
        }
        try await tx.askReview("place", id, of: members.map { "place.\($0)" }, as: generators.newID(), by: caller, at: now)
        try await tx.publish(Event("place.changed", id, .changed(members, undoing: undone)), by: caller, at: now)
        return changed
    }

    /// A change, but for the stops, which are no member of the place itself.
    public func setBack(
        _ id: Place.ID, by patch: JSONValue, if precondition: Precondition, undoing undone: Int, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Place {
        guard case .object(var members) = patch, let stops = members.removeValue(forKey: "stops") else {
            return try await change(id, by: patch, if: precondition, undoing: undone, by: caller, in: tx)
        }
        let list = try invalidAsRegistryError { () throws(InvalidInput) in try StopList(reading: .object(["items": stops])) }
        // Only what was written past the program changes both at once. The place comes first, for it must travel to have stops.
        var seen = precondition
        if !members.isEmpty {
            let place = try await change(id, by: .object(members), if: precondition, undoing: undone, by: caller, in: tx)
            seen = .versions([place.version])
        }
        _ = try await StopDesk(generators).replace(list, of: id, if: seen, undoing: undone, by: caller, in: tx)
        return try await writable(id, by: caller, in: tx)
    }

    /// By source and id there an import knows which place a record is of: whoever could name one could have it written over another.
    private func checkNamesSource(_ caller: Caller) throws(RegistryError) {
        guard caller.reach(for: .writePlaces) == .everything else { throw .forbidden(member: "/source") }
    }

    /// Takes the place out of the lists.
    public func archive(
        _ id: Place.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) {
        guard let current = try await tx.place(id) else { throw .unknown }
        guard caller.may(.writePlaces, of: current.structure) else { throw .forbidden(member: nil) }
        if current.record.archivedAt != nil { return }
        try await tx.check(precondition, of: id, current.record, as: Past.self)
        let now = generators.now()
        guard
            try await tx.archive(
                "places", where: "id = \(id)", if: precondition, version: current.version, of: id, as: Past.self, at: now)
        else { return }
        try await tx.publish(Event("place.archived", id, .undoing(undone)), by: caller, at: now)
    }

    public func writable(_ id: Place.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Place {
        guard let current = try await tx.place(id) else { throw .unknown }
        guard caller.may(.writePlaces, of: current.structure) else { throw .forbidden(member: nil) }
        return current
    }

    public func restore(
        _ id: Place.ID, if precondition: Precondition, undoing undone: Int?, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Place {
        let current = try await writable(id, by: caller, in: tx)
        try await tx.checkArchived(precondition, of: id, current.record, as: Past.self)
        try await orBelongsToArchived { () throws(RegistryError) in try await tx.checkReferences(of: current.details) }
        let now = generators.now()
        try await tx.restore("places", where: "id = \(id)", at: now)
        try await tx.askReview("place", id, of: ["place"], as: generators.newID(), by: caller, at: now)
        try await tx.publish(Event("place.restored", id, .undoing(undone)), by: caller, at: now)
        return try await writable(id, by: caller, in: tx)
    }
}
