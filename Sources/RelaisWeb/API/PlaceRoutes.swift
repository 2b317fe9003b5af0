import Hummingbird
import Postgres
import Relais

/// `/places`: where people are received.
struct PlaceRoutes {
    let database: Database
    let writing: Writing
    let desk: PlaceDesk
    let generators: Generators

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = PlaceDesk(parts.generators)
        generators = parts.generators
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":id", use: read)
            .patch(":id", use: change)
            .delete(":id", use: archive)
            .get(":id/opening", use: opening)
    }

    /// The search: filters, order, and what is asked beside the items.
    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let question = PlaceQuestion(&query, now: generators.now())
        try query.finish()
        var filter = question.filter
        if let code = question.nearCommune {
            guard let location = try await database.commune(code)?.location else {
                throw Problem(
                    .invalidQuery, "There is no commune with this code whose coordinates are known.",
                    parameterErrors: [.init(parameter: "near", code: "unknown_code", message: "There is no such commune: \(code).")])
            }
            filter.near = .init(location: location, distance: question.distance)
        }
        let page = try await database.search(filter, sort: question.sort, question.paging)
        if question.isGeoJSON { return context.answer(geo: page, to: request) }
        var answer = FoundPlaces(page: page)
        if question.wantsTotal { answer.total = try await database.count(of: filter) }
        if !question.facets.isEmpty { answer.facets = try await database.facets(question.facets, of: filter) }
        if page.items.isEmpty, question.paging.after == nil { answer.relax = try await database.relaxations(of: filter) }
        return context.answer(answer, next: page.next, to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePlaces)
        var query = QueryReader(request)
        let allowing = query.flag("allow_duplicate") ?? false
        try query.finish()
        let draft = try PlaceDraft(reading: context.body.json())
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "/api/v1/places/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(draft, allowingDuplicates: allowing, by: context.caller, in: tx)
        }
    }

    /// The place; under the id of one that was merged, the place that it has become, and where that stands.
    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        let id = try context.id(Place.self)
        guard let place = try await database.livingPlace(id) else { throw Problem.notFound }
        var response = context.answer(place, to: request)
        if place.id != id { response.headers[.contentLocation] = "/api/v1/places/\(place.id)" }
        return response
    }

    /// When it is open: now, or at an instant.
    @Sendable func opening(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let at = query.instant("at")
        try query.finish()
        guard let place = try await database.livingPlace(context.id(Place.self)) else { throw Problem.notFound }
        return context.answer(place.opening(at: at ?? generators.now()), to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePlaces)
        try request.refuseQuery()
        let id = try context.id(Place.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(id, by: patch, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func archive(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePlaces)
        try request.refuseQuery()
        let id = try context.id(Place.self)
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, by: context.caller, in: tx)
        }
    }
}
