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

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        var filter = PlaceFilter()
        filter.structure = query.id("structure", of: Structure.self)
        filter.commune = query.text("commune", form: .insee)
        filter.service = query.code("service", of: Vocabulary.services.codes)
        filter.source = query.text("source")
        filter.archived = query.flag("archived") ?? false
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.places(filter, paging), to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePlaces)
        try request.refuseQuery()
        let draft = try PlaceDraft(reading: context.body.json())
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "/api/v1/places/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(draft, by: context.caller, in: tx)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        guard let place = try await database.place(context.id(Place.self)) else { throw Problem.notFound }
        return context.answer(place, to: request)
    }

    /// When it is open: now, or at an instant.
    @Sendable func opening(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let at = query.instant("at")
        try query.finish()
        guard let place = try await database.place(context.id(Place.self)) else { throw Problem.notFound }
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
