import Hummingbird
import Postgres
import Relais

/// `/structures`: the legal bodies of the network. Contacts that are not public only for staff and the structure's manager.
struct StructureRoutes {
    let database: Database
    let writing: Writing
    let desk: StructureDesk
    let history: HistoryRoutes<StructureDesk>
    let generators: Generators

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = StructureDesk(parts.generators)
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
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        var filter = StructureFilter()
        filter.network = query.text("network", max: 100)
        filter.parent = query.id("parent", of: Structure.self)
        filter.archived = query.flag("archived") ?? false
        filter.reliability = query.reliability(at: generators.now())
        let sort = query.choice("sort", of: EntrySort.self) ?? .id
        if let feed = query.feed() {
            try query.finish()
            let page = try await database.changes(
                of: Structure.self, kept: Structure.self, from: "structures", after: feed.start, of: feed.cluster, limit: feed.limit)
            return Answer(.ok, FeedAnswer(page.map { FedEntry($0) { ($0.seen(by: context.caller), "\($0.id)", $0.record) } })).response
        }
        let paging = query.paging(order: sort.rawValue, parts: sort.parts)
        try query.finish()
        let page = try await database.structures(filter, sort: sort, paging)
        return context.answer(page.map { $0.seen(by: context.caller) }, to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.createStructures)
        var query = QueryReader(request)
        let allowing = query.flag("allow_duplicate") ?? false
        try query.finish()
        let draft = try StructureDraft(reading: context.body.json())
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "/api/v1/structures/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(draft, allowingDuplicates: allowing, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        if let past = try await history.past(request, context) { return context.answer(past.seenPast(by: context.caller), to: request) }
        guard let structure = try await database.structure(context.id(Structure.self)) else { throw Problem.notFound }
        return context.answer(structure.seen(by: context.caller), to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeStructures)
        try request.refuseQuery()
        let id = try context.id(Structure.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(id, by: patch, if: precondition, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    @Sendable func archive(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.createStructures)
        try request.refuseQuery()
        let id = try context.id(Structure.self)
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, if: precondition, by: context.caller, in: tx)
        }
    }

    /// Says that it is right as it stands.
    @Sendable func confirm(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.confirm)
        try request.refuseQuery()
        let id = try context.id(Structure.self)
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.confirm(id, if: precondition, by: context.caller, in: tx).seen(by: context.caller)
        }
    }

    /// How much it says, part by part, and what would raise it.
    @Sendable func quality(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        guard let quality = try await database.quality(of: context.id(Structure.self)) else { throw Problem.notFound }
        return context.answer(quality, to: request)
    }
}
