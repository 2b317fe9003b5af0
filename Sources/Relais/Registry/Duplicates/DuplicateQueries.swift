import Foundation
import Matching
import Postgres

/// Which of the found pairs are asked for.
public struct DuplicateFilter: Sendable {
    /// Pairs that this place is of.
    public var place: Place.ID?
    /// 0…1
    public var minimum: Double?

    public init() {}

    fileprivate var conditions: [SQL] {
        var conditions: [SQL] = [
            "a.archived_at IS NULL AND b.archived_at IS NULL",
            "(d.first_id, d.second_id) NOT IN (\(SQL.dismissed))",
        ]
        if let place { conditions.append("surviving_place(\(place)) IN (d.first_id, d.second_id)") }
        if let minimum { conditions.append("d.score >= \(Int((minimum * 1000).rounded(.up)))") }
        return conditions
    }
}

extension Database {
    /// A piece of the list of pairs that were found and are still to be settled, the likest first.
    public func duplicates(_ filter: DuplicateFilter, _ paging: Paging) async throws(PostgresError) -> Page<FoundPair> {
        var conditions = filter.conditions
        if let after = paging.after, let first = after.id(1, of: Place.self), let second = after.id(2, of: Place.self) {
            conditions.append("(d.score, d.first_id, d.second_id) < (\(after.number(0)), \(first), \(second))")
        }
        let found = try await query(
            """
            SELECT \(FoundPair.columns)
              FROM duplicate_pairs AS d JOIN places AS a ON a.id = d.first_id JOIN places AS b ON b.id = d.second_id
             WHERE \(.all(conditions))
             ORDER BY d.score DESC, d.first_id DESC, d.second_id DESC LIMIT \(paging.limit + 1)
            """, as: FoundPair.self)
        return Page(found, paging) { ["\(Int(($0.score * 1000).rounded()))", $0.first.id.description, $0.second.id.description] }
    }

    /// A piece of the list of pairs that are known to be two places.
    public func dismissedDuplicates(_ paging: Paging) async throws(PostgresError) -> Page<DismissedPair> {
        var condition: SQL = "TRUE"
        if let after = paging.after, let first = after.id(0, of: Place.self), let second = after.id(1, of: Place.self) {
            condition = "(d.first_id, d.second_id) > (\(first), \(second))"
        }
        let found = try await query(
            """
            SELECT \(DismissedPair.columns)
              FROM not_duplicates AS d JOIN places AS a ON a.id = d.first_id JOIN places AS b ON b.id = d.second_id
             WHERE \(condition) ORDER BY d.first_id, d.second_id LIMIT \(paging.limit + 1)
            """, as: DismissedPair.self)
        return Page(found, paging) { [$0.first.id.description, $0.second.id.description] }
    }

    /// The place, or the one that it was merged into.
    public func livingPlace(_ id: Place.ID) async throws(PostgresError) -> Place? {
        let place = try await place(id)
        guard place?.record.archivedAt != nil else { return place }
        return try await first("SELECT \(Place.columns) FROM places WHERE id = surviving_place(\(id))", as: Place.self)
    }
}

extension Session where Failure == RegistryError {
    /// All places that are in the lists, read in pieces: only what is compared is kept of each.
    func comparedPlaces() async throws(RegistryError) -> [ComparedPlace] {
        var places: [ComparedPlace] = []
        var condition: SQL = "archived_at IS NULL"
        while true {
            let piece = try await query(
                "SELECT \(ComparedPlace.columns) FROM places WHERE \(condition) ORDER BY id LIMIT 2000", as: ComparedPlace.self)
            places += piece
            guard let last = piece.last, piece.count == 2000 else { return places }
            condition = "archived_at IS NULL AND id > \(last.id)"
        }
    }

    func dismissedPairs() async throws(RegistryError) -> Set<PlacePair> {
        Set(try await query("\(SQL.dismissed)", as: PairRow.self).map(\.pair))
    }

    /// Puts what a search among `places` found in the place of what earlier ones did. A pair with a place that was made meanwhile stays.
    func replaceFound(_ pairs: [DuplicatePair], among places: [Place.ID], at now: Date) async throws(RegistryError) {
        try await execute(
            """
            WITH read AS MATERIALIZED (SELECT unnest(\(places)) AS id)
            DELETE FROM duplicate_pairs WHERE first_id IN (SELECT id FROM read) AND second_id IN (SELECT id FROM read)
            """)
        for start in stride(from: 0, to: pairs.count, by: 1000) {
            try await remember(pairs[start..<min(start + 1000, pairs.count)].map(FoundRow.init), at: now)
        }
    }

    /// Adds the pairs of a place that was made although it may be another.
    func remember(_ candidates: [DuplicateCandidate], of place: Place.ID, at now: Date) async throws(RegistryError) {
        if candidates.isEmpty { return }
        try await remember(candidates.map { FoundRow(PlacePair($0.place.id, place), $0.likeness) }, at: now)
    }

    private func remember(_ rows: [FoundRow], at now: Date) async throws(RegistryError) {
        try await execute(
            """
            INSERT INTO duplicate_pairs (first_id, second_id, score, reasons, found_at)
            SELECT first_id, second_id, score, reasons, \(now)
              FROM jsonb_to_recordset(\(JSON(rows))) AS r (first_id uuid, second_id uuid, score integer, reasons jsonb)
             -- An import that was undone meanwhile has taken its places out.
             WHERE EXISTS (SELECT FROM places WHERE id = first_id) AND EXISTS (SELECT FROM places WHERE id = second_id)
            ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons, found_at = excluded.found_at
            """)
    }

    /// The places that `place` may be, out of those that share a number, a telephone, the town or the neighbourhood with it: by indexes, never by
    /// looking at all.
    func candidates(for place: ComparedPlace) async throws(RegistryError) -> [DuplicateCandidate] {
        let likest: SQL = "ORDER BY similarity(name_key, (SELECT spoken_key(\(place.name + " " + place.town)))) DESC, id LIMIT 300"
        var ways: [SQL] = ["SELECT id FROM places WHERE archived_at IS NULL AND postcode = \(place.postcode) \(likest)"]
        if let commune = place.commune {
            ways.append("SELECT id FROM places WHERE archived_at IS NULL AND commune = \(commune) \(likest)")
        }
        if let pivot = place.pivot { ways.append("SELECT id FROM places WHERE archived_at IS NULL AND upper(pivot) = \(pivot) LIMIT 100") }
        if let phone = place.phone {
            ways.append("SELECT id FROM places WHERE archived_at IS NULL AND phone_end(phone) = \(String(phone.suffix(9))) LIMIT 100")
        }
        if let location = place.location {
            let point: SQL = "(SELECT on_sphere(\(location.latitude), \(location.longitude)))"
            // On a sphere whose radius is 1: 600 m.
            ways.append(
                """
                SELECT id FROM places WHERE archived_at IS NULL AND spot <@ cube_enlarge(\(point), 0.000094, 3)
                 ORDER BY spot <-> \(point) LIMIT 200
                """)
        }
        let found = try await query(
            "SELECT \(ComparedPlace.columns) FROM places WHERE id IN (\(.joined(ways.map { "(\($0))" }, by: " UNION ")))",
            as: ComparedPlace.self)
        return DuplicateSearch.candidates(for: place, among: found)
    }

    /// - Returns: Whether the pair is new.
    func dismiss(_ pair: PlacePair, by caller: Caller, at now: Date) async throws(RegistryError) -> Bool {
        try await execute(
            """
            INSERT INTO not_duplicates (first_id, second_id, dismissed_at, dismissed_by)
            VALUES (\(pair.first), \(pair.second), \(now), \(caller.token)) ON CONFLICT DO NOTHING
            """) == 1
    }

    func dismissed(_ pair: PlacePair) async throws(RegistryError) -> DismissedPair {
        try await inserted(
            """
            SELECT \(DismissedPair.columns)
              FROM not_duplicates AS d JOIN places AS a ON a.id = d.first_id JOIN places AS b ON b.id = d.second_id
             WHERE (d.first_id, d.second_id) = (\(pair.first), \(pair.second))
            """, as: DismissedPair.self)
    }

    /// Forgets it under whatever ids it was said of the two, one of which may have been merged since.
    ///
    /// - Returns: Whether it was known.
    func recall(_ pair: PlacePair) async throws(RegistryError) -> Bool {
        try await execute(
            """
            DELETE FROM not_duplicates
             WHERE surviving_place(\(pair.first)) IN (surviving_place(first_id), surviving_place(second_id))
               AND surviving_place(\(pair.second)) IN (surviving_place(first_id), surviving_place(second_id))
               AND (surviving_place(first_id) <> surviving_place(second_id) OR (first_id, second_id) = (\(pair.first), \(pair.second)))
            """) > 0
    }
}

extension SQL {
    /// The pairs that are known to be two places, each under the id of the place that it is by now: what was said of one that was merged is said of the survivor.
    fileprivate static let dismissed: SQL = """
        SELECT least(one, other) AS first_id, greatest(one, other) AS second_id
          FROM (SELECT surviving_place(first_id) AS one, surviving_place(second_id) AS other FROM not_duplicates) AS pairs WHERE one <> other
        """
}

private struct PairRow: RowDecodable {
    static let columns: SQL = "first_id, second_id"
    let pair: PlacePair

    init(row: borrowing Row) throws(PostgresError) { pair = PlacePair(try row["first_id"], try row["second_id"]) }
}

/// A pair as it is stored: the score in thousandths.
private struct FoundRow: Sendable, Encodable {
    let first: Place.ID
    let second: Place.ID
    let score: Int
    let reasons: [Likeness.Reason]

    init(_ pair: DuplicatePair) { self.init(PlacePair(pair.first.id, pair.second.id), pair.likeness) }

    init(_ pair: PlacePair, _ likeness: Likeness) {
        first = pair.first
        second = pair.second
        score = Int((likeness.score * 1000).rounded())
        reasons = likeness.reasons
    }

    private enum CodingKeys: String, CodingKey {
        case first = "first_id"
        case second = "second_id"
        case score, reasons
    }
}
