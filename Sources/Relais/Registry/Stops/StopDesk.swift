import Foundation
import Postgres

/// Keeps the stops of itinerant places: the whole list at once, for a round is planned as a whole.
public struct StopDesk: Sendable {
    private let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Puts these stops in the place of those that there are. Its place counts the change as its own.
    ///
    /// - Parameters:
    ///   - precondition: The version of the place that the caller has seen; another one is ``RegistryError/overtaken(_:)``.
    ///   - undone: The version of the place whose change this one sets back: then stops that are gone may come back.
    public func replace(
        _ list: StopList, of id: Place.ID, if precondition: Precondition, undoing undone: Int? = nil, by caller: Caller,
        in tx: Session<RegistryError>
    ) async throws(RegistryError) -> PlaceStops {
        // Locked: of two who come at once the second finds it changed.
        guard let place = try await tx.lockedPlaces([id]).first else { throw .unknown }
        guard caller.may(.writePlaces, of: place.structure) else { throw .forbidden(member: nil) }
        try await tx.check(precondition, of: id, place.record, as: PastPlace.self)
        if !list.items.isEmpty, !place.details.isItinerant {
            throw .invalid(
                InvalidInput("/items", "not_itinerant", "This place does not travel: add itinerant to its itinerance first."))
        }
        let known = try await tx.stops(of: id)
        var own = Set(known.map(\.id))
        if undone != nil { own = try await tx.stopsEver(of: id) }
        try await tx.check(list, own: own)
        let stops = list.items.map { Stop(id: $0.id ?? Stop.ID(generators.newID()), details: $0.draft) }
        if stops == known {
            return PlaceStops(place: id, items: known, version: place.record.version, isItinerant: place.details.isItinerant)
        }
        let now = generators.now()
        // Before the version, which is kept with them.
        try await tx.replaceStops(of: id, by: stops, at: now)
        guard let version = try await tx.touch(place, by: caller, at: now) else { throw .changedSince }
        // Where it stops is where it is.
        try await tx.askReview("place", id, of: ["place.location", "place.stops"], as: generators.newID(), by: caller, at: now)
        try await tx.publish(Event("place.changed", id, .changed(["stops"], undoing: undone)), by: caller, at: now)
        return PlaceStops(place: id, items: stops, version: version, isItinerant: place.details.isItinerant)
    }
}

/// The stops of a place, which have the place's version.
public struct PlaceStops: Sendable, Encodable, Versioned {
    public let place: Place.ID
    public let items: [Stop]
    public let version: Int
    /// Whether the place travels: the stops of one that does not are kept, and count nowhere.
    let isItinerant: Bool

    private enum CodingKeys: String, CodingKey { case place, items }
}

/// The stops of a place on a day.
public struct PlaceStopsOnDay: Sendable, Encodable, Versioned {
    public let place: Place.ID
    public let on: Day
    public let items: [StopOnDay]
    public let version: Int

    private enum CodingKeys: String, CodingKey { case place, on, items }

    public init(_ stops: PlaceStops, on day: Day) {
        place = stops.place
        on = day
        items = stops.isItinerant ? stops.items.map { StopOnDay($0, on: day) }.filter { !$0.times.isEmpty } : []
        version = stops.version
    }
}
