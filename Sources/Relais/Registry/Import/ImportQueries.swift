import Foundation
import Postgres

/// What the registry has of a record.
struct KnownPlace: Sendable {
    let place: Place
    /// What the source said last; `nil` when it has not been heard of since that is kept.
    var said: PlaceDraft?
    /// What a file has said of corrections beside it; see ``ThreeWayMerge/alsoSaid``.
    var also: PlaceDraft?
    /// As the place was when somebody else than an import made it: what was changed since is a correction.
    var made: PlaceDraft?
    var hasVanished = false
    /// The days that exports filled in as the one of its record's last change, while none was known; looked up where the record may tell one.
    var filledDays: Set<Day> = []

    /// What a merge starts from.
    var base: PlaceDraft? { said ?? made }

    /// The same with other values of the place; with those that it has when there are none.
    func holding(_ draft: PlaceDraft?) -> KnownPlace {
        guard let draft else { return self }
        var known = KnownPlace(
            place: Place(id: place.id, details: draft, record: place.record, standing: place.standing), said: said, made: made)
        (known.also, known.hasVanished, known.filledDays) = (also, hasVanished, filledDays)
        return known
    }
}

/// The base of a merge, with the key that it stands under.
private struct SaidRow: RowDecodable {
    static let columns: SQL = "key_source, key_id, place_id, vanished, \(PlaceDraft.columns)"
    let key: SourceKey
    let place: Place.ID
    let hasVanished: Bool
    let draft: PlaceDraft

    init(row: borrowing Row) throws(PostgresError) {
        key = SourceKey(source: try row["key_source"], id: try row["key_id"])
        place = try row["place_id"]
        hasVanished = try row["vanished"]
        draft = try PlaceDraft(row: row)
    }
}

/// A place as it was made.
private struct MadeRow: RowDecodable {
    static let columns: SQL = "made_place, \(PlaceDraft.columns)"
    let place: Place.ID
    let draft: PlaceDraft

    init(row: borrowing Row) throws(PostgresError) {
        place = try row["made_place"]
        draft = try PlaceDraft(row: row)
    }
}

/// A day that an export filled in.
private struct FilledRow: RowDecodable {
    static let columns: SQL = "subject::uuid AS place, at"
    let place: Place.ID
    let day: Day

    init(row: borrowing Row) throws(PostgresError) {
        place = try row["place"]
        let at: Date = try row["at"]
        day = Day.today(at: at)
    }
}

extension Session where Failure == RegistryError {
    /// The places that the registry has of these records: by what their sources said before, else by the source and id that the place itself
    /// names, else, for what was made here and exported, by its own id. Locked, so that what is compared is what is changed.
    func known(of rows: [PlaceRow], locking: Bool) async throws(RegistryError) -> [SourceKey: KnownPlace] {
        let keys = rows.map { SourceKey($0.draft) }
        let said = try await query(
            """
            SELECT \(SaidRow.columns)
              FROM (SELECT s.source AS key_source, s.source_id AS key_id, s.place_id, s.vanished_at IS NOT NULL AS vanished, s.values
                      FROM unnest(\(keys.map(\.source)), \(keys.map(\.id))) AS k (source, id)
                      JOIN place_sources s ON s.source = k.source AND s.source_id = k.id) AS found,
                   jsonb_populate_record(NULL::places, found.values)
            """, as: SaidRow.self)
        let also = try await query(
            """
            SELECT \(SaidRow.columns)
              FROM (SELECT s.source AS key_source, s.source_id AS key_id, s.place_id, false AS vanished, s.values->'also' AS values
                      FROM unnest(\(keys.map(\.source)), \(keys.map(\.id))) AS k (source, id)
                      JOIN place_sources s ON s.source = k.source AND s.source_id = k.id WHERE s.values ? 'also') AS found,
                   jsonb_populate_record(NULL::places, found.values)
            """, as: SaidRow.self)
        let told = Set(said.map(\.key))
        let others = keys.filter { !told.contains($0) }
        let own = others.compactMap { Place.ID($0.id) }
        let lock: SQL = locking ? "FOR UPDATE" : ""
        let places = try await query(
            """
            SELECT \(Place.columns) FROM places
             WHERE id IN (SELECT unnest(\(said.map(\.place)))
                          UNION SELECT p.id FROM unnest(\(others.map(\.source)), \(others.map(\.id))) AS k (source, id)
                                  JOIN places p ON coalesce(p.source, '') = k.source AND p.source_id = k.id
                          UNION SELECT id FROM places WHERE id = ANY (\(own)) AND source_id IS NULL)
             ORDER BY id \(lock)
            """, as: Place.self)
        let byID = Dictionary(places.map { ($0.id, $0) }) { first, _ in first }
        let heard = Set(said.map(\.place))
        let unheard = places.map(\.id).filter { !heard.contains($0) }
        let made = unheard.isEmpty ? [] : try await firstVersions(of: unheard)
        let madeByID = Dictionary(made.map { ($0.place, $0.draft) }) { first, _ in first }
        var known = Dictionary(places.map { (SourceKey($0), KnownPlace(place: $0, made: madeByID[$0.id])) }) { first, _ in first }
        // What was merged away and had never been heard of by an import is spoken of under the place that it is now.
        let merged = places.filter { $0.record.archivedAt != nil && $0.sourceID != nil && !heard.contains($0.id) }
        for lost in merged {
            let survivor = try await first(
                "SELECT \(Place.columns) FROM places WHERE id = surviving_place(\(lost.id)) AND id <> \(lost.id) \(lock)", as: Place.self)
            if let survivor { known[SourceKey(lost)] = KnownPlace(place: survivor, made: madeByID[lost.id]) }
        }
        for row in said {
            guard let place = byID[row.place] else { continue }
            known[row.key] = KnownPlace(place: place, said: row.draft, hasVanished: row.hasVanished)
        }
        for row in also { known[row.key]?.also = row.draft }
        // An export names no source of what was made here. Whoever brings it back may name one for all that have none.
        for key in others where known[key] == nil {
            guard let id = Place.ID(key.id), let place = byID[id], place.sourceID == nil else { continue }
            known[key] = KnownPlace(place: place, made: madeByID[id])
        }
        let undated = rows.compactMap { row -> Place.ID? in
            guard row.draft.updatedOn != nil, let found = known[SourceKey(row.draft)] else { return nil }
            return found.place.updatedOn == nil || found.base?.updatedOn == nil ? found.place.id : nil
        }
        if undated.isEmpty { return known }
        let filled = try await filledDays(of: undated)
        for key in keys {
            if let place = known[key]?.place.id, let days = filled[place] { known[key]?.filledDays = days }
        }
        return known
    }

    /// The days on which these places were changed last, at any time when no day of change was known of their records: what exports wrote in its place.
    private func filledDays(of places: [Place.ID]) async throws(RegistryError) -> [Place.ID: Set<Day>] {
        let rows = try await query(
            """
            SELECT \(FilledRow.columns) FROM row_versions v
             WHERE v.kind = \(PastPlace.kind) AND v.subject = ANY (\(places.map(\.description))) AND v.row->>'updated_on' IS NULL
            """, as: FilledRow.self)
        return Dictionary(grouping: rows, by: \.place).mapValues { Set($0.map(\.day)) }
    }

    /// Places as they were made, of those whose history goes back so far.
    private func firstVersions(of places: [Place.ID]) async throws(RegistryError) -> [MadeRow] {
        try await query(
            """
            SELECT \(MadeRow.columns)
              FROM (SELECT v.subject::uuid AS made_place, v.row AS kept FROM row_versions v
                     WHERE v.kind = \(PastPlace.kind) AND v.subject = ANY (\(places.map(\.description))) AND v.version = 1) AS found,
                   jsonb_populate_record(NULL::places, found.kept)
            """, as: MadeRow.self)
    }

    /// Writes a piece of an import in one statement: places, what their sources say, what was there before, and the events.
    func write(_ payload: PlacePayload, of id: FileImport.ID, by caller: Caller, at now: Date) async throws(RegistryError) {
        if payload.count == 0 { return }
        try await execute(
            """
            WITH e AS MATERIALIZED (
                SELECT x->>'kind' AS kind, (x->>'place')::uuid AS place, (x->>'version')::int AS version, x->>'source' AS key_source,
                       x->>'source_id' AS key_id, x->'changed' AS changed, x->'members' AS members, x->'row' AS entry, x->'said' AS said,
                       CASE WHEN x ? 'also' THEN x->'said' || jsonb_build_object('also', x->'also') ELSE x->'said' END AS words
                  FROM jsonb_array_elements(\(payload.json)) AS x
            ), remembered AS (
                INSERT INTO import_changes (import_id, place_id, kind, source, source_id, changed, version, former, former_source)
                SELECT \(id), e.place, e.kind, coalesce(e.key_source, ''), e.key_id, ARRAY(SELECT jsonb_array_elements_text(e.changed)), e.version,
                       (SELECT jsonb_object_agg(c, to_jsonb(p)->c) FROM places p, jsonb_array_elements_text(e.changed) AS c
                         WHERE p.id = e.place AND e.kind = 'changed'),
                       (SELECT to_jsonb(s) FROM place_sources s WHERE s.source = e.key_source AND s.source_id = e.key_id)
                  FROM e
            ), made AS (
                INSERT INTO places (id, \(PlaceDraft.columns), created_at, updated_at)
                SELECT e.place, \(PlaceDraft.columns), \(now), \(now) FROM e, jsonb_populate_record(NULL::places, e.said) AS r
                 WHERE e.kind = 'created'
            ), changed AS (
                UPDATE places p
                   SET (\(PlaceDraft.columns)) = (SELECT \(PlaceDraft.columns) FROM jsonb_populate_record(NULL::places, e.entry) AS r),
                       version = e.version, updated_at = \(now)
                  FROM e WHERE p.id = e.place AND e.kind = 'changed'
            ), told AS (
                INSERT INTO place_sources (source, source_id, place_id, values, said_at)
                SELECT e.key_source, e.key_id, e.place, e.words, \(now) FROM e WHERE e.key_id IS NOT NULL
                ON CONFLICT (source, source_id) DO UPDATE SET values = excluded.values, said_at = excluded.said_at, vanished_at = NULL
            )
            INSERT INTO events (at, kind, subject, actor_role, actor, data)
            SELECT \(now), 'place.' || e.kind, e.place, \(caller.role), \(caller.token),
                   CASE e.kind WHEN 'created' THEN jsonb_build_object('import', \(id)::uuid)
                               ELSE jsonb_build_object('changed', e.members, 'import', \(id)::uuid) END
              FROM e WHERE e.kind IN ('created', 'changed')
            """)
    }

    /// Has PostgreSQL count what an import fills. By itself it does so a minute later; until then it takes the tables for small, and sorts all places for a
    /// page of a list.
    func countAfterImport() async throws(RegistryError) {
        try await execute("ANALYZE (SKIP_LOCKED) places, place_sources, import_changes, row_versions")
    }

    /// Marks the records of a source that a file no longer has.
    ///
    /// - Returns: How many had not been marked before.
    func vanish(
        _ source: String, but ids: [String], in id: FileImport.ID?, by caller: Caller, at now: Date
    ) async throws(RegistryError) -> Int {
        // Not `<> ALL`, which would go through a hundred thousand ids for each record.
        let gone: SQL =
            """
            source = \(source) AND vanished_at IS NULL
                AND NOT EXISTS (SELECT FROM unnest(\(ids)) AS there (id) WHERE there.id = place_sources.source_id)
            """
        guard let id else {
            return try await value(
                "SELECT count(*) FROM place_sources WHERE \(gone)", as: Int.self) ?? 0
        }
        return try await value(
            """
            WITH gone AS (
                UPDATE place_sources SET vanished_at = \(now) WHERE \(gone)
                RETURNING source, source_id, place_id
            ), remembered AS (
                INSERT INTO import_changes (import_id, place_id, kind, source, source_id, changed, version, former_source)
                SELECT \(id), g.place_id, 'vanished', g.source, g.source_id, '{}', p.version, to_jsonb(s)
                  FROM gone g JOIN place_sources s USING (source, source_id) JOIN places p ON p.id = g.place_id
            ), told AS (
                INSERT INTO events (at, kind, subject, actor_role, actor, data)
                SELECT \(now), 'place.vanished', place_id, \(caller.role), \(caller.token), jsonb_build_object('import', \(id)::uuid) FROM gone
            )
            SELECT count(*) FROM gone
            """, as: Int.self) ?? 0
    }

    /// Gives each row its commune: by INSEE code, else by postcode and name. With none or several the place is kept without one, and a warning.
    func findCommunes(of rows: inout [PlaceRow]) async throws(RegistryError) {
        let known = Set(
            try await values(
                "SELECT insee_code FROM communes WHERE insee_code = ANY (\(rows.compactMap(\.draft.commune)))", as: Commune.ID.self))
        let lost = rows.indices.filter { index in rows[index].draft.commune.map { !known.contains($0) } ?? true }
        if lost.isEmpty { return }
        let found = try await communes(at: lost.map { CommuneAddress(rows[$0].draft) })
        for index in lost {
            let draft = rows[index].draft
            if let code = draft.commune {
                rows[index].warn(
                    "code_insee", code, "unknown_code", "There is no commune with this code: it was looked for by postcode and name.")
            }
            let alike = found[CommuneAddress(draft)] ?? []
            rows[index].draft.commune = alike.count == 1 ? alike.first?.id : nil
            if alike.count == 1 { continue }
            let count = alike.isEmpty ? "No commune has" : "Several communes have"
            rows[index].warn(
                "commune", "\(draft.postcode) \(draft.communeName)", alike.isEmpty ? "unknown_commune" : "several_communes",
                "\(count) this name and postcode: the place is kept without a commune.")
        }
    }
}
