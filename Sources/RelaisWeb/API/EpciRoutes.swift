import Hummingbird
import Postgres
import Relais

/// `/epci`: which communes belong together, brought in by `relais import epci`.
struct EpciRoutes {
    let database: Database

    init(_ parts: WebParts) { database = parts.database }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .get(":code", use: read)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        var filter = EpciFilter()
        filter.name = query.text("q", max: 100)
        filter.department = query.text("department", form: .department)
        let paging = query.paging(order: "code", parts: [.text])
        try query.finish()
        return context.answer(try await database.allEpci(filter, paging), to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        guard let epci = try await database.epci(context.code()) else { throw Problem.notFound }
        return context.answer(epci, to: request)
    }
}
