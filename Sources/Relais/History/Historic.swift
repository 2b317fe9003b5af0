import Foundation
import Postgres

/// An entry of which every version is kept (`row_versions`), as any of its versions reads.
public protocol Historic: RowDecodable, Versioned, Encodable, Equatable {
    associatedtype ID: CustomStringConvertible & Sendable

    var id: ID { get }
    var record: Record { get }

    /// What it is called in `row_versions` and in events: `place`.
    static var kind: String { get }
    static var table: SQL { get }
    /// The key of the table, and its type.
    static var key: (column: SQL, type: SQL) { get }
    /// What follows from the rest of the row `kept` and is not kept with it, as a jsonb object of columns.
    static var derived: SQL { get }
    /// What ``columns`` reads, where `r` is the row as it was and `v` the row of `row_versions`.
    static var told: SQL { get }
}

extension Historic {
    public static var told: SQL { "r.*" }
    public static var derived: SQL { "'{}'::jsonb" }

    /// The versions as a table with ``columns`` and `kept_subject`, `kept_version`, `kept_at`, `kept_transaction`.
    ///
    /// A column that is younger than a version was not kept with it: it has the value of today there, so that it counts as unchanged; none, of an entry
    /// that is gone.
    static var versions: SQL {
        """
        (SELECT \(told), v.subject AS kept_subject, v.version AS kept_version, v.at AS kept_at, v.transaction AS kept_transaction
           FROM row_versions v
           LEFT JOIN \(table) t ON t.\(key.column) = v.subject::\(key.type)
          CROSS JOIN LATERAL jsonb_populate_record(t, v.row) kept
          CROSS JOIN LATERAL jsonb_populate_record(kept, \(derived)) r
          WHERE v.kind = \(kind)) versions
        """
    }

    /// The members that can change, by the names under which the API shows them. What follows from others and from the clock is no change of its own.
    var told: [String: JSONValue] {
        guard case .object(let members) = Change.json(self) else { return [:] }
        return members.filter { !["id", "created_at", "updated_at", "stale_from", "quality"].contains($0.key) && $0.value != .null }
    }
}

extension Structure: Historic {
    public static let kind = "structure"
    public static let table: SQL = "structures"
    public static let key: (column: SQL, type: SQL) = ("id", "uuid")
    public static let derived: SQL = "derived_of(kept)"
}

extension Skill: Historic {
    public static let kind = "skill"
    public static let table: SQL = "skills"
    public static let key: (column: SQL, type: SQL) = ("code", "text")
}

extension Entry: Historic {
    public static var kind: String { Draft.kind }
    public static var table: SQL { Draft.table }
    public static var key: (column: SQL, type: SQL) { ("id", "uuid") }
}
