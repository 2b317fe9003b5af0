import Foundation
import Postgres

/// What is asked of one kind of entry. Places and mediators are searched by the same SQL, and differ in what stands here.
///
/// Several values of one filter: any of them; several filters: all of them.
public protocol SearchFilter: Sendable {
    /// What is found.
    associatedtype Entry
    /// The members of an entry whose codes can be counted.
    associatedtype Member: SearchMember

    /// Where the rows are read from, with `id`, `archived_at`, `known_at`, `quality`, `name_key` and `words` among their columns.
    var table: SQL { get }
    /// Each filter that SQL can ask, by the name of its parameter.
    var named: [(name: String, condition: SQL)] { get }
    /// The names of all that are given: an answer without items says which one to leave out.
    var names: [String] { get }
    var archived: Bool { get }
    /// What somebody writes in a search box.
    var words: String? { get }
    /// Whose words those are compared with, as `search_query` calls it.
    static var kind: String { get }
    /// How far a row is from where it is looked for, as a straight line through the unit sphere; `nil` when nobody asked for near.
    var line: SQL? { get }
    /// Whether an index can walk outwards from a point through ``table``.
    static var walksOutwards: Bool { get }

    /// The same without one of its filters.
    func without(_ name: String) -> Self
    /// All that is asked, as one condition. A part that SQL cannot ask is asked first, and comes as the ids that it leaves.
    ///
    /// - Parameter most: Who asks has enough of so many: what is more may be left out.
    func condition(in database: Database, most: Int) async throws(PostgresError) -> SQL
}

/// A member of an entry that holds codes, as filters and facets are called.
public protocol SearchMember: RawRepresentable<String>, CaseIterable, Sendable {
    /// A list of its codes, of a row of the search's table.
    var column: SQL { get }
}

extension SearchFilter {
    public var names: [String] { named.map(\.name) }
    public static var walksOutwards: Bool { false }

    public func condition(in database: Database, most: Int) async throws(PostgresError) -> SQL { .all(conditions()) }

    func conditions() -> [SQL] {
        [archived ? "archived_at IS NOT NULL" : "archived_at IS NULL"] + named.map(\.condition)
    }
}

/// The order of what is found.
public enum SearchSort: String, Sendable, CaseIterable {
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

/// What somebody writes in a search box, as SQL of which each part is worked out once and not for each row.
struct SearchWords {
    /// Without accents and case.
    private let key: SQL
    private let query: SQL

    init(_ words: String, among kind: String) {
        key = "(SELECT spoken_key(\(words)))"
        query = "(SELECT search_query(\(kind), \(words)))"
    }

    var found: SQL { "words @@ \(query)" }
    /// At least one of the words.
    var any: SQL { "(SELECT replace(\(query)::text, '&', '|')::tsquery)" }
    /// Where the words stand (a name before an address before a description), and how much of a name they are when they stand in it as they were
    /// asked for: "centre social" is more of Centre social than of Centre social de Bellevue.
    var relevance: SQL {
        let share: SQL = "CASE WHEN strpos(name_key, \(key)) > 0 THEN length(\(key)) / length(name_key)::float8 ELSE 0 END"
        return "round(1e6 * (ts_rank(words, \(query)) + \(share)))::int"
    }
}

extension Database {
    /// A piece of the rows that are found, in order, each with its `rank`.
    func rows<Filter: SearchFilter, Row: RowDecodable>(
        _ filter: Filter, _ sort: SearchSort, after: Rank<Filter.Entry>?, limit: Int, columns: SQL, as type: Row.Type
    ) async throws(PostgresError) -> [Row] {
        let order = SearchOrder(sort, filter)
        let conditions = filter.conditions() + (after.map { [order.after($0)] } ?? [])
        let listed: SQL = "SELECT \(columns), \(order.rank) AS rank FROM \(filter.table) WHERE \(.all(conditions))"
        guard sort == .distance, Filter.walksOutwards else {
            return try await query("\(listed) ORDER BY \(order.by) LIMIT \(limit)", as: type)
        }
        // Only an index can walk outwards from a point, and only by the distance alone: ids put those in order that are equally far.
        // The planner takes a box for almost empty and would sort all that is in it, 18,000 places around Paris for a page of 50.
        return try await query(
            """
            SELECT * FROM (\(listed) ORDER BY rank FETCH FIRST \(limit) ROWS WITH TIES) AS nearest \
            ORDER BY rank, id LIMIT \(limit)
            """,
            under: """
                SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), \
                set_config('plan_cache_mode', 'force_generic_plan', true)
                """, as: type)
    }
}

/// Where in an order an entry stands.
struct Rank<Entry>: Sendable {
    /// Of the shape that the order's column has.
    enum Value: Sendable {
        case number(Double)
        case whole(Int)
        case instant(Date)
        case text(String)
    }

    let value: Value?
    let id: Identifier<Entry>

    init(_ value: Value?, _ id: Identifier<Entry>) {
        self.value = value
        self.id = id
    }

    init(_ sort: SearchSort, _ cursor: Cursor) {
        let last = cursor.parts.count - 1
        id = cursor.id(last, of: Entry.self) ?? Identifier<Entry>(UUID())
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
    var key: [String] {
        let text: String? =
            switch value {
            case nil: nil
            case .number(let number): String(Int64(bitPattern: number.bitPattern))
            case .whole(let number): String(number)
            case .instant(let instant): instant.rfc3339
            case .text(let text): text
            }
        return (text.map { [$0] } ?? []) + [id.description]
    }
}

extension Rank.Value {
    /// The column `rank`, of whatever type it is.
    init?(row: borrowing Row) throws(PostgresError) {
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

/// An entry that was found, and where it stands.
struct Ranked<Entry: RowDecodable & Identifiable>: RowDecodable where Entry.ID == Identifier<Entry> {
    static var columns: SQL { "rank" }
    let entry: Entry
    let rank: Rank<Entry>

    init(entry: Entry, rank: Rank<Entry>) {
        self.entry = entry
        self.rank = rank
    }

    init(row: borrowing Row) throws(PostgresError) {
        entry = try Entry(row: row)
        rank = Rank(try Rank.Value(row: row), entry.id)
    }
}

/// The order of what is found, in SQL.
private struct SearchOrder {
    let rank: SQL
    let by: SQL
    private let isDescending: Bool

    init<Filter: SearchFilter>(_ sort: SearchSort, _ filter: Filter) {
        switch sort {
        case .id: (rank, by, isDescending) = ("NULL::float8", "id", false)
        case .distance:
            let line = filter.line ?? "0::float8"
            (rank, by, isDescending) = (line, "\(line), id", false)
        case .relevance: (rank, by, isDescending) = (SearchWords(filter.words ?? "", among: Filter.kind).relevance, "rank DESC, id", true)
        case .freshness: (rank, by, isDescending) = ("known_at", "known_at DESC, id", true)
        case .quality: (rank, by, isDescending) = ("quality", "quality DESC, id", true)
        case .name: (rank, by, isDescending) = ("name_key", "name_key, id", false)
        }
    }

    func after<Entry>(_ last: Rank<Entry>) -> SQL {
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
