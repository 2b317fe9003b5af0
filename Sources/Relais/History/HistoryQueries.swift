import Foundation
import Postgres

extension SQL {
    /// The versions of one entry that `condition` chooses, newest first, each with the event that tells of it.
    ///
    /// That is the event of the same subject in the same transaction, or, where a transaction tells of many at once, its first. (The subquery
    /// with OFFSET keeps PostgreSQL from reading all events of a large transaction for each version.)
    fileprivate static func kept<Entry: Historic>(_: Entry.Type, of id: Entry.ID, where condition: SQL, limit: Int) -> SQL {
        """
        SELECT \(Kept<Entry>.columns)
          FROM (SELECT * FROM \(Entry.versions) WHERE kept_subject = \(id.description) AND (\(condition))
                 ORDER BY kept_version DESC LIMIT \(limit)) versions
          LEFT JOIN LATERAL (
                SELECT e.kind AS event, e.actor_role, e.actor, e.data FROM (SELECT * FROM events WHERE subject = kept_subject OFFSET 0) e
                 WHERE e.transaction = kept_transaction ORDER BY e.position LIMIT 1) own ON true
          LEFT JOIN LATERAL (
                SELECT e.kind AS event, e.actor_role, e.actor FROM events e
                 WHERE own.event IS NULL AND e.transaction = kept_transaction ORDER BY e.position LIMIT 1) other ON true
         CROSS JOIN LATERAL (
                SELECT coalesce(own.event, other.event) AS kept_event, coalesce(own.actor_role, other.actor_role) AS kept_role,
                       coalesce(own.actor, other.actor) AS kept_actor, (own.data ->> 'undoes')::int AS kept_undoes,
                       (own.data ->> 'import')::uuid AS kept_import, (own.data ->> 'undone')::uuid AS kept_undone) told
         ORDER BY kept_version DESC
        """
    }
}

extension Database {
    /// A piece of the history of an entry, newest first.
    public func history<Entry: Historic>(of _: Entry.Type, _ id: Entry.ID, _ paging: Paging) async throws(PostgresError) -> Page<
        HistoryEntry
    > {
        let before = paging.after?.number(0)
        // One more tells what the last of the page changed.
        let kept = try await query(
            .kept(Entry.self, of: id, where: before.map { "kept_version < \($0)" } ?? "TRUE", limit: paging.limit + 1), as: Kept<Entry>.self
        )
        return Page(HistoryEntry.changes(of: kept), paging) { [String($0.version)] }
    }

    /// Whether versions of it are kept: of one that is gone, too.
    public func isKept<Entry: Historic>(_: Entry.Type, _ id: Entry.ID) async throws(PostgresError) -> Bool {
        try await value(
            "SELECT EXISTS (SELECT FROM row_versions WHERE kind = \(Entry.kind) AND subject = \(id.description))", as: Bool.self) ?? false
    }

    /// The entry as it was at an instant; `nil` when it was not there yet, or nothing is known of that time.
    public func entry<Entry: Historic>(_: Entry.Type, _ id: Entry.ID, asOf instant: Date) async throws(PostgresError) -> Entry? {
        try await first(
            """
            SELECT \(Entry.columns) FROM \(Entry.versions) WHERE kept_subject = \(id.description) AND kept_at <= \(instant)
             ORDER BY kept_version DESC LIMIT 1
            """, as: Entry.self)
    }
}

extension Session where Failure == RegistryError {
    /// Locks these entries in the order of their ids, whatever is done to them after.
    func lock<Past: Historic>(_ ids: [String], of _: Past.Type) async throws(RegistryError) {
        try await execute(
            """
            SELECT FROM \(Past.table) WHERE \(Past.key.column) = ANY ((\(ids))::\(Past.key.type)[]) ORDER BY \(Past.key.column) FOR NO KEY UPDATE
            """)
    }

    /// Waits for whoever is changing the entry just now, when any version of it is meant: what it then has is changed, and nobody is told to try again.
    ///
    /// - Parameter others: What the change will lock, too. All are locked in one order, so that two of whom each names the other wait in turn.
    func lock<Past: Historic>(
        _ id: Past.ID, and others: [Past.ID] = [], of _: Past.Type, if precondition: Precondition
    ) async throws(RegistryError) {
        if precondition == .any || !others.isEmpty { try await lock(([id] + others).map(\.description), of: Past.self) }
    }

    /// The present version, and those from `version` on, newest first, with the one before it: at most `limit`.
    func kept<Entry: Historic>(_: Entry.Type, of id: Entry.ID, from version: Int, limit: Int) async throws(RegistryError) -> [Kept<Entry>] {
        try await query(.kept(Entry.self, of: id, where: "kept_version >= \(version)", limit: limit), as: Kept<Entry>.self)
    }

    /// The version and the one before it.
    func kept<Entry: Historic>(_: Entry.Type, of id: Entry.ID, upTo version: Int) async throws(RegistryError) -> [Kept<Entry>] {
        try await query(.kept(Entry.self, of: id, where: "kept_version <= \(version)", limit: 2), as: Kept<Entry>.self)
    }
}
