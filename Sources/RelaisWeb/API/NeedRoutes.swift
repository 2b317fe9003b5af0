import Hummingbird
import Postgres
import Relais

/// `/needs?q=`: the skills that somebody's words ask for.
struct NeedRoutes {
    let database: Database

    var endpoints: RouteCollection<AppContext> { RouteCollection(context: AppContext.self).get(use: find) }

    private struct Found: Encodable {
        let items: [FoundNeed]
    }

    @Sendable func find(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let words = query.text("q", max: 1000)
        if words == nil, !query.has("q") { query.note("q", "required", "What somebody says that they need, in their own words.") }
        let limit = query.integer("limit", in: 1...20) ?? 5
        try query.finish()
        return context.answer(Found(items: try await database.needs(in: words ?? "", limit: limit)), to: request)
    }
}
