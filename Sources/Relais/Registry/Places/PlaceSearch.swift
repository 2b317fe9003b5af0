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
    let rank: Rank<Place>
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

extension Database {
    /// A piece of what is found, in order.
    ///
    /// - Throws: ``PostgresError``. A sort without what it sorts by (distance without ``PlaceFilter/near``) must have been refused before.
    public func search(
        _ filter: PlaceFilter, sort: SearchSort = .id, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<FoundPlace> {
        let page = try await found(filter, sort, paging)
        guard filter.itinerantOn != nil else { return page }
        let stops = try await stops(of: page.items.map(\.place.id), for: filter)
        return page.map { $0.stopping(at: stops[$0.place.id] ?? []) }
    }

    private func found(_ filter: PlaceFilter, _ sort: SearchSort, _ paging: Paging) async throws(PostgresError) -> Page<FoundPlace> {
        if let instant = filter.openAt { return try await search(filter, openAt: instant, sort, paging) }
        let rows = try await rows(
            filter, sort, after: paging.after.map { Rank(sort, $0) }, limit: paging.limit + 1, columns: Place.columns,
            as: Ranked<Place>.self)
        return page(rows.map { FoundPlace($0, filter, sort) }, paging)
    }

    /// Places that are open: their hours are asked here and not in SQL, so the list is read on until the page is full.
    private func search(
        _ filter: PlaceFilter, openAt instant: Date, _ sort: SearchSort, _ paging: Paging
    ) async throws(PostgresError) -> Page<FoundPlace> {
        var open: [HoursRow] = []
        var after = paging.after.map { Rank<Place>(sort, $0) }
        var piece = 4 * (paging.limit + 1)
        while open.count <= paging.limit {
            let rows = try await rows(filter, sort, after: after, limit: piece, columns: HoursRow.asked, as: HoursRow.self)
            open += try await self.open(rows, at: instant)
            guard rows.count == piece, let last = rows.last else { break }
            after = last.rank
            piece = 2000
        }
        let wanted = Array(open.prefix(paging.limit + 1))
        let places = try await query("SELECT \(Place.columns) FROM places WHERE id = ANY (\(wanted.map(\.id)))", as: Place.self)
        let byID = Dictionary(places.map { ($0.id, $0) }) { first, _ in first }
        return page(
            wanted.compactMap { row in byID[row.id].map { FoundPlace(Ranked(entry: $0, rank: row.rank), filter, sort) } }, paging)
    }

    /// All that is found and open; no more are looked for once there are `most`.
    func open(_ filter: PlaceFilter, most: Int) async throws(PostgresError) -> [Place.ID] {
        guard let instant = filter.openAt else { return [] }
        var open: [Place.ID] = []
        var after: Rank<Place>?
        while true {
            let rows = try await rows(filter, .id, after: after, limit: 2000, columns: HoursRow.asked, as: HoursRow.self)
            open += try await self.open(rows, at: instant).map(\.id)
            guard rows.count == 2000, open.count < most else { return open }
            after = rows.last?.rank
        }
    }

    /// Those of a piece that are open by their own hours, or at a stop: the stops are asked for once, and only of those that travel.
    private func open(_ rows: [HoursRow], at instant: Date) async throws(PostgresError) -> [HoursRow] {
        var open = Set(rows.filter { $0.isOpen(at: instant) }.map(\.id))
        let others = rows.filter { $0.isItinerant && !open.contains($0.id) }.map(\.id)
        open.formUnion(try await stopping(others, at: instant))
        return rows.filter { open.contains($0.id) }
    }

    private func page(_ found: [FoundPlace], _ paging: Paging) -> Page<FoundPlace> {
        Page(found, paging) { $0.rank.key }
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

    fileprivate init(_ row: Ranked<Place>, _ filter: PlaceFilter, _ sort: SearchSort) {
        place = row.entry
        distance = filter.near.flatMap { near in row.entry.location.map { near.location.distance(to: $0) } }
        rank = row.rank
    }
}

private struct HoursRow: RowDecodable {
    static let columns: SQL = "rank"
    /// What it asks of a place beside its rank.
    static let asked: SQL = "id, opening_hours, commune, latitude, longitude, 'itinerant' = ANY (itinerance) AS is_itinerant"

    let id: Place.ID
    let rank: Rank<Place>
    let isItinerant: Bool
    private let hours: String?
    private let commune: Commune.ID?
    private let location: Location?

    init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        hours = try row["opening_hours"]
        commune = try row["commune"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { nil }
        isItinerant = try row["is_itinerant"]
        rank = Rank(try Rank.Value(row: row), id)
    }

    func isOpen(at instant: Date) -> Bool {
        guard let hours, let read = KnownHours.shared.hours(hours) else { return false }
        return read.status(at: instant, in: .of(commune, location)).state == .open
    }
}
