import Foundation
import Matching
import Postgres

/// Where requests are filed, looked after and ended. Every verb works in the transaction that it is given, so that its effect, its event, its jobs and
/// the answer kept for a repeated `Idempotency-Key` are committed together.
public struct RequestDesk: Sendable {
    let generators: Generators
    let keyring: Keyring

    public init(generators: Generators, keyring: Keyring) {
        self.generators = generators
        self.keyring = keyring
    }

    /// What whoever files without an account gets: a short code to read over the telephone, and the secret of the link to follow the request.
    public struct Filed: Sendable, Versioned {
        public let request: SeenRequest
        public let code: String
        public let secret: String
        public var version: Int { request.version }
    }

    /// Files a request. It is qualified at once when needs, place and contact are complete; otherwise staff does.
    ///
    /// - Parameters:
    ///   - consents: Whether the person has consented to that: when is kept with who they are.
    ///   - noted: What was found wrong when it was read, to be told with what the database knows.
    public func file(
        _ draft: RequestDraft, person: Person?, consents: Bool = false, noted: [InvalidInput.Problem] = [], by caller: Caller,
        in tx: Session<RequestError>
    ) async throws(RequestError) -> Filed {
        guard caller.reach(for: .fileRequest) != nil else {
            throw .forbidden("Requests are filed by the public, prescribers, managers and staff.")
        }
        var draft = draft
        if let own = caller.structure { draft.prescriber = own }
        try await check(draft, person: person, noted: noted, by: caller, in: tx)
        let now = generators.now()
        let id = Request.ID(generators.newID())
        let code = keyring.requestCode(id)
        let secret = keyring.requestSecret(id)
        let personID = person.map { _ in Person.ID(generators.newID()) }
        if let person, let personID { try await tx.insert(person, id: personID, consentedAt: consents ? now : nil, at: now) }
        let priority = draft.priority ?? RequestDraft.priority(deadline: draft.deadline, today: Day.today(at: now), refusals: 0)
        let status: Request.Status = draft.isComplete(person: person) ? .qualified : .received
        try await tx.insert(
            draft, id: id, status: status, priority: priority, person: personID, filedBy: caller.token,
            hashes: (Keyring.hash(secret), keyring.fingerprint(ofCode: code)), at: now)
        try await tx.publish(
            Event("request.filed", id, ["asked_by": .code(draft.askedBy.rawValue), "priority": .number(priority)]), by: caller, at: now)
        try await tx.watchDeadline(draft.deadline, of: id, at: now)
        if status == .qualified {
            try await tx.publish(Event("request.qualified", id), by: .system, at: now)
            try await tx.enqueue(.seekCandidates(for: id, at: now), at: now)
        }
        guard let request = try await tx.request(id) else { throw .unknown }
        return Filed(request: SeenRequest(request, to: caller, at: generators.now(), seesLocation: true), code: code, secret: secret)
    }

    /// Changes what is asked, as long as nobody has taken it.
    /// - Parameters:
    ///   - precondition: The versions that the change is meant for.
    ///   - read: Makes the new draft of the request as it stands.
    public func change(
        _ id: Request.ID, if precondition: Precondition, by caller: Caller, in tx: Session<RequestError>,
        to read: (Request) throws(InvalidInput) -> RequestDraft
    ) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        let looksAfterAll = caller.reach(for: .qualifyRequest) == .everything
        guard looksAfterAll || request.prescriber != nil && request.prescriber == caller.structure else {
            throw .forbidden("A request is changed by staff and by the structure that filed it.")
        }
        // What is wrong in itself is told first, whatever version it is meant for.
        var draft: RequestDraft
        do throws(InvalidInput) { draft = try read(request) } catch { throw .invalid(error) }
        guard precondition.holds(for: request.version) else { throw .changedSince }
        guard [.received, .qualified, .waiting].contains(request.status) else { throw .notNow(.qualify, in: request.status) }
        if let own = caller.structure { draft.prescriber = own }
        try await check(draft, person: nil, by: caller, unchanged: request, in: tx)
        let now = generators.now()
        // A priority that nobody set by hand follows from the facts, also from those that have just been changed.
        let isSetByHand = draft.priorityReason != nil
        let computed = RequestDraft.priority(deadline: draft.deadline, today: Day.today(at: now), refusals: request.refusals)
        try await tx.update(id, to: draft, priority: isSetByHand ? draft.priority ?? computed : computed, at: now)
        try await tx.publish(Event("request.changed", id), by: caller, at: now)
        try await tx.watchDeadline(draft.deadline, of: id, at: now)
        if request.status == .received {
            var person: Person?
            if let known = request.person { person = try await tx.person(known) }
            guard draft.isComplete(person: person) else {
                return try await seen(id, by: caller, in: tx)
            }
            try await tx.move(request, by: .qualify, caller: .system, at: now)
        }
        try await tx.enqueue(.seekCandidates(for: id, at: now), at: now)
        return try await seen(id, by: caller, in: tx)
    }

    /// Staff has looked at the request, and it may be proposed.
    public func qualify(_ id: Request.ID, by caller: Caller, in tx: Session<RequestError>) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        try require(.qualify, of: request, by: caller)
        guard !request.needs.isEmpty else {
            throw .invalid(InvalidInput("/needs", "required", "A request is qualified once it says which skills it needs: add them first."))
        }
        let now = generators.now()
        try await tx.move(request, by: .qualify, caller: caller, at: now)
        try await tx.enqueue(.seekCandidates(for: id, at: now), at: now)
        return try await seen(id, by: caller, in: tx)
    }

    /// Sets the request aside until a date.
    public func park(
        _ id: Request.ID, until: Date, by caller: Caller, in tx: Session<RequestError>
    ) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        try require(.park, of: request, by: caller)
        let now = generators.now()
        guard until > now else { throw .invalid(InvalidInput("/until", "range", "This must be in the future.")) }
        try await tx.move(request, by: .park, caller: caller, at: now, set: ["retry_at = \(until)"])
        // Not sooner, should it be about to be looked at already.
        try await tx.dequeue(.seekCandidates, id)
        try await tx.enqueue(.seekCandidates(for: id, at: until), at: now)
        return try await seen(id, by: caller, in: tx)
    }

    /// Ends a request that nobody can serve: it feeds the map of gaps.
    public func giveUp(
        _ id: Request.ID, reason: String, by caller: Caller, in tx: Session<RequestError>
    ) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        try require(.giveUp, of: request, by: caller)
        let now = generators.now()
        try await tx.move(request, by: .giveUp, caller: caller, at: now, set: ["ended_at = \(now)", "end_reason = \(reason)"])
        return try await seen(id, by: caller, in: tx)
    }

    /// Cancels a request; its referrals are withdrawn or cancelled in the same transaction.
    public func cancel(
        _ id: Request.ID, reason: String?, by caller: Caller, in tx: Session<RequestError>
    ) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        try require(.cancel, of: request, by: caller)
        let now = generators.now()
        try await tx.endOpenReferrals(of: id, by: caller, at: now)
        try await tx.move(
            request, by: .cancel, caller: caller, at: now, set: ["ended_at = \(now)", "end_reason = \(reason)", "next_mediators = '{}'"])
        return try await seen(id, by: caller, in: tx)
    }

    /// Takes up again a request that is over, within 30 days.
    public func reopen(
        _ id: Request.ID, reason: String, by caller: Caller, in tx: Session<RequestError>
    ) async throws(RequestError) -> SeenRequest {
        let request = try await tx.held(id, for: caller)
        try require(.reopen, of: request, by: caller)
        let now = generators.now()
        if let ended = request.endedAt, now.timeIntervalSince(ended) > Double(RequestLifecycle.reopenWithinDays) * 86400 {
            throw .endedLongAgo
        }
        var changes: [SQL] = [
            "ended_at = NULL", "outcome = NULL", "end_reason = \(reason)", "returned_at = \(now)", "no_shows = 0", "retry_at = NULL",
        ]
        // Nothing watched the deadline while the request was over.
        if request.priorityReason == nil {
            let priority = RequestDraft.priority(deadline: request.deadline, today: Day.today(at: now), refusals: request.refusals)
            changes.append("priority = \(priority)")
        }
        try await tx.move(request, by: .reopen, caller: caller, at: now, set: changes)
        try await tx.watchDeadline(request.deadline, of: id, at: now)
        try await tx.enqueue(.seekCandidates(for: id, at: now), at: now)
        return try await seen(id, by: caller, in: tx)
    }

    /// One request, with who the person is when the caller may know: that reading is logged in the same transaction.
    public func read(_ id: Request.ID, by caller: Caller, in tx: Session<RequestError>) async throws(RequestError) -> SeenRequest {
        guard let request = try await tx.request(id, visibleTo: caller) else { throw .unknown }
        let sight = try await tx.sight(of: request, by: caller)
        guard let personID = request.person, sight.person, let person = try await tx.person(personID) else {
            return SeenRequest(request, to: caller, at: generators.now(), seesLocation: sight.location)
        }
        try await tx.logReading(of: personID, in: id, by: caller, at: generators.now())
        return SeenRequest(request, to: caller, at: generators.now(), person: person, seesLocation: sight.location)
    }

    private func seen(_ id: Request.ID, by caller: Caller, in tx: Session<RequestError>) async throws(RequestError) -> SeenRequest {
        guard let request = try await tx.request(id) else { throw .unknown }
        return SeenRequest(request, to: caller, at: generators.now(), seesLocation: true)
    }

    private func require(_ verb: RequestLifecycle.Verb, of request: Request, by caller: Caller) throws(RequestError) {
        let transition = RequestLifecycle.transition(of: verb)
        guard let action = transition.action, caller.may(action, of: request.prescriber) else {
            throw .forbidden("\(verb.rawValue) is not for a \(caller.role.rawValue).")
        }
        guard transition.from.contains(request.status) else { throw .notNow(verb, in: request.status) }
    }

    /// What the input alone does not show: codes that are in the database, and who may set what. All told at once.
    private func check(
        _ draft: RequestDraft, person: Person?, noted: [InvalidInput.Problem] = [], by caller: Caller, unchanged: Request? = nil,
        in tx: Session<RequestError>
    ) async throws(RequestError) {
        let problems = InputProblems(noted)
        // A skill that was archived since stays where it is needed.
        let kept = Set(unchanged?.needs.map(\.skill) ?? [])
        let unknown = try await tx.unknownSkills(among: draft.needs.map(\.skill).filter { !kept.contains($0) })
        if !unknown.isEmpty {
            let all = try await tx.values("SELECT code FROM skills WHERE archived_at IS NULL ORDER BY code", as: String.self)
            for (index, need) in draft.needs.enumerated() where unknown.contains(need.skill) {
                let near = nearest(need.skill, among: all).joined(separator: ", ")
                problems.note("/needs/\(index)/skill", "unknown_code", "There is no such skill. Near ones: \(near).")
            }
        }
        if let unchanged, unchanged.status != .received, !unchanged.needs.isEmpty, draft.needs.isEmpty {
            problems.note("/needs", "required", "A request that may be proposed says which skills it needs: at least one.")
        }
        if let commune = draft.commune, let near = try await tx.communes(insteadOf: commune) {
            let words = near.isEmpty ? "" : " Near ones: \(near.joined(separator: ", "))."
            problems.note("/commune", "unknown_code", "There is no commune with this INSEE code.\(words)")
        }
        if let deadline = draft.deadline, deadline != unchanged?.deadline, deadline < .today(at: generators.now()) {
            problems.note("/deadline", "range", "This day is over: a deadline is today or later.")
        }
        let changesPriority = draft.priority != unchanged?.priority || draft.priorityReason != unchanged?.priorityReason
        if changesPriority, !caller.isStaff {
            problems.note("/priority", "forbidden", "The priority follows from the facts (deadline); a coordinator may change it.")
        } else if changesPriority, draft.priority != nil, draft.priority != unchanged?.priority, draft.priorityReason == nil {
            problems.note("/priority_reason", "required", "A priority that is set by hand needs its reason.")
        } else if draft.priority == nil, draft.priorityReason != nil {
            problems.note("/priority", "required", "A reason stands beside the priority that it gives: 1, 2 or 3.")
        }
        if caller.role == .visitor, draft.askedBy != .individual {
            problems.note("/asked_by", "forbidden", "Structures and local authorities ask with a token of theirs.")
        }
        if caller.role == .visitor, draft.prescriber != nil {
            problems.note("/prescriber", "forbidden", "A prescriber files with a token of its own.")
        } else if let prescriber = draft.prescriber, prescriber != caller.structure, prescriber != unchanged?.prescriber,
            try await !tx.knows(prescriber)
        {
            problems.note("/prescriber", "unknown_id", "There is no structure with this id.")
        }
        if caller.role == .visitor, person == nil {
            problems.note("/person", "required", "Who asks is required: at least a name.")
        }
        do throws(InvalidInput) { try problems.throwIfAny() } catch { throw .invalid(error) }
    }
}
