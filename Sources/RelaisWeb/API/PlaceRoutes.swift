import Hummingbird
import Postgres
import Relais

/// `/places`: where people are received.
struct PlaceRoutes {
    let database: Database
    let writing: Writing
    let desk: PlaceDesk
    let history: HistoryRoutes<PlaceDesk>
    let generators: Generators

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = PlaceDesk(parts.generators)
        history = HistoryRoutes(parts, desk)
        generators = parts.generators
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":id", use: read)
            .patch(":id", use: change)
            .delete(":id", use: archive)
            .post(":id/confirm", use: confirm)
            .get(":id/quality", use: quality)
            .get(":id/opening", use: opening)
    }

    /// The search: filters, order, and what is asked beside the items.
    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let question = PlaceQuestion(&query, now: generators.now())
        if let feed = query.feed() {
            try query.finish()
            let page = try await database.changes(
                of: Place.self, kept: PastPlace.self, from: "places", after: feed.start, of: feed.cluster, limit: feed.limit)
            return Answer(.ok, FeedAnswer(page.map { FedEntry($0) { ($0, "\($0.id)", $0.record) } })).response
        }
        let paging = query.paging(order: question.search.sort.rawValue, parts: question.search.sort.parts)
        try query.finish()
        let filter = try await question.filter(in: database)
        if let format = question.whole {
            let (sort, writer) = (question.search.sort, PlaceWriter(format, hasDistance: filter.near != nil))
            return try await Response.whole(writer, as: format.mediaType, order: sort.rawValue, logger: context.logger) {
                [database] paging in
                try await database.search(filter, sort: sort, paging)
            }
        }
        let page = try await database.search(filter, sort: question.search.sort, paging)
        let found = try await database.found(page, of: filter, question.search, paging, facets: question.facets)
        if question.isGeoJSON { return context.answer(geo: found, to: request) }
        return context.answer(found, next: page.next, to: request)
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
        if let past = try await history.past(request, context) { return context.answer(past.place, to: request) }
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
        let at = query.openingInstant("at")
        try query.finish()
        guard let place = try await database.livingPlace(context.id(Place.self)) else { throw Problem.notFound }
        return context.answer(try await database.opening(of: place, at: at ?? generators.now()), to: request)
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
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, if: precondition, by: context.caller, in: tx)
        }
    }

    /// Says that it is right as it stands.
    @Sendable func confirm(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.confirm)
        try request.refuseQuery()
        let id = try context.id(Place.self)
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.confirm(id, if: precondition, by: context.caller, in: tx)
        }
    }

    /// How much it says, part by part, and what would raise it.
    @Sendable func quality(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        guard let place = try await database.livingPlace(context.id(Place.self)), let quality = try await database.quality(of: place.id)
        else {
            throw Problem.notFound
        }
        return context.answer(quality, to: request)
    }
}
