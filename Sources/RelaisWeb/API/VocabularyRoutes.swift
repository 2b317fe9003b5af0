import Hummingbird
import Relais

/// `/vocabularies`: the closed lists of codes, with their labels.
struct VocabularyRoutes {
    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .get(":name", use: read)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        let all = Vocabulary.all
        return context.answer(Page(all, Paging(limit: all.count)) { [$0.name] }, to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRegistry)
        try request.refuseQuery()
        let name = try context.code("name")
        guard let vocabulary = Vocabulary.all.first(where: { $0.name == name }) else { throw Problem.notFound }
        return context.answer(vocabulary, to: request)
    }
}
