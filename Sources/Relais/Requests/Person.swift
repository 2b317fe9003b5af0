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

    enum CodingKeys: String, CodingKey {
        case givenName = "given_name"
        case familyName = "family_name"
        case email, phone, address, notes
    }

    /// Somebody can be called back or written to.
    public var canBeReached: Bool { email != nil || phone != nil }
}

extension Person {
    /// Reads who the person is: at least a name. Problems are noted in the input.
    public init(_ input: inout InputObject) {
        givenName = input.text("given_name", max: 100)
        familyName = input.text("family_name", max: 100)
        email = input.email("email")
        phone = input.phone("phone")
        address = input.text("address", max: 300)
        notes = input.text("notes", max: 1000)
        if givenName == nil, familyName == nil {
            input.note("given_name", "required", "A given name or a family name is required.")
        }
    }
}

extension Person: RowDecodable {
    public static let columns: SQL = "given_name, family_name, email, phone, address, notes"

    public init(row: borrowing Row) throws(PostgresError) {
        givenName = try row["given_name"]
        familyName = try row["family_name"]
        email = try row["email"]
        phone = try row["phone"]
        address = try row["address"]
        notes = try row["notes"]
    }
}

extension InputObject {
    /// An e-mail address: something, one @, a domain with a dot (HTML's rule, without its comments and quotes).
    public mutating func email(_ name: String) -> String? {
        guard let text = text(name, max: 254) else { return nil }
        guard
            text.wholeMatch(of: /[^@\s<>"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)+/)
                != nil
        else {
            note(name, "format", "This must be an e-mail address, as in nom@exemple.fr.")
            return nil
        }
        return text
    }

    /// A telephone number in French or international writing; kept as it was written.
    public mutating func phone(_ name: String) -> String? {
        guard let text = text(name, max: 30) else { return nil }
        guard text.wholeMatch(of: /\+?[0-9][0-9 .\-]{5,24}/) != nil else {
            note(name, "format", "This must be a telephone number, as in +33 4 77 00 00 00 or 04 77 00 00 00.")
            return nil
        }
        return text
    }
}
