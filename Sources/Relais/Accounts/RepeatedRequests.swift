import Crypto
import Foundation
import Postgres

/// One use of an `Idempotency-Key`: who, which key, and for which request.
public struct RepeatClaim: Sendable {
    /// How long an answer is kept.
    public static let kept: TimeInterval = 24 * 3600

    let caller: String
    let keyHash: [UInt8]
    let requestHash: [UInt8]
    /// What the claim is locked by while its transaction runs.
    let lock: Int64

    /// - Parameters:
    ///   - key: As the client gave it.
    ///   - request: Method, target and body: another request under the same key is refused.
    public init(by caller: Caller, key: String, request: [[UInt8]]) {
        self.caller = caller.token?.description ?? "public"
        keyHash = Array(SHA256.hash(data: Data(key.utf8)))
        var hash = SHA256()
        for part in request {
            hash.update(data: Data("\(part.count)\u{0}".utf8))
            hash.update(data: part)
        }
        requestHash = Array(hash.finalize())
        let both = SHA256.hash(data: Data("\(self.caller)\u{0}\(key)".utf8))
        lock = Int64(bitPattern: both.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// What was found under the key.
    public enum Found: Sendable, Equatable {
        /// Nothing: the request is new, and nobody else can claim the key until the transaction ends.
        case nothing
        /// The request was answered: its status and sealed answer.
        case answered(Int, [UInt8])
        /// The key belongs to another request.
        case otherRequest
        /// The same key is at work in another transaction.
        case inFlight
    }
}

extension Session {
    /// Takes the key for this transaction, or says what stands under it.
    public func claim(_ claim: RepeatClaim, at now: Date) async throws(Failure) -> RepeatClaim.Found {
        let found = try await first(
            """
            SELECT held, request_hash, status, answer
              FROM claim_idempotency_key(\(claim.caller), \(claim.keyHash), \(claim.lock), \(now.addingTimeInterval(-RepeatClaim.kept)))
            """, as: ClaimRow.self)
        guard let found, found.held else { return .inFlight }
        guard let request = found.requestHash, let status = found.status, let answer = found.answer else { return .nothing }
        return request == claim.requestHash ? .answered(status, answer) : .otherRequest
    }

    /// Keeps the answer under the claimed key, in place of one that is too old to count.
    public func keep(status: Int, answer: [UInt8], under claim: RepeatClaim, at now: Date) async throws(Failure) {
        later(
            """
            INSERT INTO idempotency_keys (caller, key_hash, request_hash, status, answer, created_at)
            VALUES (\(claim.caller), \(claim.keyHash), \(claim.requestHash), \(Int16(status)), \(answer), \(now))
            ON CONFLICT (caller, key_hash) DO UPDATE
               SET request_hash = excluded.request_hash, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at
            """)
    }
}

extension Database {
    /// Deletes the answers that are too old to be given again; at most `limit`, so that it never holds anything up.
    ///
    /// - Returns: How many were deleted.
    @discardableResult
    public func forgetRepeats(before now: Date, limit: Int = 1000) async throws(PostgresError) -> Int {
        try await execute(
            """
            DELETE FROM idempotency_keys WHERE (caller, key_hash) IN (
                SELECT caller, key_hash FROM idempotency_keys WHERE created_at < \(now.addingTimeInterval(-RepeatClaim.kept))
                 ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            """)
    }
}

private struct ClaimRow: RowDecodable {
    static let columns: SQL = "held, request_hash, status, answer"
    let held: Bool
    let requestHash: [UInt8]?
    let status: Int?
    let answer: [UInt8]?

    init(row: borrowing Row) throws(PostgresError) {
        held = try row["held"]
        requestHash = try row["request_hash"]
        let status: Int16? = try row["status"]
        self.status = status.map { Int($0) }
        answer = try row["answer"]
    }
}
