import Foundation
import HTTPTypes
import Hummingbird
import Matching
import Postgres
import Relais

/// `/requests`: what is asked of the network.
struct RequestRoutes {
    let database: Database
    let writing: Writing
    let generators: Generators
    let keyring: Keyring
    let publicURL: String
    let desk: RequestDesk
    let referrals: ReferralDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        generators = parts.generators
        keyring = parts.keyring
        publicURL = parts.settings.publicURL
        desk = RequestDesk(generators: parts.generators, keyring: parts.keyring)
        referrals = ReferralDesk(generators: parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .post(use: file)
            .get(":id", use: read)
            .patch(":id", use: change)
            .post(":id/qualify", use: qualify)
            .post(":id/park", use: park)
            .post(":id/give-up", use: giveUp)
            .post(":id/cancel", use: cancel)
            .post(":id/reopen", use: reopen)
            .get(":id/candidates", use: candidates)
            .post(":id/referrals", use: propose)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRequests)
        var query = QueryReader(request)
        var filter = Database.RequestFilter()
        filter.status = query.choice("status", of: Relais.Request.Status.self)
        filter.askedBy = query.choice("asked_by", of: Relais.Request.AskedBy.self)
        filter.commune = query.text("commune", max: 5)
        filter.skill = query.text("skill", max: 80)
        filter.needsAttention = query.flag("needs_attention")
        filter.codes = query.text("code", max: 40).map(keyring.fingerprints(ofCodeReadOut:))
        let sort = query.choice("sort", of: RequestSort.self) ?? .id
        let paging = query.paging(order: sort.rawValue, parts: sort.parts)
        try query.finish()
        let found = try await database.requests(for: context.caller, where: filter, at: generators.now(), sort: sort, paging)
        return context.answer(found, to: request)
    }

    /// Without a token too: then consent is required, and the answer is what follows the request, `{code, link}`.
    @Sendable func file(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.fileRequest)
        try request.refuseQuery()
        let isVisitor = context.caller.role == .visitor
        let ((draft, person, consents), noted) = try context.body.json().reading { input -> (RequestDraft, Person?, Bool) in
            let consents = input.consent(isRequired: isVisitor)
            var person: Person?
            if var object = input.object("person") {
                person = Person(&object)
                object.finish()
            }
            return (RequestDraft(&input), person, consents)
        }
        return try await writing.perform(
            request, context, failing: RequestError.self, status: .created,
            location: { filed in
                isVisitor ? "/suivi/\(filed.filed.secret)" : "/api/v1/requests/\(filed.filed.request.request.id)"
            }
        ) { tx throws(RequestError) in
            FiledRequest(
                filed: try await desk.file(draft, person: person, consents: consents, noted: noted, by: context.caller, in: tx),
                toVisitor: isVisitor, publicURL: publicURL)
        }
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRequests)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        // A transaction: reading who the person is leaves a line in the log of readings, or does not happen.
        let seen = try await database.transaction { tx throws(RequestError) in try await desk.read(id, by: context.caller, in: tx) }
        return context.answer(seen, to: request)
    }

    @Sendable func change(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readRequests)
        try context.require(.fileRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let precondition = try request.precondition
        let patch = try context.body.mergePatch()
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.change(id, if: precondition, by: context.caller, in: tx) { current throws(InvalidInput) in
                let representation = JSONValue(representing: SeenRequest(whole: current, to: context.caller, at: generators.now()))
                return try representation.patched(by: patch, readOnly: SeenRequest.readOnlyMembers).read { RequestDraft(&$0) }
            }
        }
    }

    @Sendable func qualify(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.qualifyRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        _ = try context.body.json(optional: true).read { _ in true }
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.qualify(id, by: context.caller, in: tx)
        }
    }

    @Sendable func park(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.qualifyRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let until = try context.body.json().read { $0.instant("until", required: true) }
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.park(id, until: until, by: context.caller, in: tx)
        }
    }

    @Sendable func giveUp(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.qualifyRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let reason = try context.body.json().read { $0.text("reason", max: 500, required: true) }
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.giveUp(id, reason: reason, by: context.caller, in: tx)
        }
    }

    @Sendable func cancel(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.cancelRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let reason = try context.body.json(optional: true).read { [$0.text("reason", max: 500)] }.first ?? nil
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.cancel(id, reason: reason, by: context.caller, in: tx)
        }
    }

    @Sendable func reopen(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.qualifyRequest)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let reason = try context.body.json().read { $0.text("reason", max: 500, required: true) }
        return try await writing.perform(request, context, failing: RequestError.self) { tx throws(RequestError) in
            try await desk.reopen(id, reason: reason, by: context.caller, in: tx)
        }
    }

    @Sendable func candidates(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readCandidates)
        var query = QueryReader(request)
        let explainsAll = query.code("explain", of: ["all"]) != nil
        let limit = query.integer("limit", in: 1...Paging.largest) ?? Paging.usual
        try query.finish()
        let id = try context.id(Relais.Request.self)
        let found = try await database.candidates(for: id, caller: context.caller, explainingAll: explainsAll, at: generators.now())
        guard let found else { throw Problem.notFound }
        return context.answer(CandidateList(items: Array(found.prefix(explainsAll ? found.count : limit))), to: request)
    }

    @Sendable func propose(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.propose)
        try request.refuseQuery()
        let id = try context.id(Relais.Request.self)
        let proposal = try context.body.json().read { ReferralDesk.Proposal(&$0) }
        return try await writing.perform(
            request, context, failing: ReferralError.self, status: .created, location: { "/api/v1/referrals/\($0.referral.id)" }
        ) { tx throws(ReferralError) in
            try await referrals.propose(id, proposal, by: context.caller, in: tx)
        }
    }
}

/// What whoever files a request is answered: a visitor the code and the link alone, an account the request too.
private struct FiledRequest: Encodable, Versioned {
    let filed: RequestDesk.Filed
    let toVisitor: Bool
    let publicURL: String

    var version: Int { filed.version }

    private enum CodingKeys: String, CodingKey { case code, link }

    func encode(to encoder: any Encoder) throws {
        if !toVisitor { try filed.request.encode(to: encoder) }
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(filed.code, forKey: .code)
        try out.encode("\(publicURL)/suivi/\(filed.secret)", forKey: .link)
    }
}

/// The candidates of one request, best first. All of them are computed at once, so the list has no next piece.
private struct CandidateList: Encodable {
    let items: [Matching.Candidate]

    private enum CodingKeys: String, CodingKey {
        case items
        case next = "next_cursor"
    }

    func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(items.map(SeenCandidate.init), forKey: .items)
        try out.encodeNil(forKey: .next)
    }
}

/// A candidate as the API shows it.
private struct SeenCandidate: Encodable {
    let candidate: Matching.Candidate

    init(_ candidate: Matching.Candidate) { self.candidate = candidate }

    private enum CodingKeys: String, CodingKey {
        case mediator, place, mode, score, terms
        case distance = "distance_m"
        case alternatives
        case excludedBy = "excluded_by"
    }

    func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(Mediator.ID(candidate.mediator), forKey: .mediator)
        if let best = candidate.best {
            try Self.encode(best, into: &out)
            try out.encode(candidate.alternatives.map(Alternative.init), forKey: .alternatives)
        } else {
            try out.encode(candidate.excludedBy, forKey: .excludedBy)
        }
    }

    private static func encode(_ way: Matching.Candidate.Way, into out: inout KeyedEncodingContainer<CodingKeys>) throws {
        try out.encodeIfPresent(way.place.map { Place.ID($0) }, forKey: .place)
        try out.encode(way.mode, forKey: .mode)
        try out.encode(way.score, forKey: .score)
        try out.encode(way.terms, forKey: .terms)
        try out.encodeIfPresent(way.distance, forKey: .distance)
    }

    private struct Alternative: Encodable {
        let way: Matching.Candidate.Way

        init(_ way: Matching.Candidate.Way) { self.way = way }

        func encode(to encoder: any Encoder) throws {
            var out = encoder.container(keyedBy: CodingKeys.self)
            try SeenCandidate.encode(way, into: &out)
        }
    }
}
