import Foundation
import Postgres

extension Database {
    /// The entries of a kind that were changed after `start`, each once, in an order that misses nothing; archived ones among them.
    ///
    /// - Parameters:
    ///   - cluster: The one that gave the position of `start`; `nil` when it has none.
    ///   - table: Where the present entries are read from.
    public func changes<Entry: RowDecodable, Past: Historic>(
        of _: Entry.Type, kept _: Past.Type, from table: SQL, after start: FeedStart, of cluster: String?, limit: Int
    ) async throws(FeedError) -> FeedPage<ChangedEntry<Entry>> {
        try await feed(
            start, of: cluster, limit: limit,
            since: { instant in
                """
                WITH since AS MATERIALIZED (
                    SELECT transaction FROM row_versions WHERE kind = \(Past.kind) AND at >= \(instant.addingTimeInterval(-FeedStart.margin)))
                SELECT transaction::text::bigint FROM since ORDER BY transaction LIMIT 1
                """
            }
        ) { tx, position, horizon throws(FeedError) in
            let fed = try await tx.query(
                """
                SELECT v.subject, v.transaction::text::bigint AS fed_transaction, v.position AS fed_position
                  FROM row_versions v
                 WHERE v.kind = \(Past.kind) AND (v.transaction, v.position) > \(position) AND v.transaction < \(horizon)
                   AND NOT EXISTS (SELECT FROM row_versions later
                                    WHERE later.kind = v.kind AND later.subject = v.subject AND later.version > v.version
                                      AND later.transaction < \(horizon))
                 ORDER BY v.transaction, v.position LIMIT \(limit)
                """, as: Fed<FedSubject>.self)
            let subjects = fed.map(\.item.subject)
            let found = try await tx.query(
                """
                SELECT \(PlacedEntry<Entry>.columns) FROM unnest(\(subjects)) WITH ORDINALITY fed (fed_subject, fed_place)
                  JOIN \(table) ON \(Past.key.column) = fed_subject::\(Past.key.type)
                """, as: PlacedEntry<Entry>.self)
            var items = Dictionary(found.map { (subjects[$0.place - 1], ChangedEntry.present($0.entry)) }) { first, _ in first }
            let missing = subjects.filter { items[$0] == nil }
            if !missing.isEmpty {
                let gone = try await tx.query(
                    """
                    SELECT DISTINCT ON (subject) \(GoneEntry.columns) FROM row_versions
                     WHERE kind = \(Past.kind) AND subject = ANY (\(missing)) ORDER BY subject, version DESC
                    """, as: GoneEntry.self)
                for entry in gone { items[entry.subject] = .gone(id: entry.subject, at: entry.at) }
            }
            return (subjects.compactMap { items[$0] }, fed.map(\.position))
        }
    }

    /// What happened after `start`, in an order that misses nothing.
    ///
    /// - Parameter kinds: The first words of the kinds that the reader may know of (`place` for `place.changed`); `nil`: all.
    public func events(
        after start: FeedPosition, of cluster: String?, kinds: [String]?, limit: Int
    ) async throws(FeedError) -> FeedPage<LoggedEvent> {
        try await feed(.after(start), of: cluster, limit: limit, since: { _ in "SELECT 0" }) { tx, position, horizon throws(FeedError) in
            let known: SQL = if let kinds { "split_part(kind, '.', 1) = ANY (\(kinds))" } else { "TRUE" }
            let fed = try await tx.query(
                """
                SELECT \(LoggedEvent.columns), transaction::text::bigint AS fed_transaction, position AS fed_position FROM events
                 WHERE (transaction, position) > \(position) AND transaction < \(horizon) AND \(known)
                 ORDER BY transaction, position LIMIT \(limit)
                """, as: Fed<LoggedEvent>.self)
            return (fed.map(\.item), fed.map(\.position))
        }
    }

    /// Reads a feed in one snapshot: how far everything is written, then what was written up to there.
    ///
    /// - Parameter read: Gives at most `limit` items after a position and below the horizon, and the positions up to which it has read.
    private func feed<Item: Sendable>(
        _ start: FeedStart, of cluster: String?, limit: Int, since: (Date) -> SQL,
        _ read: (_ tx: Session<FeedError>, _ after: SQL, _ horizon: SQL) async throws(FeedError) -> (items: [Item], read: [FeedPosition])
    ) async throws(FeedError) -> FeedPage<Item> {
        try await transaction(isolation: .repeatableRead, readOnly: true) { tx throws(FeedError) in
            guard let horizon = try await tx.first("SELECT \(FeedHorizon.columns)", as: FeedHorizon.self) else { throw .logIsAhead }
            if horizon.isAhead { throw .logIsAhead }
            if let cluster, cluster != horizon.cluster { throw .otherCluster }
            // Everything below is written, so whoever has read all of it goes on here.
            let end = FeedPosition(transaction: horizon.oldestOpen, position: 0)
            var position = end
            switch start {
            case .after(let given): position = given
            case .since(let instant):
                if let first = try await tx.value(since(instant), as: Int.self) {
                    position = min(FeedPosition(transaction: first, position: 0), end)
                }
            }
            let page = try await read(tx, position.row, "\(horizon.oldestOpen)::bigint::text::xid8")
            let next = page.read.count < limit ? max(position, end) : page.read.last ?? position
            return FeedPage(items: page.items, next: next, cluster: horizon.cluster)
        }
    }
}
