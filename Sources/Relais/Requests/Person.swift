import Foundation
import Postgres

/// Who the person helped is: the only value that says so, read from the only table that does.
public struct Person: Sendable, Equatable, Encodable {
    public typealias ID = Identifier<Person>

    public let givenName: String?
    public let familyName: String?
    public let email: String?
    public let phone: String?
    public let address: String?
    public let notes: String?
    /// When they consented to the use of what is written of them and asked for them; `nil`: nobody said so.
    public internal(set) var consentedAt: Date?

    enum CodingKeys: String, CodingKey {
        case givenName = "given_name"
        case familyName = "family_name"
        case email, phone, address, notes
        case consentedAt = "consented_at"
    }

    /// Somebody can be called back or written to.
    public var canBeReached: Bool { email != nil || phone != nil }
}

extension Person {
    /// Reads who the person is: at least a name. Problems are noted in the input.
    public init(_ input: inout InputObject) {
        givenName = input.text("given_name", max: 100)
        familyName = input.text("family_name", max: 100)
        email = input.text("email", form: .email)
        phone = input.text("phone", form: .spokenPhone)
        address = input.text("address", max: 300)
        notes = input.text("notes", max: 1000)
        if givenName == nil, familyName == nil {
            input.note("given_name", "required", "A given name or a family name is required.")
        }
    }
}

extension Person: RowDecodable {
    public static let columns: SQL = "given_name, family_name, email, phone, address, notes, consented_at"

    public init(row: borrowing Row) throws(PostgresError) {
        givenName = try row["given_name"]
        familyName = try row["family_name"]
        email = try row["email"]
        phone = try row["phone"]
        address = try row["address"]
        notes = try row["notes"]
        consentedAt = try row["consented_at"]
    }
}
