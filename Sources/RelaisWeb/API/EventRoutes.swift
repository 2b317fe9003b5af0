import Hummingbird
import Postgres
import Relais

/// `/events`: the log of what happened, for staff and tools that keep up with it.
struct EventRoutes {
    let database: Database

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self).get(use: list)
    }

    /// A tool is told of what its scopes let it read.
    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readEvents)
        var query = QueryReader(request)
        let feed = query.events()
        try query.finish()
        guard case .after(let position) = feed.start else { throw Problem.notFound }
        let page = try await database.events(
            after: position, of: feed.cluster, kinds: LoggedEvent.kinds(for: context.caller), limit: feed.limit)
        return Answer(.ok, FeedAnswer(page, order: "events")).response
    }
}
