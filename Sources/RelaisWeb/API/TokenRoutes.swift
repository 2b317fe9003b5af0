import Hummingbird
import Postgres
import Relais

/// `/tokens`: who may talk to the program. The example of a group of routes: each decodes, authorises, calls one use case and encodes.
struct TokenRoutes {
    let database: Database
    let writing: Writing
    let keyring: Keyring
    let desk: AccountDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        keyring = parts.keyring
        desk = AccountDesk(generators: parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":id", use: read)
            .delete(":id", use: revoke)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.manageTokens)
        var query = QueryReader(request)
        let revoked = query.flag("revoked")
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.tokens(paging, revoked: revoked), to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.manageTokens)
        try request.refuseQuery()
        let draft = try TokenDraft(context.body.json())
        return try await writing.perform(
            request, context, failing: AccountError.self, status: .created, location: { "/api/v1/tokens/\($0.token.id)" }
        ) { tx throws(AccountError) in
            try await desk.issue(draft, by: context.caller, in: tx) { keyring.tokenSecret($0) }
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.manageTokens)
        try request.refuseQuery()
        return context.answer(try await database.token(context.id(Token.self)), to: request)
    }

    @Sendable func revoke(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.manageTokens)
        try request.refuseQuery()
        let id = try context.id(Token.self)
        return try await writing.perform(request, context, failing: AccountError.self) { tx throws(AccountError) in
            try await desk.revoke(id, by: context.caller, in: tx)
        }
    }
}
