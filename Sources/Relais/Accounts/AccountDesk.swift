import Foundation
import Postgres

/// Makes and revokes tokens.
public struct AccountDesk: Sendable {
    /// The channel on which a revoked token is told to every node, so that none goes on knowing it.
    public static let channel: Channel = "relais_tokens"

    let generators: Generators

    public init(generators: Generators) {
        self.generators = generators
    }

    /// Makes a token whose secret `secret` gives, and which is not stored.
    ///
    /// - Throws: ``AccountError/invalid(_:)`` when it would have expired already.
    public func issue(
        _ draft: TokenDraft, by caller: Caller, in tx: Session<AccountError>, secret: (Token.ID) -> TokenSecret
    ) async throws(AccountError) -> IssuedToken {
        guard caller.reach(for: .manageTokens) != nil else { throw .forbidden(.manageTokens) }
        let now = generators.now()
        if let end = draft.expiresAt, end <= now {
            throw .invalid(InvalidInput("/expires_at", "range", "This must be an instant that is still to come."))
        }
        let id = Token.ID(generators.newID())
        let secret = secret(id)
        let token = try await tx.insert(draft, as: id, hash: secret.hash, at: now)
        guard let token else { throw .unknown(id) }
        try await tx.publish(Event("token.issued", id, ["role": .code(draft.role.rawValue)]), by: caller, at: now)
        return IssuedToken(token: token, secret: secret.text)
    }

    /// Revokes a token for good. One that is revoked already stays so, and nothing happens.
    public func revoke(_ id: Token.ID, by caller: Caller, in tx: Session<AccountError>) async throws(AccountError) {
        guard caller.reach(for: .manageTokens) != nil else { throw .forbidden(.manageTokens) }
        let now = generators.now()
        let revoked = try await tx.execute("UPDATE tokens SET revoked_at = \(now) WHERE id = \(id) AND revoked_at IS NULL")
        if revoked == 0 {
            guard try await tx.first("SELECT \(Token.columns) FROM tokens WHERE id = \(id)", as: Token.self) != nil else {
                throw .unknown(id)
            }
            return
        }
        try await tx.publish(Event("token.revoked", id), by: caller, at: now)
        try await tx.execute("SELECT pg_notify(\(Self.channel.name), '')")
    }
}

extension Session {
    func insert(_ draft: TokenDraft, as id: Token.ID, hash: [UInt8], at now: Date) async throws(Failure) -> Token? {
        try await first(
            """
            INSERT INTO tokens (id, hash, name, role, structure_id, mediator_id, scopes, expires_at, created_at)
            VALUES (\(id), \(hash), \(draft.name), \(draft.role), \(draft.structure), \(draft.mediator), \(draft.scopes),
                    \(draft.expiresAt), \(now))
            RETURNING \(Token.columns)
            """, as: Token.self)
    }
}

extension Database {
    /// The tokens in the order in which they were made.
    public func tokens(_ paging: Paging, revoked: Bool? = nil) async throws(PostgresError) -> Page<Token> {
        var conditions: [SQL] = []
        if let after = paging.after?.id(of: Token.self) { conditions.append("id > \(after)") }
        if let revoked { conditions.append(revoked ? "revoked_at IS NOT NULL" : "revoked_at IS NULL") }
        let tokens = try await query(
            "SELECT \(Token.columns) FROM tokens WHERE \(.all(conditions)) ORDER BY id LIMIT \(paging.limit + 1)", as: Token.self)
        return Page(tokens, paging) { [$0.id.description] }
    }

    public func token(_ id: Token.ID) async throws(AccountError) -> Token {
        do throws(PostgresError) {
            if let token = try await first("SELECT \(Token.columns) FROM tokens WHERE id = \(id)", as: Token.self) { return token }
        } catch { throw .database(error) }
        throw .unknown(id)
    }

    /// The token whose secret has this hash.
    func token(hash: [UInt8]) async throws(PostgresError) -> Token? {
        try await first("SELECT \(Token.columns) FROM tokens WHERE hash = \(hash)", as: Token.self)
    }
}
