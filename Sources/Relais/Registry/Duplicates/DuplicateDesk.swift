import Foundation
import Postgres

/// Settles which places are one. Each use case works in the transaction that it is given.
public struct DuplicateDesk: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Looks through the whole base, and keeps what it finds in the place of what was found before.
    ///
    /// One search at a time; it takes seconds at 100,000 places (docs/duplicates.md).
    public func search(by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> DuplicateReport {
        guard caller.may(.settleDuplicates, of: nil) else { throw .forbidden(member: nil) }
        guard try await tx.value("SELECT pg_try_advisory_xact_lock(hashtext('relais duplicates'))", as: Bool.self) == true else {
            throw .conflict(.searchRunning)
        }
        let places = try await tx.comparedPlaces()
        let known = try await tx.dismissedPairs()
        let pairs = await onOwnThread { DuplicateSearch.pairs(among: places, except: known) }
        let now = generators.now()
        try await tx.replaceFound(pairs, among: places.map(\.id), at: now)
        let data: EventData = ["places": .number(places.count), "pairs": .number(pairs.count)]
        try await tx.publish(Event("duplicates.searched", "places", data), by: caller, at: now)
        return DuplicateReport(places: places.count, pairs: pairs)
    }

    /// Remembers that two places are two: they are not told as a pair again.
    public func dismiss(_ pair: PlacePair, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> DismissedPair {
        guard caller.may(.settleDuplicates, of: nil) else { throw .forbidden(member: nil) }
        if pair.first == pair.second { throw .invalid(InvalidInput("/second", "itself", "A place is no other than itself.")) }
        let there = Set(try await tx.lockedPlaces([pair.first, pair.second]).map(\.id))
        let problems = InputProblems()
        if !there.contains(pair.first) { problems.note("/first", "unknown_id", "There is no such place.") }
        if !there.contains(pair.second) { problems.note("/second", "unknown_id", "There is no such place.") }
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
        let now = generators.now()
        if try await tx.dismiss(pair, by: caller, at: now) {
            try await tx.publish(Event("duplicate.dismissed", pair.first, ["other": .id(pair.second)]), by: caller, at: now)
        }
        return try await tx.dismissed(pair)
    }

    /// Forgets that two places are two.
    public func recall(_ pair: PlacePair, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) {
        guard caller.may(.settleDuplicates, of: nil) else { throw .forbidden(member: nil) }
        guard try await tx.recall(pair) else { throw .unknown }
        try await tx.publish(Event("duplicate.recalled", pair.first, ["other": .id(pair.second)]), by: caller, at: generators.now())
    }

    /// Makes one place of two: the loser is archived, its id answers the survivor, and what referred to it refers to the survivor.
    public func merge(
        _ loser: Place.ID, into survivor: Place.ID, if precondition: Precondition = .any, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> PlaceMerge {
        guard caller.may(.settleDuplicates, of: nil) else { throw .forbidden(member: nil) }
        let places = try await tx.lockedPlaces([loser, survivor])
        guard let kept = places.first(where: { $0.id == survivor }) else { throw .unknown }
        if loser == survivor { throw .invalid(InvalidInput("/loser", "itself", "A place cannot be merged with itself.")) }
        guard let lost = places.first(where: { $0.id == loser }) else {
            throw .invalid(InvalidInput("/loser", "unknown_id", "There is no such place."))
        }
        try kept.record.check(precondition)
        if lost.record.archivedAt != nil {
            if try await tx.isMerged(loser) { throw .conflict(.mergedAlready) }
            throw .archived
        }
        if !kept.details.isItinerant, try await !tx.stops(of: loser).isEmpty { throw .conflict(.survivorStays) }
        let now = generators.now()
        let merge = try await tx.merge(loser, into: survivor, as: PlaceMerge.ID(generators.newID()), by: caller, at: now)
        try await tx.publish(Event("place.merged", loser, ["into": .id(survivor)]), by: caller, at: now)
        return merge
    }

    /// Undoes the merge that took a place away: the place is back, and with it what referred to it then.
    ///
    /// What was changed by somebody since stays as it is now.
    public func unmerge(_ loser: Place.ID, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> Place {
        guard caller.may(.settleDuplicates, of: nil) else { throw .forbidden(member: nil) }
        guard let merge = try await tx.merge(of: loser) else {
            throw try await tx.place(loser) == nil ? .unknown : .conflict(.notMerged)
        }
        _ = try await tx.lockedPlaces([merge.loser, merge.survivor])
        if try await tx.isMerged(merge.survivor) { throw .conflict(.survivorMerged) }
        if let lost = try await tx.place(loser) {
            try await orBelongsToArchived { () throws(RegistryError) in try await tx.checkReferences(of: lost.details) }
        }
        let now = generators.now()
        let place = try await tx.undo(merge, by: caller, at: now)
        try await tx.publish(Event("place.unmerged", loser, ["from": .id(merge.survivor)]), by: caller, at: now)
        return place
    }
}

/// Runs what computes for seconds on a thread of its own, away from Swift's pool.
private func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: body()) }
        thread.stackSize = 4 * 1024 * 1024
        thread.start()
    }
}
