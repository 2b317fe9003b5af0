import Foundation
import Postgres

extension Session {
    /// Looks whether anybody can take the request: qualified without a candidate, it waits; waiting with one (and not set aside for longer), it is
    /// qualified again. In any other state nothing happens.
    func seekCandidates(for id: Request.ID, at now: Date) async throws(Failure) {
        guard let request = try await lockRequest(id), request.status == .qualified || request.status == .waiting else { return }
        if let retryAt = request.retryAt, retryAt > now {
            // This was for something else, and took the place of the look on its day.
            try await enqueue(.seekCandidates(for: id, at: retryAt), at: now)
            return
        }
        guard let policy = try await policy() else { return }
        let found = try await !candidates(for: request, policy: policy, at: now).isEmpty
        if !found { try await enqueue(.seekCandidates(for: id, at: try await nextRoom(after: now)), at: now) }
        switch (request.status, found) {
        case (.qualified, false): try await move(request, by: .noCandidate, caller: .system, at: now)
        case (.waiting, true): try await move(request, by: .candidateFound, caller: .system, at: now, set: ["retry_at = NULL"])
        default: break
        }
    }

    /// When room may next appear by the passing of time alone: a new week begins, or a declaration lower than what was agreed runs out.
    private func nextRoom(after now: Date) async throws(Failure) -> Date {
        try await value(
            """
            SELECT least((week_of(\(now)) + 7)::timestamp AT TIME ZONE 'Europe/Paris',
                         (SELECT min(valid_until) FROM mediator_capacities WHERE valid_until > \(now)))
            """, as: Date.self) ?? now.addingTimeInterval(7 * 86400)
    }

    /// Room has appeared with a mediator: the waiting requests of which it holds every skill are looked at again; and those that are being looked at, which
    /// may be found without a candidate by who does not see the room yet.
    func retryWaiting(forRoomAt mediator: Mediator.ID, at now: Date) async throws(Failure) {
        try await execute(
            """
            WITH RECURSIVE held (skill) AS (
                SELECT skill FROM mediator_skills WHERE mediator_id = \(mediator)
                UNION
                SELECT code FROM skills JOIN held ON parent = skill
            )
            INSERT INTO jobs (kind, subject, run_at, created_at)
            SELECT \(Job.Kind.seekCandidates), id, \(now), \(now) FROM requests
             WHERE (status = 'waiting' AND (retry_at IS NULL OR retry_at <= \(now))
                    OR status = 'qualified'
                       AND EXISTS (SELECT FROM jobs j WHERE j.kind = \(Job.Kind.seekCandidates) AND j.subject = requests.id::text AND j.dead_at IS NULL))
               AND NOT EXISTS (SELECT FROM request_needs n WHERE n.request_id = requests.id AND n.skill NOT IN (SELECT skill FROM held))
             ORDER BY id
            ON CONFLICT (kind, subject) WHERE dead_at IS NULL DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at), attempts = 0
            """)
    }

    /// A deadline has come nearer: the priority that follows from it is raised, unless staff has set it.
    func raisePriority(of id: Request.ID, at now: Date) async throws(Failure) {
        guard let request = try await lockRequest(id), !request.status.isOver, request.priorityReason == nil else { return }
        let priority = RequestDraft.priority(deadline: request.deadline, today: Day.today(at: now), refusals: request.refusals)
        if priority != request.priority {
            try await execute("UPDATE requests SET priority = \(priority), version = version + 1, updated_at = \(now) WHERE id = \(id)")
            try await publish(Event("request.changed", id, ["priority": .number(priority)]), by: .system, at: now)
        }
        try await watchDeadline(request.deadline, of: id, at: now)
    }

    /// Sees to it that the priority is raised on the next day on which the deadline asks for that.
    func watchDeadline(_ deadline: Day?, of id: Request.ID, at now: Date) async throws(Failure) {
        guard let day = RequestDraft.nextRise(deadline: deadline, after: Day.today(at: now)) else { return }
        try await enqueue(.raisePriority(of: id, at: day.midnight(in: .network)), at: now)
    }
}
