import Foundation
import Postgres

/// A place in an order that misses nothing: that of the transactions which wrote, and of what each wrote.
///
/// Positions are given before COMMIT, so a row with a lower one may appear after a row with a higher one. A reader who goes by (transaction, position)
/// and stops below the oldest transaction that is still open never passes over a row: what it has not seen has not been written yet.
public struct FeedPosition: Sendable, Equatable, Comparable {
    /// The whole transaction id (`xid8`), which never wraps.
    public let transaction: Int
    public let position: Int

    public static let start = FeedPosition(transaction: 0, position: 0)

    public init(transaction: Int, position: Int) {
        self.transaction = transaction
        self.position = position
    }

    public static func < (one: FeedPosition, other: FeedPosition) -> Bool {
        (one.transaction, one.position) < (other.transaction, other.position)
    }

    /// As a row to be compared with `(transaction, position)`.
    var row: SQL { "(\(transaction)::bigint::text::xid8, \(position))" }
}

/// Where a reader of a feed goes on, or since when it wants to know.
public enum FeedStart: Sendable, Equatable {
    case after(FeedPosition)
    /// From the first transaction that wrote something stamped at this instant or later; or some minutes earlier, for a transaction has the stamp of its
    /// beginning, and may have been committed after this instant.
    case since(Date)

    /// How long before, in seconds.
    static let margin: Double = 600
}

/// What has happened after a place in a feed, and where the reader goes on. There always is such a place: when nothing has happened, too.
public struct FeedPage<Item: Sendable>: Sendable {
    public let items: [Item]
    public let next: FeedPosition
    /// The PostgreSQL cluster that numbers the transactions: a position means nothing in another one.
    public let cluster: String

    public func map<Other: Sendable>(_ transform: (Item) -> Other) -> FeedPage<Other> {
        FeedPage<Other>(items: items.map(transform), next: next, cluster: cluster)
    }
}

/// Why a feed cannot be read.
public enum FeedError: DatabaseFailure, Equatable {
    /// The position was given by another cluster: the base has been dumped and restored since.
    case otherCluster
    /// The log has transactions that this cluster has not reached: the base was restored, and its transaction ids were not moved on.
    case logIsAhead
    case database(PostgresError)

    public init(_ error: PostgresError) { self = .database(error) }
}

/// An entry in the feed of changes: as it now is, or, when nothing is left of it (what an import made that was undone), since when it is gone.
public enum ChangedEntry<Entry: Sendable>: Sendable {
    case present(Entry)
    case gone(id: String, at: Date)
}

/// An entry and its place in a piece of a feed, from 1.
struct PlacedEntry<Entry: RowDecodable>: RowDecodable {
    static var columns: SQL { "\(Entry.columns), fed_place" }

    let entry: Entry
    let place: Int

    init(row: borrowing Row) throws(PostgresError) {
        entry = try Entry(row: row)
        place = try row["fed_place"]
    }
}

/// The last that is known of an entry that is gone.
struct GoneEntry: RowDecodable {
    static let columns: SQL = "subject, at"

    let subject: String
    let at: Date

    init(row: borrowing Row) throws(PostgresError) {
        subject = try row["subject"]
        at = try row["at"]
    }
}

/// A row of a feed and where it stands.
struct Fed<Item: RowDecodable>: RowDecodable {
    static var columns: SQL { "\(Item.columns), fed_transaction, fed_position" }

    let item: Item
    let position: FeedPosition

    init(row: borrowing Row) throws(PostgresError) {
        item = try Item(row: row)
        position = FeedPosition(transaction: try row["fed_transaction"], position: try row["fed_position"])
    }
}

/// Which entry a row of a feed tells of.
struct FedSubject: RowDecodable {
    static let columns: SQL = "subject"
    let subject: String

    init(row: borrowing Row) throws(PostgresError) { subject = try row["subject"] }
}

/// How far everything is written, in one snapshot.
struct FeedHorizon: RowDecodable {
    static let columns: SQL = """
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_open,
        EXISTS (SELECT FROM events WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot())) AS is_ahead,
        (SELECT system_identifier::text FROM pg_control_system()) AS cluster
        """

    /// Every transaction below this one has ended, and what it wrote can be seen.
    let oldestOpen: Int
    let isAhead: Bool
    let cluster: String

    init(row: borrowing Row) throws(PostgresError) {
        oldestOpen = try row["oldest_open"]
        isAhead = try row["is_ahead"]
        cluster = try row["cluster"]
    }
}
