import Foundation
import Matching
import OpeningHours
import Postgres

/// A place that was found, and how far it is from where it was looked for.
public struct FoundPlace: Sendable, Encodable {
    public let place: Place
    /// In metres; only when it was looked for near somewhere.
    public var distance: Int?
    /// What the list is ordered by.
    let rank: String
    /// Where it stops on the day that was asked for, nearest first; only then.
    public var stops: [StopOnDay]?

    private enum CodingKeys: String, CodingKey {
        case distance = "distance_m"
        case stops
    }

    public func encode(to encoder: any Encoder) throws {
        try place.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let distance { try container.encode(distance, forKey: .distance) }
        if let stops { try container.encode(stops, forKey: .stops) }
    }
}

/// The order of a list of places.
public enum PlaceSort: String, Sendable, CaseIterable {
    /// In which they were made.
    case id
    case distance, relevance
    /// Last known to be right, latest first.
    case freshness
    /// Best first.
    case quality
    case name

    /// What a cursor of this order is made of: what it is ordered by, and the id.
    public var parts: [Cursor.Part] {
        switch self {
        case .id: [.id]
        case .distance, .relevance, .quality: [.number, .id]
        case .freshness: [.instant, .id]
        case .name: [.text, .id]
        }
    }
}

extension Database {
    /// A piece of what is found, in order.
    ///
    /// - Throws: ``PostgresError``. A sort without what it sorts by (distance without ``PlaceFilter/near``) must have been refused before.
    public func search(
        _ filter: PlaceFilter, sort: PlaceSort = .id, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<FoundPlace> {
        let page = try await found(filter, sort, paging)
        guard filter.itinerantOn != nil else { return page }
        let stops = try await stops(of: page.items.map(\.place.id), for: filter)
        return page.map { $0.stopping(at: stops[$0.place.id] ?? []) }
    }

    private func found(_ filter: PlaceFilter, _ sort: PlaceSort, _ paging: Paging) async throws(PostgresError) -> Page<FoundPlace> {
        if let instant = filter.openAt { return try await search(filter, openAt: instant, sort, paging) }
        let rows = try await rows(
            filter, sort, after: paging.after.map { Rank(sort, $0) }, limit: paging.limit + 1, columns: Place.columns, as: RankedPlace.self)
        return page(rows.map { FoundPlace($0, filter, sort) }, paging)
    }

    /// Places that are open: their hours are asked here and not in SQL, so the list is read on until the page is full.
    private func search(
        _ filter: PlaceFilter, openAt instant: Date, _ sort: PlaceSort, _ paging: Paging
    ) async throws(PostgresError) -> Page<FoundPlace> {
        var open: [HoursRow] = []
        var after = paging.after.map { Rank(sort, $0) }
        var piece = 4 * (paging.limit + 1)
        while open.count <= paging.limit {
            let rows = try await rows(
                filter, sort, after: after, limit: piece, columns: "id, opening_hours, latitude, longitude", as: HoursRow.self)
            open += rows.filter { $0.isOpen(at: instant) }
            guard rows.count == piece, let last = rows.last else { break }
            after = last.rank
            piece = 2000
        }
        let wanted = Array(open.prefix(paging.limit + 1))
        let places = try await query("SELECT \(Place.columns) FROM places WHERE id = ANY (\(wanted.map(\.id)))", as: Place.self)
        let byID = Dictionary(places.map { ($0.id, $0) }) { first, _ in first }
        return page(
            wanted.compactMap { row in byID[row.id].map { FoundPlace(RankedPlace(place: $0, rank: row.rank), filter, sort) } }, paging)
    }

    /// All that is found and open.
    func open(_ filter: PlaceFilter) async throws(PostgresError) -> [Place.ID] {
        guard let instant = filter.openAt else { return [] }
        var open: [Place.ID] = []
        var after: Rank?
        while true {
            let rows = try await rows(
                filter, .id, after: after, limit: 2000, columns: "id, opening_hours, latitude, longitude", as: HoursRow.self)
            open += rows.filter { $0.isOpen(at: instant) }.map(\.id)
            guard rows.count == 2000 else { return open }
            after = rows.last?.rank
        }
    }

    private func page(_ found: [FoundPlace], _ paging: Paging) -> Page<FoundPlace> {
        Page(found, paging) { $0.rank.isEmpty ? [$0.place.id.description] : [$0.rank, $0.place.id.description] }
    }

    private func rows<Row: RowDecodable>(
        _ filter: PlaceFilter, _ sort: PlaceSort, after: Rank?, limit: Int, columns: SQL, as type: Row.Type
    ) async throws(PostgresError) -> [Row] {
        let order = Order(sort, filter)
        let conditions = filter.conditions() + (after.map { [order.after($0)] } ?? [])
        let listed: SQL = "SELECT \(columns), \(order.rank) AS rank FROM places WHERE \(.all(conditions))"
        guard sort == .distance else {
            return try await query("\(listed) ORDER BY \(order.by) LIMIT \(limit)", as: type)
        }
        // Only an index can walk outwards from a point, and only by the distance alone: ids put those in order that are equally far.
        // The planner takes a box for almost empty and would sort all that is in it, 18,000 places around Paris for a page of 50.
        return try await transaction(readOnly: true) { tx throws(PostgresError) in
            tx.later(
                """
                SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), \
                set_config('plan_cache_mode', 'force_generic_plan', true)
                """)
            return try await tx.query(
                """
                SELECT * FROM (\(listed) ORDER BY rank FETCH FIRST \(limit) ROWS WITH TIES) AS nearest \
                ORDER BY rank, id LIMIT \(limit)
                """, as: type)
        }
    }
}

/// Where in an order a place stands.
struct Rank: Sendable {
    /// Of the shape that the order's column has.
    enum Value: Sendable {
        case number(Double)
        case whole(Int)
        case instant(Date)
        case text(String)
    }

    let value: Value?
    let id: Place.ID

    init(_ value: Value?, _ id: Place.ID) {
        self.value = value
        self.id = id
    }

    init(_ sort: PlaceSort, _ cursor: Cursor) {
        let last = cursor.parts.count - 1
        id = cursor.id(last, of: Place.self) ?? Place.ID(UUID())
        value =
            switch sort {
            case .id: nil
            // The bits of the number, so that not a digit is lost.
            case .distance: .number(Double(bitPattern: UInt64(bitPattern: Int64(cursor.number(0)))))
            case .relevance, .quality: .whole(cursor.number(0))
            case .freshness: .instant(cursor.instant(0))
            case .name: .text(cursor.text(0))
            }
    }

    /// As it stands in a cursor.
    var text: String {
        switch value {
        case nil: ""
        case .number(let number): String(Int64(bitPattern: number.bitPattern))
        case .whole(let number): String(number)
        case .instant(let instant): instant.rfc3339
        case .text(let text): text
        }
    }
}

/// The order of a list in SQL.
private struct Order {
    let rank: SQL
    let by: SQL
    private let isDescending: Bool

    init(_ sort: PlaceSort, _ filter: PlaceFilter) {
        switch sort {
        case .id: (rank, by, isDescending) = ("NULL::float8", "id", false)
        case .distance:
            let distance: SQL =
                filter.near.map { near in
                    filter.itinerantOn?.nearest(near, filter) ?? "spot <-> \(near.spot)"
                } ?? "0::float8"
            (rank, by, isDescending) = (distance, "\(distance), id", false)
        case .relevance:
            let asked = PlaceFilter.Words(filter.words ?? "")
            rank = "round(1e6 * (ts_rank(words, \(asked.query)) + word_similarity(\(asked.key), name_key)))::int"
            (by, isDescending) = ("rank DESC, id", true)
        case .freshness: (rank, by, isDescending) = ("known_at", "known_at DESC, id", true)
        case .quality: (rank, by, isDescending) = ("quality", "quality DESC, id", true)
        case .name: (rank, by, isDescending) = ("name_key", "name_key, id", false)
        }
    }

    func after(_ last: Rank) -> SQL {
        guard let value = last.value else { return "id > \(last.id)" }
        let bound: SQL =
            switch value {
            case .number(let number): "\(number)"
            case .whole(let number): "\(number)"
            case .instant(let instant): "\(instant)"
            case .text(let text): "\(text)"
            }
        return isDescending
            ? "(\(rank) < \(bound) OR \(rank) = \(bound) AND id > \(last.id))" : "(\(rank), id) > (\(bound), \(last.id))"
    }
}

extension FoundPlace {
    /// The same with its stops; the nearest says how far it is.
    fileprivate func stopping(at stops: [StopOnDay]) -> FoundPlace {
        var found = self
        found.stops = stops
        if distance != nil || stops.first?.distance != nil { found.distance = stops.first?.distance }
        return found
    }

    fileprivate init(_ row: RankedPlace, _ filter: PlaceFilter, _ sort: PlaceSort) {
        place = row.place
        distance = filter.near.flatMap { near in row.place.location.map { near.location.distance(to: $0) } }
        rank = row.rank.text
    }
}

private struct RankedPlace: RowDecodable {
    static let columns: SQL = "rank"
    let place: Place
    let rank: Rank

    init(place: Place, rank: Rank) {
        self.place = place
        self.rank = rank
    }

    init(row: borrowing Row) throws(PostgresError) {
        place = try Place(row: row)
        rank = Rank(try Rank.Value(row: row), place.id)
    }
}

private struct HoursRow: RowDecodable {
    static let columns: SQL = "rank"
    let id: Place.ID
    let rank: Rank
    private let hours: String?
    private let location: Location?

    init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        hours = try row["opening_hours"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { nil }
        rank = Rank(try Rank.Value(row: row), id)
    }

    func isOpen(at instant: Date) -> Bool {
        guard let hours, let read = KnownHours.shared.hours(hours) else { return false }
        return read.status(at: instant, in: .of(location)).state == .open
    }
}

extension Rank.Value {
    /// The column `rank`, of whatever type it is.
    fileprivate init?(row: borrowing Row) throws(PostgresError) {
        switch try row.type(of: "rank") {
        case PostgresType.float8.oid:
            guard let number: Double = try row["rank"] else { return nil }
            self = .number(number)
        case PostgresType.int4.oid: self = .whole(try row["rank"])
        case PostgresType.timestamptz.oid: self = .instant(try row["rank"])
        default: self = .text(try row["rank"])
        }
    }
}
