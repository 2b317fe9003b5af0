import Foundation
import Postgres

/// A node of the network's tree of skills. Its roots are the nine services of the national standard and the network's own.
@dynamicMemberLookup
public struct Skill: Sendable, Equatable, Identifiable {
    /// A skill is known by its code everywhere.
    public typealias ID = String

    public let id: ID
    public let details: SkillDraft
    public let record: Record

    public subscript<Value>(dynamicMember member: KeyPath<SkillDraft, Value>) -> Value { details[keyPath: member] }
}

/// What is told of a skill.
public struct SkillDraft: Sendable, Equatable, Encodable {
    public var name: String
    public var parent: Skill.ID?

    public init(name: String, parent: Skill.ID? = nil) {
        self.name = name
        self.parent = parent
    }
}

extension Skill: Versioned {
    public var version: Int { record.version }
}

extension Skill: Encodable {
    private enum CodingKeys: String, CodingKey { case id }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try record.encode(to: encoder)
    }
}

extension Skill: RowDecodable {
    public static let columns: SQL = "code, name, parent, \(Record.columns)"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["code"]
        details = try SkillDraft(row: row)
        record = try Record(row: row)
    }
}

extension SkillDraft: RowDecodable {
    public static let columns: SQL = "name, parent"

    public init(row: borrowing Row) throws(PostgresError) {
        name = try row["name"]
        parent = try row["parent"]
    }
}
