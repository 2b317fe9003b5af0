import Hummingbird
import Postgres
import Relais

/// The addresses of a simple kind of entry: `/synonyms`, `/proprietary-services`, `/alternatives`.
struct EntryRoutes<Draft: EntryDraft> {
    let database: Database
    let writing: Writing
    let desk: EntryDesk<Draft>
    let history: HistoryRoutes<EntryDesk<Draft>>
    /// Where they stand: `/api/v1/synonyms`.
    let path: String
    /// Reads what a list is narrowed by.
    let filter: @Sendable (inout QueryReader) -> Draft.Filter

    init(_ parts: WebParts, at path: String, filter: @escaping @Sendable (inout QueryReader) -> Draft.Filter) {
        database = parts.database
        writing = parts.writing
        desk = EntryDesk(parts.generators)
        history = HistoryRoutes(parts, desk)
        self.path = path
        self.filter = filter
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":id", use: read)
            .patch(":id", use: change)
            .delete(":id", use: archive)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let filter = filter(&query)
        let archived = query.flag("archived") ?? false
        let paging = query.paging()
        try query.finish()
        let page: Page<Entry<Draft>> = try await database.entries(filter, archived: archived, paging)
        return context.answer(page, to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let draft = try context.body.json().read { Draft(&$0) }
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "\(path)/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(draft, by: context.caller, in: tx)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        if let past = try await history.past(request, context) { return context.answer(past, to: request) }
        guard let entry = try await database.entry(context.id(Draft.self)) else { throw Problem.notFound }
        return context.answer(entry, to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let id = try context.id(Draft.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(id, by: patch, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func archive(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let id = try context.id(Draft.self)
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, if: precondition, by: context.caller, in: tx)
        }
    }
}

extension EntryRoutes<SynonymDraft> {
    init(_ parts: WebParts) {
        self.init(parts, at: "/api/v1/synonyms") { query in
            var filter = SynonymDraft.Filter()
            filter.skill = query.text("skill", form: .skill)
            return filter
        }
    }
}

extension EntryRoutes<ProprietaryServiceDraft> {
    init(_ parts: WebParts) {
        self.init(parts, at: "/api/v1/proprietary-services") { query in
            var filter = ProprietaryServiceDraft.Filter()
            filter.skill = query.text("skill", form: .skill)
            filter.name = query.text("q", max: 100)
            return filter
        }
    }
}

extension EntryRoutes<AlternativeDraft> {
    init(_ parts: WebParts) {
        self.init(parts, at: "/api/v1/alternatives") { query in
            var filter = AlternativeDraft.Filter()
            filter.service = query.id("service", of: ProprietaryServiceDraft.self)
            return filter
        }
    }
}
