import Foundation
import Postgres

/// A piece of an undoing: how far it came, and what came of it.
struct UndonePiece: RowDecodable {
    static let columns: SQL = "last, removed, restored, kept"
    /// The position below which to go on; `nil` when nothing was left.
    let last: Int64?
    let removed: Int
    let restored: Int
    let kept: Int

    init(row: borrowing Row) throws(PostgresError) {
        last = try row["last"]
        removed = try row["removed"]
        restored = try row["restored"]
        kept = try row["kept"]
    }
}

/// How far an undoing is.
private struct BegunUndoing: RowDecodable {
    static let columns: SQL = "undoing, (undoing->>'before')::bigint AS before"
    let report: UndoReport
    let before: Int64

    init(row: borrowing Row) throws(PostgresError) {
        let report: JSON<UndoReport> = try row["undoing"]
        self.report = report.value
        before = try row["before"]
    }
}

extension Session where Failure == RegistryError {
    /// An import may be undone when it wrote something and no later one, that stands, touched the same places, or the same records, which a merge
    /// may have given another place: the latest goes first.
    func checkUndoable(_ id: FileImport.ID, if statuses: Set<FileImport.Status>) async throws(RegistryError) {
        guard let found = try await first("SELECT \(FileImport.columns) FROM imports WHERE id = \(id) FOR UPDATE", as: FileImport.self)
        else {
            throw .unknown
        }
        guard statuses.contains(found.status), !found.isDryRun else { throw .conflict(.importNotUndoable) }
        let isOvertaken = try await exists(
            """
            SELECT 1 FROM import_changes c
              JOIN import_changes l ON l.place_id = c.place_id AND l.position > c.position AND l.import_id <> c.import_id
              JOIN imports i ON i.id = l.import_id AND i.status <> 'undone'
             WHERE c.import_id = \(id)
            UNION ALL
            SELECT 1 FROM import_changes c
              JOIN place_sources s ON s.source = c.source AND s.source_id = c.source_id AND s.place_id <> c.place_id
              JOIN import_changes l ON l.source = s.source AND l.source_id = s.source_id AND l.position > c.position AND l.import_id <> c.import_id
              JOIN imports i ON i.id = l.import_id AND i.status <> 'undone'
             WHERE c.import_id = \(id)
            """)
        if isOvertaken { throw .conflict(.importOvertaken) }
    }

    /// Notes that an undoing begins, or goes on.
    ///
    /// - Returns: What it has done so far, and the position below which to go on.
    func beginUndoing(_ id: FileImport.ID) async throws(RegistryError) -> (UndoReport, Int64) {
        // One that is said to be running was interrupted: no other is at work now.
        try await checkUndoable(id, if: [.done, .failed, .running, .undoing])
        try await execute("UPDATE imports SET status = 'undoing' WHERE id = \(id)")
        let begun = try await first(
            "SELECT \(BegunUndoing.columns) FROM imports WHERE id = \(id) AND undoing ? 'before'", as: BegunUndoing.self)
        return begun.map { ($0.report, $0.before) } ?? (UndoReport(id: id), .max)
    }

    /// Notes how far an undoing is, in the transaction of what it tells of.
    func note(_ report: UndoReport, before: Int64) {
        later("UPDATE imports SET undoing = \(JSON(report)) || jsonb_build_object('before', \(before)::bigint) WHERE id = \(report.id)")
    }

    /// Undoes the next changes of an import, the last first. Done twice, the second time does nothing.
    ///
    /// A column has its former value back where it still holds what the import wrote; of a place that was archived since, or merged into another, none
    /// has. A place is gone when it is as the import made it, and the pairs of likely duplicates that it was one of are gone with it.
    func undo(
        _ id: FileImport.ID, before: Int64, limit: Int, by caller: Caller, at now: Date
    ) async throws(RegistryError) -> UndonePiece {
        let piece: SQL =
            "SELECT * FROM import_changes WHERE import_id = \(id) AND position < \(before) ORDER BY position DESC LIMIT \(limit)"
        try await execute("SELECT FROM places WHERE id IN (SELECT place_id FROM (\(piece)) AS c) ORDER BY id FOR UPDATE")
        let undone = try await first(
            """
            WITH piece AS MATERIALIZED (\(piece)
            ), c AS MATERIALIZED (
                -- Of two changes of one place, the later alone: the other is of the next piece.
                SELECT * FROM piece WHERE position > coalesce(
                    (SELECT max(a.position) FROM piece a JOIN piece b ON b.place_id = a.place_id AND b.position > a.position), 0)
            ), patch AS MATERIALIZED (
                SELECT c.place_id, p.version,
                       -- Who has confirmed it since has said that it is right with what the import wrote. (Not by clocks: the version has what stood in it.)
                       (SELECT jsonb_object_agg(k, c.former->k) FROM unnest(c.changed) AS k
                         WHERE p.archived_at IS NULL AND (w.row IS NULL OR p.confirmed_at IS NOT DISTINCT FROM (w.row->>'confirmed_at')::timestamptz)
                           AND to_jsonb(p)->k IS NOT DISTINCT FROM w.row->k AND to_jsonb(p)->k IS DISTINCT FROM c.former->k) AS former,
                       EXISTS (SELECT FROM unnest(c.changed) AS k
                         WHERE (p.archived_at IS NOT NULL OR p.confirmed_at IS DISTINCT FROM (w.row->>'confirmed_at')::timestamptz OR to_jsonb(p)->k IS DISTINCT FROM w.row->k)
                           AND to_jsonb(p)->k IS DISTINCT FROM c.former->k) AS keeps
                  -- What the import wrote is the version that it made: not every record has a source that could be asked.
                  FROM c JOIN places p ON p.id = c.place_id
                  LEFT JOIN row_versions w ON w.kind = \(PastPlace.kind) AND w.subject = c.place_id::text AND w.version = c.version
                 WHERE c.kind = 'changed'
            ), restored AS (
                UPDATE places p
                   SET (\(PlaceDraft.columns)) = (SELECT \(PlaceDraft.columns) FROM jsonb_populate_record(p, patch.former)),
                       version = p.version + 1, updated_at = \(now)
                  FROM patch WHERE p.id = patch.place_id AND patch.former IS NOT NULL
                RETURNING p.id, ARRAY(SELECT DISTINCT replace(replace(k, 'latitude', 'location'), 'longitude', 'location')
                                        FROM jsonb_object_keys(patch.former) AS k ORDER BY 1) AS members
            ), made AS MATERIALIZED (
                SELECT c.place_id,
                       -- No file tells of a zone or confirms: somebody here does.
                       p.archived_at IS NULL AND p.zone IS NULL AND p.confirmed_at IS NULL AND NOT EXISTS (
                           SELECT FROM jsonb_each(s.values - 'also') AS v WHERE to_jsonb(p)->v.key IS DISTINCT FROM v.value)
                       -- Somebody had it in hand, and left it as it was.
                       AND NOT EXISTS (
                           SELECT FROM events e WHERE e.subject = p.id::text AND NOT e.data ?| '{import,undone}') AS is_as_made
                  FROM c JOIN places p ON p.id = c.place_id JOIN place_sources s ON s.source = c.source AND s.source_id = c.source_id
                 WHERE c.kind = 'created'
            ), removed AS (
                -- Archived first, so that the history and those who follow it are told that it is gone.
                UPDATE places p SET archived_at = \(now), version = p.version + 1, updated_at = \(now)
                  FROM made WHERE p.id = made.place_id AND is_as_made
                RETURNING p.id
            ), stays AS (
                SELECT place_id FROM made WHERE NOT is_as_made
            ), silenced AS (
                -- One that a merge has given another place stays: the next import would find the loser else, and leave it as it is.
                DELETE FROM place_sources s USING c
                 WHERE s.source = c.source AND s.source_id = c.source_id AND s.place_id = c.place_id AND c.former_source IS NULL
                   AND c.place_id NOT IN (SELECT place_id FROM stays)
            ), told AS (
                -- Not the place: no import gives a record another one, a merge does. What was said of the survivor of a merge that was undone since is
                -- no word of the place that came back.
                UPDATE place_sources s SET (values, said_at, vanished_at) = (f.values, f.said_at, f.vanished_at)
                  FROM c, jsonb_populate_record(NULL::place_sources, c.former_source) AS f
                 WHERE s.source = c.source AND s.source_id = c.source_id AND c.former_source IS NOT NULL
                   AND (s.place_id = c.place_id OR s.place_id = surviving_place(c.place_id))
            ), happened AS (
                INSERT INTO events (at, kind, subject, actor_role, actor, data)
                SELECT \(now), 'place.changed', id, \(caller.role), \(caller.token),
                       jsonb_build_object('changed', members, 'undone', \(id)::uuid)
                  FROM restored
                UNION ALL
                SELECT \(now), 'place.removed', id, \(caller.role), \(caller.token), jsonb_build_object('undone', \(id)::uuid) FROM removed
            )
            SELECT (SELECT min(position) FROM c) AS last, (SELECT count(*) FROM removed) AS removed, (SELECT count(*) FROM restored) AS restored,
                   (SELECT count(*) FROM stays) + (SELECT count(*) FROM patch WHERE keeps) AS kept
            """, as: UndonePiece.self)
        guard let undone else { throw .database(.decoding("a SELECT of one row gave none")) }
        if undone.removed > 0, let last = undone.last {
            try await execute(
                """
                WITH gone AS MATERIALIZED (
                    SELECT p.id FROM import_changes c JOIN places p ON p.id = c.place_id
                     WHERE c.import_id = \(id) AND c.position >= \(last) AND c.position < \(before) AND c.kind = 'created'
                       AND p.archived_at = \(now) AND p.updated_at = \(now)
                ), found AS (
                    -- A pair, found or dismissed, means nothing without the place, so it keeps none here.
                    DELETE FROM duplicate_pairs d USING gone WHERE d.first_id = gone.id OR d.second_id = gone.id
                ), dismissed AS (
                    DELETE FROM not_duplicates d USING gone WHERE d.first_id = gone.id OR d.second_id = gone.id
                )
                DELETE FROM places p USING gone WHERE p.id = gone.id
                """)
        }
        return undone
    }

    /// Passes over one change.
    ///
    /// - Returns: Its position.
    func leave(_ id: FileImport.ID, before: Int64) async throws(RegistryError) -> Int64 {
        try await value("SELECT max(position) FROM import_changes WHERE import_id = \(id) AND position < \(before)", as: Int64.self) ?? 0
    }

    func close(undone report: UndoReport, by caller: Caller, at now: Date) async throws(RegistryError) {
        try await execute(
            "UPDATE imports SET status = 'undone', undone_at = \(now), undoing = \(JSON(report)) WHERE id = \(report.id) AND status <> 'undone'"
        )
        // Of one that was interrupted.
        later("DELETE FROM import_files WHERE import_id = \(report.id)")
        try await publish(Event("import.undone", report.id), by: caller, at: now)
    }
}
