import Foundation
import Hummingbird
import Postgres
import Relais

/// `/referrals`: what was proposed to whom, and what became of it.
struct ReferralRoutes {
    let database: Database
    let writing: Writing
    let desk: ReferralDesk

    init(_ parts: WebParts) {
        database = parts.database
        writing = parts.writing
        desk = ReferralDesk(generators: parts.generators)
    }

    var endpoints: RouteCollection<AppContext> {
        RouteCollection(context: AppContext.self)
            .get(use: list)
            .get(":id", use: read)
            .post(":id/accept", use: accept)
            .post(":id/decline", use: decline)
            .post(":id/withdraw", use: withdraw)
            .post(":id/schedule", use: schedule)
            .post(":id/reschedule", use: reschedule)
            .post(":id/unschedule", use: unschedule)
            .post(":id/complete", use: complete)
            .post(":id/no-show", use: noShow)
            .post(":id/cancel", use: cancel)
            .post(":id/hand-over", use: handOver)
    }

    @Sendable func list(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readReferrals)
        var query = QueryReader(request)
        var filter = Database.ReferralFilter()
        filter.request = query.id("request", of: Relais.Request.self)
        filter.mediator = query.id("mediator", of: Mediator.self)
        filter.status = query.choice("status", of: Referral.Status.self)
        let paging = query.paging()
        try query.finish()
        return context.answer(try await database.referrals(for: context.caller, where: filter, paging), to: request)
    }

    @Sendable func read(_ request: Request, context: AppContext) async throws -> Response {
        try context.require(.readReferrals)
        try request.refuseQuery()
        guard let referral = try await database.referral(context.id(Referral.self), for: context.caller) else { throw Problem.notFound }
        return context.answer(referral, to: request)
    }

    @Sendable func accept(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.accept, request, context, reading: { _ in true }) { id, _, tx throws(ReferralError) in
            try await desk.accept(id, by: context.caller, in: tx)
        }
    }

    @Sendable func decline(_ request: Request, context: AppContext) async throws -> Response {
        try await move(
            .decline, request, context,
            reading: { input -> (ReferralLifecycle.DeclineReason, String?)? in
                let reason = input.choice("reason", of: ReferralLifecycle.DeclineReason.self, required: true)
                let text = input.text("text", max: 500)
                return reason.map { ($0, text) }
            }
        ) { id, why, tx throws(ReferralError) in
            try await desk.decline(id, reason: why.0, text: why.1, by: context.caller, in: tx)
        }
    }

    @Sendable func withdraw(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.withdraw, request, context, reading: { _ in true }) { id, _, tx throws(ReferralError) in
            try await desk.withdraw(id, by: context.caller, in: tx)
        }
    }

    @Sendable func schedule(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.schedule, request, context, reading: Meeting.read) { id, meeting, tx throws(ReferralError) in
            try await desk.schedule(id, from: meeting.start, to: meeting.end, place: meeting.place, by: context.caller, in: tx)
        }
    }

    @Sendable func reschedule(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.reschedule, request, context, reading: Meeting.read) { id, meeting, tx throws(ReferralError) in
            try await desk.schedule(
                id, verb: .reschedule, from: meeting.start, to: meeting.end, place: meeting.place, by: context.caller, in: tx)
        }
    }

    @Sendable func unschedule(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.unschedule, request, context, reading: { _ in true }) { id, _, tx throws(ReferralError) in
            try await desk.unschedule(id, by: context.caller, in: tx)
        }
    }

    @Sendable func complete(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.complete, request, context, reading: { $0.choice("outcome", of: ReferralLifecycle.Outcome.self, required: true) }) {
            id, outcome, tx throws(ReferralError) in
            try await desk.complete(id, outcome: outcome, by: context.caller, in: tx)
        }
    }

    @Sendable func noShow(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.noShow, request, context, reading: { _ in true }) { id, _, tx throws(ReferralError) in
            try await desk.noShow(id, by: context.caller, in: tx)
        }
    }

    @Sendable func cancel(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.cancel, request, context, reading: { $0.text("reason", max: 500, required: true) }) {
            id, reason, tx throws(ReferralError) in
            try await desk.cancel(id, reason: reason, by: context.caller, in: tx)
        }
    }

    @Sendable func handOver(_ request: Request, context: AppContext) async throws -> Response {
        try await move(.handOver, request, context, reading: { ReferralDesk.Proposal(&$0) }) { id, proposal, tx throws(ReferralError) in
            try await desk.handOver(id, proposal, by: context.caller, in: tx)
        }
    }

    /// What every verb shares: decode (a body may be left out where nothing in it is required), then the use case in one transaction.
    private func move<Input>(
        _ name: ReferralLifecycle.Verb, _ request: Request, _ context: AppContext, reading read: (inout InputObject) -> Input?,
        _ verb: (Referral.ID, Input, Session<ReferralError>) async throws(ReferralError) -> SeenReferral
    ) async throws -> Response {
        guard let action = ReferralLifecycle.transition(of: name).action else { throw Problem.notFound }
        try context.require(action)
        try request.refuseQuery()
        let id = try context.id(Referral.self)
        let input = try context.body.json(optional: true).read(read)
        return try await writing.perform(request, context, failing: ReferralError.self) { tx throws(ReferralError) in
            try await verb(id, input, tx)
        }
    }
}

/// When and where somebody is received.
private struct Meeting {
    let start: Date
    let end: Date
    let place: Place.ID?

    /// From five minutes to twelve hours.
    static func read(_ input: inout InputObject) -> Meeting? {
        let start = input.instant("start", required: true)
        let end = input.instant("end", required: true)
        let place = input.id("place", of: Place.self)
        guard let start, let end else { return nil }
        guard (300...43_200).contains(end.timeIntervalSince(start)) else {
            input.note("end", "range", "The end must be from 5 minutes to 12 hours after the start.")
            return nil
        }
        return Meeting(start: start, end: end, place: place)
    }
}
