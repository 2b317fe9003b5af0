import Foundation
import Postgres

/// A place as it was told at some time, with where it stopped then.
public struct PastPlace: Sendable, Equatable {
    public let place: Place
    public let stops: [Stop]

    public var id: Place.ID { place.id }
    public var record: Record { place.record }
    public var version: Int { place.version }
}

extension PastPlace: Encodable {
    private enum CodingKeys: String, CodingKey { case stops }

    public func encode(to encoder: any Encoder) throws {
        try place.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stops, forKey: .stops)
    }
}

extension PastPlace: Historic {
    public static let kind = "place"
    public static let table: SQL = "places"
    public static let key: (column: SQL, type: SQL) = ("id", "uuid")
    public static let derived: SQL = "derived_of(kept)"
    // Kept only with a place that has some.
    public static let told: SQL = "r.*, coalesce(v.row -> 'stops', '[]'::jsonb) AS stops"
    public static let columns: SQL = "\(Place.columns), stops"

    public init(row: borrowing Row) throws(PostgresError) {
        place = try Place(row: row)
        let stops: JSON<[Stop]> = try row["stops"]
        self.stops = stops.value
    }
}

extension PlaceStops {
    /// Where a place stopped at some time; the version is the one that it had then.
    public init(_ past: PastPlace) {
        self.init(place: past.id, items: past.stops, version: past.version, isItinerant: past.place.details.isItinerant)
    }
}
