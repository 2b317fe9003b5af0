import Hummingbird
import Postgres
import Relais

/// `/applications`: structures that ask to be in the registry.
struct ApplicationRoutes {
    let database: Database
    let writing: Writing
    let keyring: Keyring
    let publicURL: String
    let desk: ApplicationDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        keyring = parts.keyring
        publicURL = parts.settings.publicURL
        desk = ApplicationDesk(generators: parts.generators, keyring: parts.keyring)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: file)
            .get("by-link/:secret", use: follow)
            .post("by-link/:secret", use: resubmit)
            .get(":id", use: read)
            .post(":id/validate", use: validate)
            .post(":id/ask-changes", use: askChanges)
            .post(":id/refuse", use: refuse)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        var query = QueryReader(request)
        var filter = Database.ApplicationFilter()
        filter.status = query.choice("status", of: Relais.Application.Status.self)
        filter.codes = query.text("code", max: 40).map(keyring.fingerprints(ofCodeReadOut:))
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.applications(filter, paging), to: request)
    }

    /// Without a token too: then consent is required.
    @Sendable func file(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.apply)
        try request.refuseQuery()
        let draft = try ApplicationDraft(reading: context.body.json(), needsConsent: context.caller.role == .visitor)
        return try await writing.perform(
            request, context, failing: RegistryError.self, status: .created,
            location: { (filed: FiledApplication) in "/api/v1/applications/by-link/\(filed.secret)" }
        ) { tx throws(RegistryError) -> FiledApplication in
            let filed = try await desk.file(draft, by: context.caller, in: tx)
            return FiledApplication(code: filed.code, secret: filed.secret, publicURL: publicURL)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        try request.refuseQuery()
        guard let application = try await database.application(context.id(Relais.Application.self)) else { throw Problem.notFound }
        return context.answer(application, to: request)
    }

    /// As JSON, or as a page for who opens the link in a browser.
    @Sendable func follow(_ request: Request, context: AppContext) async throws -> Response {
        try request.refuseQuery()
        let secret = try context.code("secret")
        let isForPeople = QueryReader(request).accepts("text/html")
        let followed: FollowedApplication
        do throws(RegistryError) {
            followed = try await database.transaction { tx throws(RegistryError) in try await desk.followed(secret, in: tx) }
        } catch {
            if isForPeople, error == .unknown { return FollowPage.unknownApplication.response(.notFound) }
            throw error
        }
        if isForPeople { return FollowPage(followed).response() }
        // It may hold a token, and the token goes out of it without a change of its version: never kept, and without an ETag.
        var response = Answer(.ok, followed).response
        response.headers[.eTag] = nil
        response.headers[.cacheControl] = "no-store"
        return response
    }

    @Sendable func resubmit(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.apply)
        try request.refuseQuery()
        let secret = try context.code("secret")
        let draft = try ApplicationDraft(reading: context.body.json(), needsConsent: false)
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.resubmit(draft, link: secret, by: context.caller, in: tx)
        }
    }

    /// Into the registry: as a new structure, or as one that is there.
    @Sendable func validate(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        try request.refuseQuery()
        let id = try context.id(Relais.Application.self)
        let precondition = try request.preconditionIfAny
        let (existing, withPlaces) = try context.body.json(optional: true).read { input -> (Structure.ID?, Bool)? in
            (input.id("structure", of: Structure.self), input.flag("with_places") ?? true)
        }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.validate(id, as: existing, withPlaces: withPlaces, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func askChanges(_ request: Request, context: AppContext) async throws -> Response {
        let (id, reason) = try reason(request, context)
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.askChanges(id, reason: reason, if: precondition, by: context.caller, in: tx)
        }
    }

    @Sendable func refuse(_ request: Request, context: AppContext) async throws -> Response {
        let (id, reason) = try reason(request, context)
        let precondition = try request.preconditionIfAny
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.refuse(id, reason: reason, if: precondition, by: context.caller, in: tx)
        }
    }

    private func reason(_ request: Request, _ context: AppContext) throws -> (Relais.Application.ID, String) {
        try context.require(.supervise)
        try request.refuseQuery()
        let id = try context.id(Relais.Application.self)
        return (id, try context.body.json().read { $0.text("reason", max: 2000, required: true) })
    }
}

/// What who applies is answered.
private struct FiledApplication: Encodable {
    let code: String
    let secret: String
    let publicURL: String

    private enum CodingKeys: String, CodingKey { case code, link }

    func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(code, forKey: .code)
        try out.encode("\(publicURL)/api/v1/applications/by-link/\(secret)", forKey: .link)
    }
}

/// `/reviews`: what staff is to see again.
struct ReviewRoutes {
    let database: Database
    let writing: Writing
    let desk: ReviewDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = ReviewDesk(parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self).get(use: list).get(":id", use: read).post(":id/seen", use: see)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        var query = QueryReader(request)
        let seen = query.flag("seen") ?? false
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.reviews(seen: seen, paging), to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        try request.refuseQuery()
        guard let review = try await database.review(context.id(Review.self)) else { throw Problem.notFound }
        return context.answer(review, to: request)
    }

    @Sendable func see(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.supervise)
        try request.refuseQuery()
        let id = try context.id(Review.self)
        let precondition = try request.preconditionIfAny
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RegistryError.self) { tx throws(RegistryError) in
            try await desk.see(id, if: precondition, by: context.caller, in: tx)
        }
    }
}
