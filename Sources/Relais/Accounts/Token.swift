import Foundation
import Postgres

/// What a program or a person shows to be let in: a name, a role and what it is bound to. The secret itself is never stored.
public struct Token: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Token>

    public let id: ID
    /// What people call it: "Site de la médiathèque".
    public let name: String
    public let role: Caller.Role
    public let structure: Structure.ID?
    public let mediator: Mediator.ID?
    public let scopes: [Scope]
    public let expiresAt: Date?
    public let revokedAt: Date?
    /// To the minute or so: it is written from time to time, not at each request.
    public let lastUsedAt: Date?
    public let createdAt: Date

    /// Whoever shows this token.
    public var caller: Caller { Caller(role, token: id, structure: structure, mediator: mediator, scopes: Set(scopes)) }
}

extension Token: RowDecodable {
    public static let columns: SQL =
        "id, name, role, structure_id, mediator_id, scopes, expires_at, revoked_at, last_used_at, created_at"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        name = try row["name"]
        role = try row["role"]
        structure = try row["structure_id"]
        mediator = try row["mediator_id"]
        scopes = try row["scopes"]
        expiresAt = try row["expires_at"]
        revokedAt = try row["revoked_at"]
        lastUsedAt = try row["last_used_at"]
        createdAt = try row["created_at"]
    }
}

extension Caller.Role: PostgresEncodable, PostgresDecodable {}
extension Scope: PostgresEncodable, PostgresDecodable {}

extension Token: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, role, structure, mediator, scopes
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case lastUsedAt = "last_used_at"
        case createdAt = "created_at"
    }
}

/// A token that is to be made.
public struct TokenDraft: Sendable, Equatable {
    public let name: String
    public let role: Caller.Role
    public let structure: Structure.ID?
    public let mediator: Mediator.ID?
    public let scopes: [Scope]
    public let expiresAt: Date?

    /// - Throws: ``InvalidInput`` when the role and what it is bound to do not go together.
    public init(
        name: String, role: Caller.Role, structure: Structure.ID? = nil, mediator: Mediator.ID? = nil, scopes: [Scope] = [],
        expiresAt: Date? = nil
    ) throws(InvalidInput) {
        let problems = InputProblems()
        Self.check(role, structure: structure != nil, mediator: mediator != nil, scopes: !scopes.isEmpty, problems)
        try problems.throwIfAny()
        self.name = name
        self.role = role
        self.structure = structure
        self.mediator = mediator
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// Reads the body of `POST /tokens`.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    public init(_ input: JSONValue) throws(InvalidInput) {
        self = try input.read { object in
            let name = object.text("name", max: 200, required: true)
            let role = object.code("role", of: Caller.Role.ofTokens.map(\.rawValue), required: true).flatMap(Caller.Role.init(rawValue:))
            let structure = object.id("structure", of: Structure.self)
            let mediator = object.id("mediator", of: Mediator.self)
            let scopes = object.choices("scopes", of: Scope.self) ?? []
            let expiresAt = object.instant("expires_at")
            guard let name, let role else { return nil }
            do throws(InvalidInput) {
                return try TokenDraft(
                    name: name, role: role, structure: structure, mediator: mediator, scopes: scopes, expiresAt: expiresAt)
            } catch {
                for problem in error.problems { object.problems.note(problem.pointer, problem.code, problem.message) }
                return nil
            }
        }
    }

    /// Notes what a role lacks, and what it must not have: the constraints of the table, in words.
    private static func check(_ role: Caller.Role, structure: Bool, mediator: Bool, scopes: Bool, _ problems: InputProblems) {
        let rules = [
            ("structure", structure, role == .manager || role == .prescriber),
            ("mediator", mediator, role == .mediator),
            ("scopes", scopes, role == .tool),
        ]
        for (name, given, needed) in rules where given != needed {
            let message = needed ? "A token of this role needs this member." : "A token of this role does not have this member."
            problems.note("/\(name)", needed ? "required" : "not_for_role", message)
        }
    }
}

/// A token just made, with the secret that is shown this once.
public struct IssuedToken: Sendable, Encodable {
    public let token: Token
    public let secret: String

    private enum CodingKeys: String, CodingKey { case token }

    /// The token's members, and `token`: the secret.
    public func encode(to encoder: any Encoder) throws {
        try token.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(secret, forKey: .token)
    }
}
