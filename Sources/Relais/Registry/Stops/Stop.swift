import Foundation
import Matching
import OpeningHours
import Postgres

/// Where an itinerant service stops, and when.
@dynamicMemberLookup
public struct Stop: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Stop>

    public let id: ID
    public let details: StopDraft

    public subscript<Value>(dynamicMember member: KeyPath<StopDraft, Value>) -> Value { details[keyPath: member] }
}

/// What is told of a stop.
public struct StopDraft: Sendable, Equatable {
    public var name: String?
    public var address: String?
    public var commune: Commune.ID
    /// `nil`: the commune's centre stands for it.
    public var location: Location?
    /// An OSM `opening_hours` expression: `Tu[1] 14:00-17:00`, `2026 Dec 03 09:00-12:00`.
    public var hours: String
    /// The first and the last day on which the hours are in force; `nil`: without an end.
    public var validFrom: Day?
    public var validUntil: Day?

    public init(
        name: String? = nil, address: String? = nil, commune: Commune.ID, location: Location? = nil, hours: String, validFrom: Day? = nil,
        validUntil: Day? = nil
    ) {
        self.name = name
        self.address = address
        self.commune = commune
        self.location = location
        self.hours = hours
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

extension Stop: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, name, address, commune, location, hours
        case validFrom = "valid_from"
        case validUntil = "valid_until"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(ID.self, forKey: .id)
        details = StopDraft(
            name: try container.decodeIfPresent(String.self, forKey: .name),
            address: try container.decodeIfPresent(String.self, forKey: .address),
            commune: try container.decode(Commune.ID.self, forKey: .commune),
            location: try container.decodeIfPresent(Location.self, forKey: .location),
            hours: try container.decode(String.self, forKey: .hours),
            validFrom: try container.decodeIfPresent(Day.self, forKey: .validFrom),
            validUntil: try container.decodeIfPresent(Day.self, forKey: .validUntil))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(details.name, forKey: .name)
        try container.encode(details.address, forKey: .address)
        try container.encode(details.commune, forKey: .commune)
        try container.encode(details.location, forKey: .location)
        try container.encode(details.hours, forKey: .hours)
        try container.encode(details.validFrom, forKey: .validFrom)
        try container.encode(details.validUntil, forKey: .validUntil)
    }
}

extension Stop: RowDecodable {
    public static let columns: SQL = "id, name, address, commune, latitude, longitude, hours, valid_from, valid_until"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        var location: Location?
        if let latitude, let longitude { location = Location(latitude: latitude, longitude: longitude) }
        details = StopDraft(
            name: try row["name"], address: try row["address"], commune: try row["commune"], location: location, hours: try row["hours"],
            validFrom: try row["valid_from"], validUntil: try row["valid_until"])
    }
}

/// A stop on a day, with the times at which it is there, and how far it is from where it was looked for.
public struct StopOnDay: Sendable, Encodable {
    public struct Time: Sendable, Equatable, Encodable {
        public let start: Date
        public let end: Date
    }

    public let stop: Stop
    public let times: [Time]
    /// In metres; only when it was looked for near somewhere.
    public let distance: Int?

    init(_ stop: Stop, on day: Day, distance: Int? = nil) {
        self.stop = stop
        times = StopOnDay.times(stop.hours, on: day, in: stop.commune, at: stop.location, valid: stop.details.days)
        self.distance = distance
    }

    private enum CodingKeys: String, CodingKey {
        case times
        case distance = "distance_m"
    }

    public func encode(to encoder: any Encoder) throws {
        try stop.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(times, forKey: .times)
        if let distance { try container.encode(distance, forKey: .distance) }
    }

    /// When an expression is open on a day of the network's time zone; nothing for what cannot be read. What is open past midnight ends with the day,
    /// and goes on with the next, also when that is no longer one of the days on which it is in force.
    ///
    /// - Parameter valid: The days on which it is in force, counted from 1970-01-01.
    static func times(
        _ hours: String, on day: Day, in commune: Commune.ID, at location: Location?, valid: ClosedRange<Int> = .min ... .max
    ) -> [Time] {
        guard let hours = KnownHours.shared.hours(hours) else { return [] }
        var context = OpeningHours.Context.of(commune, location)
        context.days = valid
        return hours.intervals(
            from: day.midnight(in: context.timeZone), to: Day(number: day.number + 1).midnight(in: context.timeZone), in: context
        )
        .filter { $0.state == .open }.map { Time(start: $0.start, end: $0.end) }
    }
}

extension PlaceDraft {
    /// Whether its stops count.
    var isItinerant: Bool { itinerance.contains("itinerant") }
}

extension Stop {
    /// Its hours by the calendar of its commune, on the days on which they are in force; `nil` when they cannot be read.
    var inForce: HoursInForce? {
        guard let hours = KnownHours.shared.hours(details.hours) else { return nil }
        var context = OpeningHours.Context.of(details.commune, details.location)
        context.days = details.days
        return HoursInForce(hours: hours, context: context, stop: self)
    }
}

extension StopDraft {
    /// The days on which the hours are in force, counted from 1970-01-01.
    var days: ClosedRange<Int> { (validFrom?.sinceEpoch ?? .min)...(validUntil?.sinceEpoch ?? .max) }
}
