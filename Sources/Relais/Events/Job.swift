import Foundation
import Postgres

/// Something to be done later, written in the transaction that makes it necessary. Of one kind and subject, one waits at a time.
public struct Job: Sendable, Equatable {
    /// The kinds, each with the use case that does it (`JobRunner`).
    public enum Kind: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
        /// A proposal's time to answer is over. Subject: the referral.
        case expireReferral = "expire_referral"
        /// Has a request a candidate? Qualified without one, it waits; waiting with one, it comes back. Subject: the request.
        case seekCandidates = "seek_candidates"
        /// Room has appeared with a mediator: the waiting requests that it could take are looked at again. Subject: the mediator.
        case retryWaiting = "retry_waiting"
        /// The deadline of a request has come nearer. Subject: the request.
        case raisePriority = "raise_priority"
        /// A file was sent to be imported. Subject: the import.
        case bringImport = "bring_import"
        /// Subject: the import.
        case undoImport = "undo_import"

        /// Whether it may take minutes: then others are not kept waiting for it, and its lease is renewed meanwhile.
        public var isLong: Bool { self == .bringImport || self == .undoImport }
    }

    public let kind: Kind
    public let subject: String
    public let runAt: Date

    private init(_ kind: Kind, _ subject: some CustomStringConvertible, at runAt: Date) {
        self.kind = kind
        self.subject = subject.description
        self.runAt = runAt
    }

    public static func expire(_ referral: Referral.ID, at runAt: Date) -> Job { Job(.expireReferral, referral, at: runAt) }
    public static func seekCandidates(for request: Request.ID, at runAt: Date) -> Job { Job(.seekCandidates, request, at: runAt) }
    public static func retryWaiting(forRoomAt mediator: Mediator.ID, at runAt: Date) -> Job { Job(.retryWaiting, mediator, at: runAt) }
    static func raisePriority(of request: Request.ID, at runAt: Date) -> Job { Job(.raisePriority, request, at: runAt) }
    static func bring(_ file: FileImport.ID, at runAt: Date) -> Job { Job(.bringImport, file, at: runAt) }
    static func undo(_ file: FileImport.ID, at runAt: Date) -> Job { Job(.undoImport, file, at: runAt) }

    /// The channel on which a job that is due at once wakes the runners.
    public static let channel: Channel = "relais_jobs"
}

extension Session {
    /// Puts a job in the queue; one of the same kind and subject that waits already is moved forward instead, and one that is being done is done again.
    public func enqueue(_ job: Job, at now: Date) async throws(Failure) {
        later(
            """
            INSERT INTO jobs (kind, subject, run_at, created_at) VALUES (\(job.kind), \(job.subject), \(job.runAt), \(now))
            ON CONFLICT (kind, subject) WHERE dead_at IS NULL DO UPDATE
                SET run_at = CASE WHEN jobs.attempts = 0 THEN least(jobs.run_at, excluded.run_at) ELSE excluded.run_at END, attempts = 0
            """)
        if job.runAt <= now {
            later("SELECT pg_notify(\(Job.channel.name), '')")
        }
    }

    /// Takes a job out of the queue that is no longer needed.
    public func dequeue(_ kind: Job.Kind, _ subject: some CustomStringConvertible) async throws(Failure) {
        later("DELETE FROM jobs WHERE kind = \(kind) AND subject = \(subject.description) AND dead_at IS NULL")
    }
}
