import Foundation
import Matching
import Postgres

/// Where requests are proposed, and proposals answered, followed and ended. Every verb works in the transaction that it is given, so that its effect,
/// its event, its jobs and the answer kept for a repeated `Idempotency-Key` are committed together. Each begins by locking the request, so that what is
/// done to one request is done in turn; a mediator's capacity is locked and counted by the database (`migrations/0004_referrals.sql`).
public struct ReferralDesk: Sendable {
    let generators: Generators

    public init(generators: Generators) { self.generators = generators }

    /// Whom a request is proposed to, and who is asked next should they decline.
    public struct Proposal: Sendable, Equatable {
        public let mediator: Mediator.ID
        /// The way of helping; `nil`: the best one.
        public let mode: Mode?
        public let place: Place.ID?
        /// In this order.
        public let then: [Mediator.ID]

        public init(mediator: Mediator.ID, mode: Mode? = nil, place: Place.ID? = nil, then: [Mediator.ID] = []) {
            self.mediator = mediator
            self.mode = mode
            self.place = place
            self.then = then
        }

        public init(_ input: inout InputObject) {
            self.init(
                mediator: input.id("mediator", of: Mediator.self, required: true) ?? Mediator.ID(UUID()),
                mode: input.choice("mode", of: Mode.self), place: input.id("place", of: Place.self),
                then: input.ids("then", of: Mediator.self, max: 20) ?? [])
        }
    }

    /// Proposes the request to a mediator who can take it.
    public func propose(
        _ id: Request.ID, _ proposal: Proposal, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        guard caller.reach(for: .propose) == .everything else { throw .forbidden("Requests are proposed by coordinators.") }
        guard let request = try await tx.lockRequest(id), let policy = try await tx.policy() else { throw .unknownRequest }
        let proposable = RequestLifecycle.transition(of: .propose).from
        guard proposable.contains(request.status) || policy.offersToSeveral && request.status == .referred else {
            throw request.status == .referred ? .requestAlreadyProposed : .requestNotNow(in: request.status)
        }
        guard !request.needs.isEmpty else {
            throw .invalid(InvalidInput("", "no_needs", "The request does not say which skills it needs: add them to it first."))
        }
        // The request is locked: of two at once the second sees the first.
        if request.status == .referred, try await tx.isAsked(proposal.mediator, for: id) { throw .requestAlreadyProposed }
        try await tx.requireMediators(proposal.then)
        let now = generators.now()
        let referral = try await propose(request, proposal, policy: policy, by: caller, at: now, in: tx)
        if request.status == .referred {
            // One more is asked beside those who are: who is to be asked next comes after who was ticked before.
            let next = request.nextMediators + proposal.then.filter { !request.nextMediators.contains($0) }
            try await tx.noteProposal(of: id, next: next, at: now)
        } else {
            try await tx.move(
                request, by: .propose, caller: caller, at: now, set: ["next_mediators = \(proposal.then)", "retry_at = NULL"])
        }
        return SeenReferral(referral, to: caller)
    }

    /// The mediator takes the request. An answer after the deadline, before the expiry has run, is taken.
    public func accept(_ id: Referral.ID, by caller: Caller, in tx: Session<ReferralError>) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .accept, by: caller, in: tx)
        let now = generators.now()
        let accepted = try await tx.move(referral, by: .accept, caller: caller, at: now, set: ["answered_at = \(now)"])
        try await tx.withdrawOtherProposals(of: request.id, but: id, by: caller, at: now)
        try await tx.move(
            request, by: ReferralLifecycle.requestVerb(after: .accept), caller: caller, at: now,
            set: ["next_mediators = '{}'", "returned_at = NULL"])
        return SeenReferral(accepted, to: caller)
    }

    /// The mediator refuses; the next of the list that staff ticked is asked in the same transaction.
    public func decline(
        _ id: Referral.ID, reason: ReferralLifecycle.DeclineReason, text: String?, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .decline, by: caller, in: tx)
        let now = generators.now()
        let declined = try await tx.move(
            referral, by: .decline, caller: caller, at: now,
            set: ["answered_at = \(now)", "ended_at = \(now)", "reason = \(reason)", "reason_text = \(text)"],
            data: ["reason": .code(reason.rawValue)])
        try await goOn(request, after: .decline, by: caller, at: now, in: tx)
        return SeenReferral(declined, to: caller)
    }

    /// Staff takes a proposal back before it is answered.
    public func withdraw(_ id: Referral.ID, by caller: Caller, in tx: Session<ReferralError>) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .withdraw, by: caller, in: tx)
        let now = generators.now()
        let withdrawn = try await tx.move(referral, by: .withdraw, caller: caller, at: now, set: ["ended_at = \(now)"])
        try await goOn(request, after: .withdraw, by: caller, at: now, in: tx)
        return SeenReferral(withdrawn, to: caller)
    }

    /// The time to answer is over. Does nothing when the proposal was answered meanwhile.
    public func expire(_ id: Referral.ID, in tx: Session<ReferralError>) async throws(ReferralError) {
        guard let referral = try await tx.lockRequest(of: id), let request = try await tx.request(referral.request) else { return }
        let now = generators.now()
        guard referral.status == .proposed, referral.answerBy <= now else { return }
        _ = try await tx.move(referral, by: .expire, caller: .system, at: now, set: ["ended_at = \(now)"])
        try await goOn(request, after: .expire, by: .system, at: now, in: tx)
    }

    /// Sets, or with `.reschedule` moves, the appointment.
    public func schedule(
        _ id: Referral.ID, verb: ReferralLifecycle.Verb = .schedule, from start: Date, to end: Date, place: Place.ID?, by caller: Caller,
        in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        let (referral, _) = try await held(id, for: verb, by: caller, in: tx)
        let now = generators.now()
        guard start > now else { throw .invalid(InvalidInput("/start", "range", "This must be in the future.")) }
        if let place, try await !tx.receives(referral.mediator, at: place) {
            throw .invalid(InvalidInput("/place", "unknown_id", "This is not one of the mediator's places."))
        }
        if verb == .reschedule { try await tx.cancelAppointments(of: id, at: now) }
        try await tx.insertAppointment(
            Identifier<Appointment>(generators.newID()), of: referral, from: start, to: end, place: place ?? referral.place)
        return SeenReferral(try await tx.move(referral, by: verb, caller: caller, at: now), to: caller)
    }

    /// Takes the appointment back; the referral is accepted again.
    public func unschedule(_ id: Referral.ID, by caller: Caller, in tx: Session<ReferralError>) async throws(ReferralError) -> SeenReferral
    {
        let (referral, _) = try await held(id, for: .unschedule, by: caller, in: tx)
        let now = generators.now()
        try await tx.cancelAppointments(of: id, at: now)
        return SeenReferral(try await tx.move(referral, by: .unschedule, caller: caller, at: now), to: caller)
    }

    /// The person was helped, or not: the outcome says. The mediator's capacity is given back.
    public func complete(
        _ id: Referral.ID, outcome: ReferralLifecycle.Outcome, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .complete, by: caller, in: tx)
        guard outcome != .noShow else {
            throw .invalid(
                InvalidInput("/outcome", "not_possible", "Who did not come is told by no-show: the first time, the request goes on."))
        }
        let now = generators.now()
        try await tx.endAppointments(of: id, at: now)
        let completed = try await tx.move(
            referral, by: .complete, caller: caller, at: now, set: ["ended_at = \(now)", "outcome = \(outcome)"],
            data: ["outcome": .code(outcome.rawValue)])
        try await tx.move(
            request, by: ReferralLifecycle.requestVerb(after: .complete), caller: caller, at: now,
            set: ["ended_at = \(now)", "outcome = \(outcome)"])
        return SeenReferral(completed, to: caller)
    }

    /// The person did not come: the first time the request goes back to the top of the queue, the second time it is closed.
    public func noShow(_ id: Referral.ID, by caller: Caller, in tx: Session<ReferralError>) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .noShow, by: caller, in: tx)
        let now = generators.now()
        try await tx.endAppointments(of: id, at: now)
        let ended = try await tx.move(referral, by: .noShow, caller: caller, at: now, set: ["ended_at = \(now)"])
        if request.noShows == 0 {
            try await comeBack(request, after: .noShow, by: caller, at: now, set: ["no_shows = no_shows + 1"], in: tx)
        } else {
            try await tx.move(
                request, by: .missed, caller: caller, at: now,
                set: ["no_shows = no_shows + 1", "ended_at = \(now)", "outcome = \(ReferralLifecycle.Outcome.noShow)"])
        }
        return SeenReferral(ended, to: caller)
    }

    /// Ends a referral that was taken; the request goes back to the top of the queue.
    public func cancel(
        _ id: Referral.ID, reason: String, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .cancel, by: caller, in: tx)
        let now = generators.now()
        let cancelled = try await end(referral, by: .cancel, reason: "cancelled", text: reason, caller: caller, at: now, in: tx)
        try await comeBack(request, after: .cancel, by: caller, at: now, in: tx)
        return SeenReferral(cancelled, to: caller)
    }

    /// Gives what one mediator has taken to another: cancelled and proposed in one transaction.
    public func handOver(
        _ id: Referral.ID, _ proposal: Proposal, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> SeenReferral {
        let (referral, request) = try await held(id, for: .handOver, by: caller, in: tx)
        guard proposal.mediator != referral.mediator else {
            throw .invalid(InvalidInput("/mediator", "not_possible", "This mediator has it: name who is to take it over."))
        }
        guard let policy = try await tx.policy() else { throw .unknownRequest }
        try await tx.requireMediators(proposal.then)
        let now = generators.now()
        _ = try await end(referral, by: .handOver, reason: "handed_over", text: nil, caller: caller, at: now, in: tx)
        try await tx.move(
            request, by: ReferralLifecycle.requestVerb(after: .handOver), caller: caller, at: now, set: ["returned_at = \(now)"])
        guard let back = try await tx.request(request.id) else { throw .unknownRequest }
        let next = try await propose(back, proposal, policy: policy, by: caller, at: now, in: tx)
        try await tx.move(back, by: .propose, caller: caller, at: now, set: ["next_mediators = \(proposal.then)"])
        return SeenReferral(next, to: caller)
    }

    // MARK: - What the verbs share

    /// Locks the request of a referral and looks whether the caller may do `verb` to it now.
    private func held(
        _ id: Referral.ID, for verb: ReferralLifecycle.Verb, by caller: Caller, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> (Referral, Request) {
        let transition = ReferralLifecycle.transition(of: verb)
        let locked = try await tx.lockRequest(of: id, visibleTo: caller, for: transition.action ?? .readReferrals)
        guard let referral = locked, let request = try await tx.request(referral.request) else { throw .unknown }
        guard let action = transition.action, caller.may(action, of: referral.structure, mediator: referral.mediator) else {
            throw .forbidden("\(verb.rawValue) is not for a \(caller.role.rawValue) here.")
        }
        guard transition.from.contains(referral.status) else { throw .notNow(verb, in: referral.status) }
        return (referral, request)
    }

    private func end(
        _ referral: Referral, by verb: ReferralLifecycle.Verb, reason: String, text: String?, caller: Caller, at now: Date,
        in tx: Session<ReferralError>
    ) async throws(ReferralError) -> Referral {
        try await tx.endAppointments(of: referral.id, at: now)
        return try await tx.move(
            referral, by: verb, caller: caller, at: now, set: ["ended_at = \(now)", "reason = \(reason)", "reason_text = \(text)"],
            data: ["reason": .code(reason)])
    }

    /// Inserts the proposal, with its event and the job of its expiry. The request must have been locked.
    private func propose(
        _ request: Request, _ proposal: Proposal, policy: Policy, by caller: Caller, at now: Date, in tx: Session<ReferralError>
    ) async throws(ReferralError) -> Referral {
        let demand = try await tx.demand(of: request)
        let supply = try await tx.supplies(for: demand, only: proposal.mediator, at: now)
        let judged = candidates(for: demand, among: supply, weights: policy.weights, explainingAll: true)
        guard let candidate = judged.first else {
            throw .unknownMediator
        }
        guard let best = candidate.best else { throw .notACandidate(candidate.excludedBy) }
        let ways = [best] + candidate.alternatives
        let asked = ways.first { way in
            (proposal.mode ?? way.mode) == way.mode && (proposal.place?.rawValue ?? way.place) == way.place
        }
        guard let way = asked else {
            if let place = proposal.place, !ways.contains(where: { $0.place == place.rawValue }) {
                throw .invalid(InvalidInput("/place", "not_possible", "The mediator does not help at this place for this request."))
            }
            let there = proposal.place == nil ? "" : " at this place"
            throw .invalid(InvalidInput("/mode", "not_possible", "The mediator does not help in this mode\(there) for this request."))
        }
        let answerBy = WorkingDays.add(policy.answerWorkingDays, to: now)
        let id = Referral.ID(generators.newID())
        let referral = try await tx.insertReferral(
            id, of: request.id, to: proposal.mediator, way: way, policy: policy.version, answerBy: answerBy, by: caller, at: now)
        try await tx.publish(
            Event(
                "referral.proposed", id,
                ["request": .id(request.id), "mediator": .id(proposal.mediator), "policy": .number(policy.version)]),
            by: caller, at: now)
        try await tx.enqueue(.expire(id, at: answerBy), at: now)
        return referral
    }

    /// After a refusal or a withdrawal: the next of the list that can take the request is asked; without one it goes back to the top of the queue.
    private func goOn(
        _ request: Request, after verb: ReferralLifecycle.Verb, by caller: Caller, at now: Date, in tx: Session<ReferralError>
    ) async throws(ReferralError) {
        // Staff that takes a proposal back is nobody's refusal.
        let refused = verb != .withdraw
        guard let policy = try await tx.policy() else { throw .unknownRequest }
        let refusals = request.refusals + (refused ? 1 : 0)
        var changes: [SQL] = ["refusals = \(refusals)"]
        if refused, request.priorityReason == nil {
            changes.append("priority = \(RequestDraft.priority(deadline: request.deadline, today: Day.today(at: now), refusals: refusals))")
        }
        // Each time that it has been refused so often again: what staff proposes after it has looked goes down its list.
        let isOnce = refusals.isMultiple(of: policy.refusalsBeforeAttention)
        // While staff has not looked, who else was asked at that time does not set the list going again.
        let tired = refused && (isOnce || request.needsAttention == "refused_often")
        if tired { changes.append("needs_attention = 'refused_often'") }
        // Others are still asked: the request stays with them.
        if try await tx.hasOpenReferral(request.id) {
            try await tx.execute(
                "UPDATE requests SET \(.joined(changes, by: ", ")), version = version + 1, updated_at = \(now) WHERE id = \(request.id)")
            return
        }
        var rest = request.nextMediators
        while !tired, !rest.isEmpty {
            let next = rest.removeFirst()
            do throws(ReferralError) {
                let still = Proposal(mediator: next)
                _ = try await tx.savepoint { tx throws(ReferralError) in
                    try await propose(request, still, policy: policy, by: .system, at: now, in: tx)
                }
                try await tx.execute(
                    """
                    UPDATE requests SET \(.joined(changes + ["next_mediators = \(rest)"], by: ", ")), version = version + 1, updated_at = \(now)
                     WHERE id = \(request.id)
                    """)
                return
            } catch  where error.asksForAnother {
                continue
            }
        }
        try await tx.move(
            request, by: ReferralLifecycle.requestVerb(after: verb), caller: .system, at: now,
            set: changes + ["next_mediators = '{}'", "returned_at = \(now)"])
        try await tx.enqueue(.seekCandidates(for: request.id, at: now), at: now)
    }

    /// The request goes back to the top of the queue.
    private func comeBack(
        _ request: Request, after verb: ReferralLifecycle.Verb, by caller: Caller, at now: Date, set changes: [SQL] = [],
        in tx: Session<ReferralError>
    ) async throws(ReferralError) {
        try await tx.move(
            request, by: ReferralLifecycle.requestVerb(after: verb), caller: caller, at: now, set: ["returned_at = \(now)"] + changes)
        try await tx.enqueue(.seekCandidates(for: request.id, at: now), at: now)
    }
}
