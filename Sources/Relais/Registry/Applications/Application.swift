import Foundation
import Postgres

/// A structure that asks to be in the registry, and what became of that.
public struct Application: Sendable, Equatable, Identifiable, Versioned {
    public typealias ID = Identifier<Application>

    public enum Status: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        /// Staff is to look at it.
        case submitted
        /// Who applies is to send it again, changed.
        case changesAsked = "changes_asked"
        /// The structure is in the registry, and its manager has a token.
        case validated
        case refused
    }

    public let id: ID
    public let status: Status
    /// As it was sent: read again by ``StructureDraft/init(reading:was:)``.
    public let structure: JSONValue
    public let places: [JSONValue]
    public let contact: Contact
    /// When who applies consented to the use of the contact; `nil`: nobody said so.
    public let consentedAt: Date?
    /// What staff wrote last to who applies.
    public let reason: String?
    /// The structure that it became.
    public let registered: Structure.ID?
    let token: Token.ID?
    public let decidedAt: Date?
    public let version: Int
    public let createdAt: Date
    public let updatedAt: Date

    /// Who applies for the structure.
    public struct Contact: Sendable, Equatable, Codable {
        public let name: String
        public let email: String
        public let phone: String?
    }
}

extension Application: RowDecodable {
    public static let columns: SQL = """
        id, status, structure, places, contact, consented_at, reason, structure_id, token_id, decided_at, version, created_at, updated_at
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        status = try row["status"]
        let structure: JSON<JSONValue> = try row["structure"]
        let places: JSON<[JSONValue]> = try row["places"]
        let contact: JSON<Contact> = try row["contact"]
        self.structure = structure.value
        self.places = places.value
        self.contact = contact.value
        consentedAt = try row["consented_at"]
        reason = try row["reason"]
        registered = try row["structure_id"]
        token = try row["token_id"]
        decidedAt = try row["decided_at"]
        version = try row["version"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension Application: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, status, structure, places, contact, reason, registered
        case consentedAt = "consented_at"
        case decidedAt = "decided_at"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(id, forKey: .id)
        try out.encode(status, forKey: .status)
        try out.encode(structure, forKey: .structure)
        try out.encode(places, forKey: .places)
        try out.encode(contact, forKey: .contact)
        try out.encode(consentedAt, forKey: .consentedAt)
        try out.encode(reason, forKey: .reason)
        try out.encode(registered, forKey: .registered)
        try out.encode(decidedAt, forKey: .decidedAt)
        try out.encode(createdAt, forKey: .createdAt)
        try out.encode(updatedAt, forKey: .updatedAt)
    }
}

/// An application as staff looks at it: with what is in the registry already and may be the same.
public struct ApplicationToDecide: Sendable, Encodable, Versioned {
    public let application: Application
    public let likely: [LikelyDuplicate]
    public var version: Int { application.version }

    private enum CodingKeys: String, CodingKey { case likely = "likely_duplicates" }

    public func encode(to encoder: any Encoder) throws {
        try application.encode(to: encoder)
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(likely, forKey: .likely)
    }
}

/// An application as who applied follows it, by the secret link.
public struct FollowedApplication: Sendable, Encodable, Versioned {
    public let application: Application
    /// The manager's token: shown from validation until it is first used.
    public let token: String?
    public var version: Int { application.version }

    private enum CodingKeys: String, CodingKey { case status, structure, places, reason, registered, token }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(application.status, forKey: .status)
        try out.encode(application.structure, forKey: .structure)
        try out.encode(application.places, forKey: .places)
        try out.encode(application.reason, forKey: .reason)
        try out.encode(application.registered, forKey: .registered)
        try out.encode(token, forKey: .token)
    }
}
