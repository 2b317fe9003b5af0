import Foundation
import Postgres

/// A legal body of the network, to which places and mediators belong.
@dynamicMemberLookup
public struct Structure: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Structure>

    public let id: ID
    public var details: StructureDraft
    public let record: Record
    public let standing: Standing

    public subscript<Value>(dynamicMember member: KeyPath<StructureDraft, Value>) -> Value { details[keyPath: member] }
}

/// What is told of a structure, apart from what the registry itself knows of it.
public struct StructureDraft: Sendable, Equatable, Encodable {
    public var name: String
    /// 14 digits, the last a check digit (``Siret``).
    public var siret: String?
    /// The association's number in the national register: `W` and nine characters.
    public var rna: String?
    /// Codes of ``Vocabulary/typologies``.
    public var typologies: [String]
    /// Names of the networks it belongs to, as the network writes them.
    public var networks: [String]
    public var parent: Structure.ID?
    public var phone: String?
    public var email: String?
    public var website: String?
    /// Whom to turn to for what; ``Structure/seen(by:)`` leaves out those that are not public.
    public var contacts: [Contact]

    public init(
        name: String, siret: String? = nil, rna: String? = nil, typologies: [String] = [], networks: [String] = [],
        parent: Structure.ID? = nil,
        phone: String? = nil, email: String? = nil, website: String? = nil, contacts: [Contact] = []
    ) {
        self.name = name
        self.siret = siret
        self.rna = rna
        self.typologies = typologies
        self.networks = networks
        self.parent = parent
        self.phone = phone
        self.email = email
        self.website = website
        self.contacts = contacts
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, siret, rna, typologies, networks, parent, phone, email, website, contacts
    }
}

/// What the registry knows of each of its entries, whatever they are.
public struct Record: Sendable, Equatable, Encodable, RowDecodable {
    /// Counts the changes of the entry, from 1: its ETag.
    public let version: Int
    public let createdAt: Date
    public let updatedAt: Date
    /// Since when it is out of the lists.
    public let archivedAt: Date?

    private enum CodingKeys: String, CodingKey {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case archivedAt = "archived_at"
    }

    public static let columns: SQL = "version, created_at, updated_at, archived_at"

    public init(row: borrowing Row) throws(PostgresError) {
        version = try row["version"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
        archivedAt = try row["archived_at"]
    }
}

extension Structure: Versioned {
    public var version: Int { record.version }
}

extension Structure: Encodable {
    private enum CodingKeys: String, CodingKey { case id }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try record.encode(to: encoder)
        try standing.encode(to: encoder)
    }
}

extension Structure: RowDecodable {
    public static let columns: SQL = "id, \(StructureDraft.columns), \(Record.columns), \(Standing.columns)"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        details = try StructureDraft(row: row)
        record = try Record(row: row)
        standing = try Standing(row: row)
    }
}

extension StructureDraft: RowDecodable {
    public static let columns: SQL = "name, siret, rna, typologies, networks, parent_id, phone, email, website, contacts"

    public init(row: borrowing Row) throws(PostgresError) {
        name = try row["name"]
        siret = try row["siret"]
        rna = try row["rna"]
        typologies = try row["typologies"]
        networks = try row["networks"]
        parent = try row["parent_id"]
        phone = try row["phone"]
        email = try row["email"]
        website = try row["website"]
        let contacts: JSON<[Contact]> = try row["contacts"]
        self.contacts = contacts.value
    }
}
