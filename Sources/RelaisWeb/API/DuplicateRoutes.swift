import Hummingbird
import Postgres
import Relais

/// `/duplicates`: which places may be one, and which are known to be two.
struct DuplicateRoutes {
    let database: Database
    let writing: Writing
    let desk: DuplicateDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = DuplicateDesk(parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .get("dismissed", use: dismissed)
            .post("search", use: search)
            .post("dismiss", use: dismiss)
            .post("recall", use: recall)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        var query = QueryReader(request)
        var filter = DuplicateFilter()
        filter.place = query.id("place", of: Place.self)
        filter.minimum = query.number("min_score", in: 0...1)
        let paging = query.paging(order: "score", parts: [.number, .id, .id])
        try query.finish()
        return context.answer(try await database.duplicates(filter, paging), to: request)
    }

    @Sendable func dismissed(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        var query = QueryReader(request)
        let paging = query.paging(order: "pair", parts: [.id, .id])
        try query.finish()
        return context.answer(try await database.dismissedDuplicates(paging), to: request)
    }

    @Sendable func search(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        try request.refuseQuery()
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.search(by: context.caller, in: tx).summary
        }
    }

    @Sendable func dismiss(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        try request.refuseQuery()
        let pair = try context.body.json().read(Self.pair)
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.dismiss(pair, by: context.caller, in: tx)
        }
    }

    @Sendable func recall(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        try request.refuseQuery()
        let pair = try context.body.json().read(Self.pair)
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.recall(pair, by: context.caller, in: tx)
        }
    }

    private static func pair(_ object: inout InputObject) -> PlacePair? {
        let first = object.id("first", of: Place.self, required: true)
        let second = object.id("second", of: Place.self, required: true)
        guard let first, let second else { return nil }
        return PlacePair(first, second)
    }
}

/// `/places/{id}/merge` and its way back.
struct PlaceMergeRoutes {
    let writing: Writing
    let desk: DuplicateDesk

    init(_ parts: WebParts) {
        writing = parts.writing
        desk = DuplicateDesk(parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .post(":id/merge", use: merge)
            .post(":id/unmerge", use: unmerge)
    }

    @Sendable func merge(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        try request.refuseQuery()
        let survivor = try context.id(Place.self)
        let precondition = try request.preconditionIfAny
        let loser = try context.body.json().read { $0.id("loser", of: Place.self, required: true) }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.merge(loser, into: survivor, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func unmerge(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.settleDuplicates)
        try request.refuseQuery()
        let loser = try context.id(Place.self)
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.unmerge(loser, by: context.caller, in: tx)
        }
    }
}
