import Hummingbird
import Postgres
import Relais

/// `/places/{id}/stops`: where an itinerant service stops, and when.
struct StopRoutes {
    let database: Database
    let writing: Writing
    let desk: StopDesk
    let history: HistoryRoutes<PlaceDesk>

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = StopDesk(parts.generators)
        history = HistoryRoutes(parts, PlaceDesk(parts.generators))
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(":id/stops", use: list)
            .put(":id/stops", use: replace)
    }

    /// All of them, or those of a day with their times; as they are, or as they were.
    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let day = query.day("on")
        let instant = query.instant("as_of")
        try query.finish()
        let stops: PlaceStops
        if let instant {
            stops = PlaceStops(try await history.past(asOf: instant, context))
        } else {
            guard let present = try await database.stops(of: context.id(Place.self)) else { throw Problem.notFound }
            stops = present
        }
        guard let day else { return context.answer(stops, to: request) }
        return context.answer(PlaceStopsOnDay(stops, on: day), to: request)
    }

    @Sendable func replace(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writePlaces)
        try request.refuseQuery()
        let id = try context.id(Place.self)
        let precondition = try request.precondition
        let list = try StopList(reading: context.body.json())
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.replace(list, of: id, if: precondition, by: context.caller, in: tx)
        }
    }
}
