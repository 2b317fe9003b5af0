import Hummingbird
import Postgres
import Relais

/// `/policies`: what the network works by, version by version. A version never changes; `current` is the one in force.
struct PolicyRoutes {
    let database: Database
    let writing: Writing
    let desk: PolicyDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = PolicyDesk(parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .get("current", use: readCurrent)
            .patch("current", use: change)
            .get(":version", use: read)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readPolicies)
        var query = QueryReader(request)
        let paging = query.paging(order: "version", parts: [.number])
        try query.finish()
        return context.answer(try await database.policies(paging), to: request)
    }

    @Sendable func readCurrent(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readPolicies)
        try request.refuseQuery()
        guard let policy = try await database.policy() else { throw Problem.notFound }
        return context.answer(policy, to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readPolicies)
        try request.refuseQuery()
        guard let version = context.parameters.get("version").flatMap({ Int32($0) }), let policy = try await database.policy(Int(version))
        else { throw Problem.notFound }
        return context.answer(policy, to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePolicies)
        try request.refuseQuery()
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(by: patch, if: precondition, by: context.caller, in: tx)
        }
    }
}
