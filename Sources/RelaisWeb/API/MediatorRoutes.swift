import Foundation
import Hummingbird
import Postgres
import Relais

/// `/mediators`: who helps, with what, and how much more. Only for those who have a token; e-mail and telephone only for those who answer for them.
struct MediatorRoutes {
    let database: Database
    let writing: Writing
    let generators: Generators
    let desk: MediatorDesk
    let history: HistoryRoutes<MediatorDesk>
    let capacities: CapacityDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        generators = parts.generators
        desk = MediatorDesk(parts.generators)
        history = HistoryRoutes(parts, desk)
        capacities = CapacityDesk(parts.generators)
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
            .get(":id/capacity", use: readCapacity)
            .patch(":id/capacity", use: changeCapacity)
    }

    /// The search: filters, order, and what is asked beside the items.
    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readMediators)
        var query = QueryReader(request)
        let question = MediatorQuestion(&query, now: generators.now())
        if let feed = query.feed() {
            try query.finish()
            let page = try await database.changes(
                of: Mediator.self, kept: PastMediator.self, from: .mediators(at: generators.now()), after: feed.start, of: feed.cluster,
                limit: feed.limit)
            return Answer(.ok, FeedAnswer(page.map { FedEntry($0) { ($0.seen(by: context.caller), "\($0.id)", $0.record) } })).response
        }
        let paging = query.paging(order: question.search.sort.rawValue, parts: question.search.sort.parts)
        try query.finish()
        let filter = try await question.filter(in: database)
        if let format = question.whole {
            let (sort, caller) = (question.search.sort, context.caller)
            let writer = MediatorWriter(format, hasDistance: filter.near != nil)
            return try await Response.whole(writer, as: format.mediaType, order: sort.rawValue, logger: context.logger) {
                [database] paging in
                try await database.search(filter, sort: sort, paging).map { $0.seen(by: caller) }
            }
        }
        let page = try await database.search(filter, sort: question.search.sort, paging)
        let found = try await database.found(
            page.map { $0.seen(by: context.caller) }, of: filter, question.search, paging, facets: question.facets)
        return context.answer(found, next: page.next, to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeMediators)
        try request.refuseQuery()
        let draft = try MediatorDraft(reading: context.body.json())
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "/api/v1/mediators/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(draft, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readMediators)
        if let past = try await history.past(request, context) {
            let now = try await mediator(context)
            return context.answer(now.isOpen(to: context.caller) ? past : past.withoutContact, to: request)
        }
        return Answer(.ok, try await mediator(context).seen(by: context.caller)).response
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeMediators)
        try request.refuseQuery()
        let id = try context.id(Mediator.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(id, by: patch, if: precondition, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    @Sendable func archive(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeMediators)
        try request.refuseQuery()
        let id = try context.id(Mediator.self)
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, if: precondition, by: context.caller, in: tx)
        }
    }

    /// Says that it is right as it stands.
    @Sendable func confirm(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.confirm)
        try request.refuseQuery()
        let id = try context.id(Mediator.self)
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.confirm(id, if: precondition, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    /// How much it says, part by part, and what would raise it.
    @Sendable func quality(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readMediators)
        try request.refuseQuery()
        guard let quality = try await database.quality(of: context.id(Mediator.self)) else { throw Problem.notFound }
        return context.answer(quality, to: request)
    }

    @Sendable func readCapacity(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readMediators)
        try request.refuseQuery()
        return Answer(.ok, CapacityOf(try await mediator(context))).response
    }

    @Sendable func changeCapacity(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.declareCapacity)
        try request.refuseQuery()
        let id = try context.id(Mediator.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            CapacityOf(try await capacities.change(id, by: patch, if: precondition, by: context.caller, in: tx))
        }
    }

    /// Never 304: what a mediator holds and has left changes without its version.
    private func mediator(_ context: AppContext) async throws -> Mediator {
        guard let mediator = try await database.mediator(context.id(Mediator.self), at: generators.now()) else { throw Problem.notFound }
        return mediator
    }
}

/// A mediator's capacity, which has the mediator's version.
private struct CapacityOf: Encodable, Versioned {
    let mediator: Mediator
    var version: Int { mediator.version }

    init(_ mediator: Mediator) { self.mediator = mediator }

    func encode(to encoder: any Encoder) throws { try mediator.capacity.encode(to: encoder) }
}
