import Hummingbird
import Postgres
import Relais

/// `/skills`: the network's tree of skills.
struct SkillRoutes {
    let database: Database
    let writing: Writing
    let desk: SkillDesk
    let history: HistoryRoutes<SkillDesk>

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = SkillDesk(parts.generators)
        history = HistoryRoutes(parts, desk)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: create)
            .get(":code", use: read)
            .patch(":code", use: change)
            .delete(":code", use: archive)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        var query = QueryReader(request)
        let parent = query.text("parent", form: .skill)
        let archived = query.flag("archived") ?? false
        if let feed = query.feed() {
            try query.finish()
            let page = try await database.changes(
                of: Skill.self, kept: Skill.self, from: "skills", after: feed.start, of: feed.cluster, limit: feed.limit)
            return Answer(.ok, FeedAnswer(page.map { FedEntry($0) { ($0, "\($0.id)", $0.record) } })).response
        }
        let paging = query.paging(order: "code", parts: [.text])
        try query.finish()
        return context.answer(try await database.skills(parent: parent, archived: archived, paging), to: request)
    }

    @Sendable func create(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let (id, draft) = try Skill.read(context.body.json())
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created, location: { "/api/v1/skills/\($0.id)" }
        ) { tx throws(RegistryError) in
            try await desk.create(id, draft, by: context.caller, in: tx)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        if let past = try await history.past(request, context) { return context.answer(past, to: request) }
        guard let skill = try await database.skill(context.code()) else { throw Problem.notFound }
        return context.answer(skill, to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let id = try context.code()
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.change(id, by: patch, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func archive(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.writeSkills)
        try request.refuseQuery()
        let id = try context.code()
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.archive(id, if: precondition, by: context.caller, in: tx)
        }
    }
}
