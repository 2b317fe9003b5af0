import Foundation
import Matching
import OpeningHours
import Postgres

extension Database {
    /// The stops of the place, or of the one that it was merged into.
    ///
    /// - Returns: `nil` when there is no such place. The version is read first: whoever changes the stops meanwhile makes it an old one, which is refused.
    public func stops(of id: Place.ID) async throws(PostgresError) -> PlaceStops? {
        guard let place = try await livingPlace(id) else { return nil }
        let items = try await query(.stops(of: place.id), as: Stop.self)
        return PlaceStops(place: place.id, items: items, version: place.record.version, isItinerant: place.details.isItinerant)
    }

    /// When the place is open: by its own hours, and, if it travels, where it stops.
    public func opening(of place: Place, at instant: Date) async throws(PostgresError) -> PlaceOpening {
        guard place.details.isItinerant else { return place.opening(at: instant) }
        return place.opening(at: instant, stops: try await query(.stops(of: place.id), as: Stop.self))
    }

    /// Which of these places are open at an instant because they are at a stop that is.
    func stopping(_ places: [Place.ID], at instant: Date) async throws(PostgresError) -> Set<Place.ID> {
        if places.isEmpty { return [] }
        let stops = try await query(
            "SELECT place_id, \(Stop.columns), NULL::int AS distance FROM stops WHERE place_id = ANY (\(places)) AND archived_at IS NULL",
            as: StopFound.self)
        return Set(stops.filter { $0.stop.inForce?.status(at: instant).state == .open }.map(\.place))
    }

    /// What a search for stops on a day has to know: which of the expressions in force are open then, and by the calendar of which département. Many
    /// stops have the same ones, so each is evaluated once, and the rest of the search is SQL.
    public func stopDay(_ day: Day) async throws(PostgresError) -> PlaceFilter.StopDay {
        let all = try await values(
            "SELECT DISTINCT \(PlaceFilter.StopDay.datedHours(day)) FROM stops WHERE archived_at IS NULL AND \(PlaceFilter.StopDay.reaches(day))",
            as: String.self)
        return PlaceFilter.StopDay(day: day, hours: all.filter { PlaceFilter.StopDay.isOpen($0, on: day) })
    }

    /// The stops that make these places be found, nearest first or in their order.
    func stops(of places: [Place.ID], for filter: PlaceFilter) async throws(PostgresError) -> [Place.ID: [StopOnDay]] {
        guard let day = filter.itinerantOn, !places.isEmpty else { return [:] }
        let distance: SQL = filter.near.map { Near.metres("(spot <-> \($0.spot))") } ?? "NULL::int"
        let found = try await query(
            """
            SELECT place_id, \(Stop.columns), \(distance) AS distance FROM stops
             WHERE place_id = ANY (\(places)) AND \(day.stops(filter)) ORDER BY place_id, distance, position
            """, as: StopFound.self)
        return Dictionary(grouping: found, by: \.place).mapValues { $0.map { StopOnDay($0.stop, on: day.day, distance: $0.distance) } }
    }
}

extension PlaceFilter {
    /// A day on which an itinerant service is to stop somewhere. ``Database/stopDay(_:)`` gives it.
    public struct StopDay: Sendable {
        public let day: Day
        /// The expressions that are open on that day, as ``datedHours`` has them.
        let hours: [String]

        /// The expression after three characters: the first two of the commune's code, which tell whose calendar holds (all overseas has none here), and
        /// whether the day is the first on which it is in force, the one after the last, or neither: what is open past midnight begins on the first
        /// and is not there the night before, and goes on into the day after the last.
        static func datedHours(_ day: Day) -> SQL {
            let eve = Day(number: day.number - 1)
            let edge: SQL = "CASE WHEN valid_from = \(day) THEN '[' WHEN valid_until = \(eve) THEN ']' ELSE '-' END"
            return "left(stops.commune, 2) || \(edge) || stops.hours"
        }

        static func reaches(_ day: Day) -> SQL {
            "coalesce(valid_from <= \(day), TRUE) AND coalesce(valid_until >= \(Day(number: day.number - 1)), TRUE)"
        }

        /// Whether one of ``datedHours(_:)`` is open on the day.
        fileprivate static func isOpen(_ dated: String, on day: Day) -> Bool {
            // Whether the sun rises on a day is the same all over France: its middle stands for all stops.
            let middle = Location(latitude: 46.6, longitude: 2.5)
            let valid =
                switch dated.dropFirst(2).first {
                case "[": day.sinceEpoch...Int.max
                case "]": Int.min...(day.sinceEpoch - 1)
                default: Int.min ... .max
                }
            return !StopOnDay.times(String(dated.dropFirst(3)), on: day, in: String(dated.prefix(2)), at: middle, valid: valid).isEmpty
        }

        /// Which stops are meant: those of that day, and near, in the commune or département, when that is asked: of an itinerant service, where it stops is what counts.
        func stops(_ filter: PlaceFilter) -> SQL {
            var conditions: [SQL] = ["stops.archived_at IS NULL", "\(StopDay.datedHours(day)) = ANY (\(hours))", StopDay.reaches(day)]
            if let commune = filter.commune { conditions.append("stops.commune = ANY (\(SQL.communes(within: commune)))") }
            if let department = filter.department {
                conditions.append("stops.commune IN (SELECT insee_code FROM communes WHERE department = \(department))")
            }
            if let near = filter.near { conditions.append(near.holds("stops.spot")) }
            return .all(conditions)
        }

        /// Which places are meant.
        func places(_ filter: PlaceFilter) -> SQL {
            "'itinerant' = ANY (itinerance) AND places.id IN (SELECT place_id FROM stops WHERE \(stops(filter)))"
        }

        /// How far the nearest of the stops is, as a straight line through the unit sphere.
        func nearest(_ near: Near, _ filter: PlaceFilter) -> SQL {
            "(SELECT min(stops.spot <-> \(near.spot)) FROM stops WHERE place_id = places.id AND \(stops(filter)))"
        }
    }
}

extension Session where Failure == RegistryError {
    func stops(of id: Place.ID) async throws(RegistryError) -> [Stop] { try await query(.stops(of: id), as: Stop.self) }

    /// The stops that the place has, and those that were taken out of its list.
    func stopsEver(of id: Place.ID) async throws(RegistryError) -> Set<Stop.ID> {
        Set(try await values("SELECT id FROM stops WHERE place_id = \(id)", as: Stop.ID.self))
    }

    /// Counts a change of what belongs to the place, which must be written by then: the version that this makes is kept with it.
    ///
    /// - Returns: The new version; `nil` when somebody else changed the place since it was read.
    func touch(_ place: Place, by caller: Caller, at now: Date) async throws(RegistryError) -> Int? {
        try await value(
            """
            UPDATE places SET version = version + 1, updated_at = \(now)\(.confirmation(by: caller, at: now))
             WHERE id = \(place.id) AND version = \(place.record.version) AND archived_at IS NULL RETURNING version
            """, as: Int.self)
    }

    /// The stops that are named must be the place's own, and their communes be there.
    func check(_ list: StopList, own: Set<Stop.ID>) async throws(RegistryError) {
        let problems = InputProblems()
        let asked = list.items.map(\.draft.commune)
        let communes = Set(try await values("SELECT insee_code FROM communes WHERE insee_code = ANY (\(asked))", as: Commune.ID.self))
        for (index, item) in list.items.enumerated() {
            if let id = item.id, !own.contains(id) {
                problems.note("/items/\(index)/id", "unknown_id", "The place has no such stop. A new one has no id.")
            }
            if !communes.contains(item.draft.commune) {
                problems.note("/items/\(index)/commune", "unknown_code", "There is no commune with this code.")
            }
        }
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
    }

    func replaceStops(of place: Place.ID, by stops: [Stop], at now: Date) async throws(RegistryError) {
        try await execute(
            "UPDATE stops SET archived_at = \(now) WHERE place_id = \(place) AND archived_at IS NULL AND id <> ALL (\(stops.map(\.id)))")
        try await execute(
            """
            INSERT INTO stops (id, place_id, position, name, address, commune, latitude, longitude, spot, hours, valid_from, valid_until)
            SELECT new.id, \(place), new.position, new.name, new.address, new.commune, new.latitude, new.longitude,
                   coalesce(on_sphere(new.latitude, new.longitude), on_sphere(c.latitude, c.longitude)),
                   new.hours, new.valid_from, new.valid_until
              FROM unnest(
                \(stops.map(\.id)), \(Array(stops.indices)), \(stops.map(\.details.name)), \(stops.map(\.details.address)),
                \(stops.map(\.details.commune)), \(stops.map(\.details.location?.latitude)), \(stops.map(\.details.location?.longitude)),
                \(stops.map(\.details.hours)), \(stops.map(\.details.validFrom)), \(stops.map(\.details.validUntil)))
                AS new (id, position, name, address, commune, latitude, longitude, hours, valid_from, valid_until)
              JOIN communes c ON c.insee_code = new.commune
            ON CONFLICT (id) DO UPDATE
               SET (position, name, address, commune, latitude, longitude, spot, hours, valid_from, valid_until) =
                   (excluded.position, excluded.name, excluded.address, excluded.commune, excluded.latitude, excluded.longitude,
                    excluded.spot, excluded.hours, excluded.valid_from, excluded.valid_until),
                   archived_at = NULL
            """)
    }
}

extension SQL {
    /// The stops of a place, in their order. (A merge of two places puts two lists together.)
    fileprivate static func stops(of place: Place.ID) -> SQL {
        "SELECT \(Stop.columns) FROM stops WHERE place_id = \(place) AND archived_at IS NULL ORDER BY position, id"
    }
}

private struct StopFound: RowDecodable {
    static let columns: SQL = "place_id, distance"
    let place: Place.ID
    let stop: Stop
    let distance: Int?

    init(row: borrowing Row) throws(PostgresError) {
        place = try row["place_id"]
        stop = try Stop(row: row)
        distance = try row["distance"]
    }
}
