import Postgres

/// An entry of a simple kind: what staff tell of it, and the record that the registry keeps.
///
/// Synonyms, proprietary services and their alternatives are such: facts beside the tree of skills, which staff can edit.
@dynamicMemberLookup
public struct Entry<Draft: EntryDraft>: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Draft>

    public let id: ID
    public let details: Draft
    public let record: Record

    public subscript<Value>(dynamicMember member: KeyPath<Draft, Value>) -> Value { details[keyPath: member] }
}

/// What is told of an entry of a simple kind, and how its table is called.
public protocol EntryDraft: RowDecodable, Equatable, Encodable {
    /// What a list of them is narrowed by, beside being archived or not.
    associatedtype Filter: EntryFilter

    /// What it is called in events and in `row_versions`: `synonym`.
    static var kind: String { get }
    static var table: SQL { get }
    /// The values of ``columns``, one for each.
    var values: SQL { get }

    /// - Returns: `nil` when something is missing, which has been noted in the object with all else that is wrong.
    init?(_ object: inout InputObject)

    /// The members that name something else.
    static var references: Set<String> { get }
    /// Refuses what names something that is not there.
    func checkReferences(in tx: Session<RegistryError>) async throws(RegistryError)
}

public protocol EntryFilter: Sendable {
    init()
    var conditions: [SQL] { get }
}

extension Entry: Versioned {
    public var version: Int { record.version }
}

extension Entry: Encodable {
    private enum CodingKeys: String, CodingKey { case id }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try record.encode(to: encoder)
    }
}

extension Entry: RowDecodable {
    public static var columns: SQL { "id, \(Draft.columns), \(Record.columns)" }

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        details = try Draft(row: row)
        record = try Record(row: row)
    }
}
