import Foundation
import Matching
import Postgres

extension SQL {
    /// Which referrals `caller` may see: a condition on `referrals`. Who may do `action` to them sees them for that, too.
    static func referralsVisible(to caller: Caller, for action: Action = .readReferrals) -> SQL {
        switch caller.reach(for: .readReferrals) ?? caller.reach(for: action) {
        case .everything: "TRUE"
        case .ownStructure:
            // A prescriber follows what it filed; a manager what its mediators are asked, too.
            caller.role == .prescriber
                ? "EXISTS (SELECT FROM requests q WHERE q.id = referrals.request_id AND q.prescriber = \(caller.structure))"
                : """
                (EXISTS (SELECT FROM mediators m WHERE m.id = referrals.mediator_id AND m.structure_id = \(caller.structure))
                 OR EXISTS (SELECT FROM requests q WHERE q.id = referrals.request_id AND q.prescriber = \(caller.structure)))
                """
        case .own: "mediator_id = \(caller.mediator)"
        case nil: "FALSE"
        }
    }
}

extension Database {
    /// What a list of referrals is narrowed by.
    public struct ReferralFilter: Sendable {
        public var request: Request.ID?
        public var mediator: Mediator.ID?
        public var status: Referral.Status?

        public init() {}
    }

    /// The referrals that the caller may see, oldest first.
    public func referrals(
        for caller: Caller, where filter: ReferralFilter = ReferralFilter(), _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<SeenReferral> {
        var conditions: [SQL] = [.referralsVisible(to: caller)]
        if let request = filter.request { conditions.append("request_id = \(request)") }
        if let mediator = filter.mediator { conditions.append("mediator_id = \(mediator)") }
        if let status = filter.status { conditions.append("status = \(status)") }
        if let after = paging.after?.id(of: Referral.self) { conditions.append("id > \(after)") }
        let found = try await query(
            "SELECT \(Referral.columns) FROM referrals WHERE \(.all(conditions)) ORDER BY id LIMIT \(paging.limit + 1)", as: Referral.self)
        return Page(found.map { SeenReferral($0, to: caller) }, paging) { [$0.referral.id.description] }
    }

    public func referral(_ id: Referral.ID, for caller: Caller) async throws(PostgresError) -> SeenReferral? {
        try await first(
            "SELECT \(Referral.columns) FROM referrals WHERE id = \(id) AND \(.referralsVisible(to: caller))", as: Referral.self
        ).map { SeenReferral($0, to: caller) }
    }

    /// Who can take the request, best first; with `explainingAll`, also who cannot and why. `nil`: there is no such request that the caller may see.
    public func candidates(
        for id: Request.ID, caller: Caller, explainingAll: Bool, at now: Date
    ) async throws(PostgresError) -> [Matching.Candidate]? {
        try await transaction(isolation: .repeatableRead, readOnly: true) { tx throws(PostgresError) in
            guard let request = try await tx.request(id, visibleTo: caller), let policy = try await tx.policy() else { return nil }
            return try await tx.candidates(for: request, policy: policy, explainingAll: explainingAll, at: now)
        }
    }
}

extension Session {
    /// Locks the request of a referral, and gives the referral as it then is; `nil`: there is none that the caller may see.
    func lockRequest(
        of id: Referral.ID, visibleTo caller: Caller = .system, for action: Action = .readReferrals
    ) async throws(Failure) -> Referral? {
        later("SELECT FROM requests WHERE id = (SELECT request_id FROM referrals WHERE id = \(id)) FOR NO KEY UPDATE")
        return try await first(
            "SELECT \(Referral.columns) FROM referrals WHERE id = \(id) AND \(.referralsVisible(to: caller, for: action))",
            as: Referral.self)
    }

    func insertReferral(
        _ id: Referral.ID, of request: Request.ID, to mediator: Mediator.ID, way: Matching.Candidate.Way, policy: Int, answerBy: Date,
        by caller: Caller, at now: Date
    ) async throws(Failure) -> Referral {
        later(
            """
            INSERT INTO referrals (id, request_id, mediator_id, place_id, mode, status, policy_version, proposed_at, proposed_by, answer_by, score,
                explanation, updated_at)
            VALUES (\(id), \(request), \(mediator), \(way.place), \(way.mode), 'proposed', \(policy), \(now), \(caller.token), \(answerBy), \(way.score),
                \(JSON(way.terms)), \(now))
            """)
        return try await referral(id)
    }

    /// One conditional UPDATE with its event: of two who act at once, one moves the referral and the other finds it moved.
    func move(
        _ referral: Referral, by verb: ReferralLifecycle.Verb, caller: Caller, at now: Date, set changes: [SQL] = [], data: EventData = [:]
    ) async throws(Failure) -> Referral where Failure == ReferralError {
        if let moved = try await moveIfThere(referral, by: verb, caller: caller, at: now, set: changes, data: data) { return moved }
        throw .notNow(verb, in: try await self.referral(referral.id).status)
    }

    /// - Returns: `nil` when the referral is in no state from which the verb starts.
    private func moveIfThere(
        _ referral: Referral, by verb: ReferralLifecycle.Verb, caller: Caller, at now: Date, set changes: [SQL], data: EventData = [:]
    ) async throws(Failure) -> Referral? {
        let transition = ReferralLifecycle.transition(of: verb)
        let all: [SQL] = ["status = \(transition.to)", "version = version + 1", "updated_at = \(now)"] + changes
        let moved = try await first(
            """
            UPDATE referrals SET \(.joined(all, by: ", ")) WHERE id = \(referral.id) AND status = ANY (\(transition.from.map(\.rawValue)))
            RETURNING \(Referral.columns)
            """, as: Referral.self)
        guard let moved else { return nil }
        if referral.status == .proposed { try await dequeue(.expireReferral, referral.id) }
        // Room has appeared.
        if !moved.status.isOpen { try await enqueue(.retryWaiting(forRoomAt: referral.mediator, at: now), at: now) }
        let about: EventData = ["request": .id(referral.request), "mediator": .id(referral.mediator), "to": .code(moved.status.rawValue)]
        try await publish(
            Event("referral.\(verb.past)", referral.id, about.merging(data) { $1 }), by: caller, at: now)
        return moved
    }

    private func referral(_ id: Referral.ID) async throws(Failure) -> Referral {
        guard let found = try await first("SELECT \(Referral.columns) FROM referrals WHERE id = \(id)", as: Referral.self) else {
            preconditionFailure("a referral is never deleted")
        }
        return found
    }

    func hasOpenReferral(_ request: Request.ID) async throws(Failure) -> Bool {
        try await value(
            "SELECT true FROM referrals WHERE request_id = \(request) AND status IN ('proposed', 'accepted', 'scheduled') LIMIT 1",
            as: Bool.self)
            ?? false
    }

    /// First to accept: whoever else was asked at the same time is asked no longer.
    func withdrawOtherProposals(of request: Request.ID, but accepted: Referral.ID, by caller: Caller, at now: Date) async throws(Failure)
    where Failure == ReferralError {
        let others = try await query(
            "SELECT \(Referral.columns) FROM referrals WHERE request_id = \(request) AND status = 'proposed' AND id <> \(accepted) ORDER BY id",
            as: Referral.self)
        for other in others {
            _ = try await move(other, by: .withdraw, caller: caller, at: now, set: ["ended_at = \(now)"])
        }
    }

    /// Withdraws what is proposed of a request and cancels what was taken, because the request itself is cancelled. It must have been locked.
    func endOpenReferrals(of request: Request.ID, by caller: Caller, at now: Date) async throws(Failure) {
        let open = try await query(
            """
            SELECT \(Referral.columns) FROM referrals WHERE request_id = \(request) AND status IN ('proposed', 'accepted', 'scheduled') ORDER BY id
            """, as: Referral.self)
        for referral in open {
            try await endAppointments(of: referral.id, at: now)
            _ = try await moveIfThere(
                referral, by: referral.status == .proposed ? .withdraw : .cancel, caller: caller, at: now,
                set: ["ended_at = \(now)", "reason = 'request_cancelled'"], data: ["reason": .code("request_cancelled")])
        }
    }

    /// One more mediator is asked of a request that others are asked already.
    func noteProposal(of request: Request.ID, next: [Mediator.ID], at now: Date) async throws(Failure) {
        later(
            """
            UPDATE requests SET next_mediators = \(next), needs_attention = NULL, version = version + 1, updated_at = \(now) WHERE id = \(request)
            """)
    }

    func insertAppointment(
        _ id: Identifier<Appointment>, of referral: Referral, from start: Date, to end: Date, place: Place.ID?
    ) async throws(Failure) {
        later(
            """
            INSERT INTO appointments (id, referral_id, mediator_id, starts_at, ends_at, place_id)
            VALUES (\(id), \(referral.id), \(referral.mediator), \(start), \(end), \(place))
            """)
    }

    /// Whether the mediator receives people at this place.
    func receives(_ mediator: Mediator.ID, at place: Place.ID) async throws(Failure) -> Bool {
        try await value(
            """
            SELECT true FROM mediator_places JOIN places ON id = place_id
             WHERE mediator_id = \(mediator) AND place_id = \(place) AND archived_at IS NULL
            """, as: Bool.self) ?? false
    }

    /// Whether the mediator has been asked and has not answered.
    func isAsked(_ mediator: Mediator.ID, for request: Request.ID) async throws(Failure) -> Bool {
        try await value(
            "SELECT true FROM referrals WHERE request_id = \(request) AND mediator_id = \(mediator) AND status = 'proposed'", as: Bool.self)
            ?? false
    }

    /// Mediators that staff ticks to be asked next must be there.
    func requireMediators(_ ids: [Mediator.ID]) async throws(Failure) where Failure == ReferralError {
        guard !ids.isEmpty else { return }
        let known = Set(try await values("SELECT id FROM mediators WHERE id = ANY (\(ids)) AND archived_at IS NULL", as: Mediator.ID.self))
        let problems = ids.enumerated().filter { !known.contains($0.element) }.map {
            InvalidInput.Problem("/then/\($0.offset)", "unknown_id", "There is no mediator with this id, or it is archived.")
        }
        if !problems.isEmpty { throw .invalid(InvalidInput(problems)) }
    }

    /// Cancels the appointments that are not over; what has been stays.
    func cancelAppointments(of referral: Referral.ID, at now: Date) async throws(Failure) {
        later("UPDATE appointments SET cancelled_at = \(now) WHERE referral_id = \(referral) AND cancelled_at IS NULL AND ends_at > \(now)")
    }

    /// Nothing more will come: cancels the appointments that have not begun, and lets one that is under way end now, so that the rest of its time is free.
    func endAppointments(of referral: Referral.ID, at now: Date) async throws(Failure) {
        later(
            """
            UPDATE appointments SET cancelled_at = CASE WHEN starts_at >= \(now) THEN \(now) END,
                ends_at = CASE WHEN starts_at >= \(now) THEN ends_at ELSE \(now) END
             WHERE referral_id = \(referral) AND cancelled_at IS NULL AND ends_at > \(now)
            """)
    }
}
