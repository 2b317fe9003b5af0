import Foundation
import Postgres

/// Does the jobs that are due, one after the other; any number of runners, on any number of nodes, share the queue.
///
/// A job is first leased in a transaction of its own, then done and removed in one transaction with its effect. A runner that dies leaves its lease to
/// run out, and the job is taken again: so every use case that a job calls is guarded by the state of what it acts on.
public struct JobRunner: Sendable {
    /// What a runner tells about its work, for the log: kinds and errors, nobody's data.
    public enum Report: Sendable {
        case done(Job.Kind)
        case failed(Job.Kind, attempts: Int, error: any Error)
        /// The last attempt failed: the job stays for a person to read.
        case dead(Job.Kind, error: any Error)
        case cannotTake(any Error)
    }

    static let lease: TimeInterval = 60
    static let attempts = 8
    /// The advisory lock whose holder keeps jobs at rest: "jobs" in ASCII.
    fileprivate static let atRest: Int64 = 0x6a6f_6273

    let database: Database
    let generators: Generators
    let report: @Sendable (Report) -> Void

    /// Runs jobs although ``Database/withJobsAtRest(_:)`` keeps the others from them.
    let isAlone: Bool

    public init(
        database: Database, generators: Generators, isAlone: Bool = false, report: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        self.database = database
        self.isAlone = isAlone
        self.generators = generators
        self.report = report
    }

    /// Works until the task is cancelled: woken by the database when a job is due at once, and every few seconds for those whose time has come.
    ///
    /// Long jobs come one after the other beside the others.
    public func run() async {
        await withTaskGroup { group in
            group.addTask { await work(at: Job.Kind.allCases.filter { !$0.isLong }) }
            group.addTask { await work(at: Job.Kind.allCases.filter(\.isLong)) }
        }
    }

    private func work(at kinds: [Job.Kind]) async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup { group in
            group.addTask {
                for await _ in database.notifications(on: Job.channel) { wake.yield() }
            }
            group.addTask {
                while !Task.isCancelled {
                    wake.yield()
                    try? await Task.sleep(for: .seconds(5))
                }
            }
            group.addTask {
                for await _ in wakes {
                    do {
                        try await runDue(kinds)
                    } catch {
                        // The database is away: the next wake tries again.
                        report(.cannotTake(error))
                    }
                }
            }
        }
    }

    /// Does every job that is due now, those that they add included.
    /// - Returns: How many were done.
    @discardableResult
    public func runDue() async throws(PostgresError) -> Int { try await runDue(Job.Kind.allCases) }

    @discardableResult private func runDue(_ kinds: [Job.Kind]) async throws(PostgresError) -> Int {
        var done = 0
        while !Task.isCancelled, let taken = try await take(kinds) {
            do {
                try await run(taken)
                report(.done(taken.kind))
                done += 1
            } catch RegistryError.conflict(.importRunning) {
                try await wait(taken)
            } catch {
                try await postpone(taken, error)
            }
        }
        return done
    }

    private func run(_ job: Taken) async throws {
        switch job.kind {
        case .expireReferral:
            guard let id = Referral.ID(job.subject) else { break }
            try await database.transaction(attempts: 3) { tx throws(ReferralError) in
                try await ReferralDesk(generators: generators).expire(id, in: tx)
                try await tx.remove(job)
            }
            return
        case .seekCandidates:
            guard let id = Request.ID(job.subject) else { break }
            return try await finish(job) { tx throws(RequestError) in try await tx.seekCandidates(for: id, at: generators.now()) }
        case .retryWaiting:
            guard let id = Mediator.ID(job.subject) else { break }
            return try await finish(job) { tx throws(RequestError) in try await tx.retryWaiting(forRoomAt: id, at: generators.now()) }
        case .raisePriority:
            guard let id = Request.ID(job.subject) else { break }
            return try await finish(job) { tx throws(RequestError) in try await tx.raisePriority(of: id, at: generators.now()) }
        case .bringImport:
            guard let id = FileImport.ID(job.subject) else { break }
            // Written piece by piece, and removed when all of it is: done again, it goes on where it was.
            try await keepingLease(of: job) {
                try await PlaceImport(database, generators).carryOut(id, isLastAttempt: job.attempts >= Self.attempts)
            }
        case .undoImport:
            guard let id = FileImport.ID(job.subject) else { break }
            try await keepingLease(of: job) { try await PlaceImport(database, generators).carryOutUndoing(id) }
        }
        _ = try await database.transaction { tx throws(PostgresError) in try await tx.remove(job) }
    }

    /// Does what a job is about requests, and removes it, in one transaction.
    private func finish(_ job: Taken, _ body: (Session<RequestError>) async throws(RequestError) -> Void) async throws {
        try await database.transaction(attempts: 3) { tx throws(RequestError) in
            try await body(tx)
            try await tx.remove(job)
        }
    }

    /// Renews the lease of a job as long as `body` is at it; when this process dies, it runs out.
    private func keepingLease(of job: Taken, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(Self.lease / 3))
                    let until = generators.now().addingTimeInterval(Self.lease)
                    // A database that is away is asked again before the lease runs out.
                    _ = try? await database.execute("UPDATE jobs SET run_at = \(until) WHERE id = \(job.id) AND attempts = \(job.attempts)")
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// What may be kept of an error: an error of the database says in `description` nothing that a person wrote, but within another error Swift
    /// would print all of it.
    static func words(for error: any Error) -> String {
        switch error {
        case ReferralError.database(let error), RequestError.database(let error), RegistryError.database(let error): error.description
        case let error as PostgresError: error.description
        default: String(describing: error)
        }
    }

    private func take(_ kinds: [Job.Kind]) async throws(PostgresError) -> Taken? {
        let now = generators.now()
        let free: SQL = isAlone ? "true" : "(SELECT pg_try_advisory_xact_lock_shared(\(Self.atRest)))"
        return try await database.first(
            """
            UPDATE jobs SET run_at = \(now.addingTimeInterval(Self.lease)), attempts = attempts + 1
             WHERE id = (SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= \(now) AND kind = ANY (\(kinds.map(\.rawValue))) AND \(free)
                          ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, subject, attempts
            """, as: Taken.self)
    }

    /// Another import is at work, which is no failure: tried again soon, and as often as need be.
    private func wait(_ job: Taken) async throws(PostgresError) {
        let soon = generators.now().addingTimeInterval(5)
        try await database.execute(
            "UPDATE jobs SET run_at = \(soon), attempts = attempts - 1 WHERE id = \(job.id) AND attempts = \(job.attempts)")
    }

    /// Tries again after 2, 4, 8… seconds; after the last attempt the job is kept as dead.
    private func postpone(_ job: Taken, _ error: any Error) async throws(PostgresError) {
        let now = generators.now()
        let isLast = job.attempts >= Self.attempts
        let message = Self.words(for: error)
        try await database.execute(
            """
            UPDATE jobs SET last_error = \(message), run_at = \(now.addingTimeInterval(pow(2, Double(job.attempts)))),
                dead_at = CASE WHEN \(isLast) THEN \(now) END
             WHERE id = \(job.id) AND attempts = \(job.attempts)
            """)
        report(isLast ? .dead(job.kind, error: error) : .failed(job.kind, attempts: job.attempts, error: error))
    }
}

extension Database {
    /// Runs `body` while no runner, on no node, takes jobs but one that was made to be alone: for whoever tells of the past, in which the jobs of
    /// the present have no say. Holds a connection meanwhile.
    func withJobsAtRest<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error> = try await transaction { tx throws(PostgresError) in
            try await tx.execute("SELECT pg_advisory_xact_lock(\(JobRunner.atRest))")
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

/// A job that this runner has leased.
struct Taken: RowDecodable {
    static let columns: SQL = "id, kind, subject, attempts"
    let id: Int
    let kind: Job.Kind
    let subject: String
    let attempts: Int

    init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        kind = try row["kind"]
        subject = try row["subject"]
        attempts = try row["attempts"]
    }
}

extension Session {
    /// Removes a job that is done, unless it was asked for again meanwhile (which sets `attempts` back).
    fileprivate func remove(_ job: Taken) async throws(Failure) {
        try await execute("DELETE FROM jobs WHERE id = \(job.id) AND attempts = \(job.attempts)")
    }
}
