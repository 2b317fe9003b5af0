import Hummingbird
import Postgres
import Relais

/// `/communes`: facts of the national code, brought in by `relais import communes`.
struct CommuneRoutes {
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
        var filter = CommuneFilter()
        filter.words = query.text("q", max: 100)
        filter.postcode = query.text("postcode", form: .postcode)
        filter.department = query.text("department", form: .department)
        let paging = query.paging(order: filter.words == nil ? "code" : "relevance", parts: [.text])
        try query.finish()
        return context.answer(try await database.communes(filter, paging), to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        guard let commune = try await database.commune(context.code()) else { throw Problem.notFound }
        return context.answer(commune, to: request)
    }
}

extension Database {
    /// Refuses a parameter that names a commune which is not there.
    func require(commune code: Commune.ID?, parameter: String) async throws {
        guard let code, try await commune(code) == nil else { return }
        let message = "There is no such commune: \(code)."
        throw Problem.query([.init(parameter: parameter, code: "unknown_code", message: message, isWellFormed: true)])
    }
}

extension QueryReader {
    /// A parameter of a form.
    mutating func text(_ name: String, form: Form) -> String? {
        guard let text = text(name) else { return nil }
        if form.matches(text) { return text }
        note(name, "format", "This must be \(form.words).")
        return nil
    }
}
