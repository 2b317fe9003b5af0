import Foundation
import Postgres

extension Session {
    /// Looks whether anybody can take the request: qualified without a candidate, it waits; waiting with one (and not set aside for longer), it is
    /// qualified again. In any other state nothing happens.
    func seekCandidates(for id: Request.ID, at now: Date) async throws(Failure) {
        guard let request = try await lockRequest(id), request.status == .qualified || request.status == .waiting else { return }
        if let retryAt = request.retryAt, retryAt > now { return }
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

    /// Room has appeared with a mediator: the waiting requests of which it holds every skill are looked at again, the most pressing first.
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
             WHERE status = 'waiting' AND (retry_at IS NULL OR retry_at <= \(now))
               AND NOT EXISTS (SELECT FROM request_needs n WHERE n.request_id = requests.id AND n.skill NOT IN (SELECT skill FROM held))
             ORDER BY priority DESC, returned_at NULLS LAST, created_at
            ON CONFLICT (kind, subject) WHERE dead_at IS NULL DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at)
            """)
    }
}
