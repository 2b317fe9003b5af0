import Relais
import Synchronization

/// Counts the requests of each token and address: a bucket that holds as many as the limit, and fills up again over the window.
///
/// In memory, per node: behind several nodes the limits are that much wider.
final class RateLimiter: Sendable {
    /// Whose requests are counted together.
    enum Subject: Hashable {
        case token(Token.ID)
        case address(String)
        /// Requests with a token that is none.
        case guess(String)
        /// Requests for help and applications filed without a token.
        case filing(String)
    }

    /// What is left to a subject.
    struct Allowance: Equatable {
        let limit: Int
        /// Seconds over which the bucket fills.
        let window: Int
        let remaining: Int
        /// Seconds until another request is let through (when none is left), or until the bucket is full.
        let reset: Int
        let isAllowed: Bool
    }

    private struct Bucket {
        var level: Double
        var at: ContinuousClock.Instant
    }

    /// How many subjects are counted at once. Beyond that the full buckets are dropped, and all of them if none is full.
    static let capacity = 50_000

    let limits: RateLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[Subject: Bucket]>([:])

    init(limits: RateLimits, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.limits = limits
        self.now = now
    }

    /// How many subjects are counted at present.
    var size: Int { buckets.withLock(\.count) }

    /// Counts one request of `subject`.
    ///
    /// - Returns: `nil` when there is no limit for it.
    func count(_ subject: Subject) -> Allowance? {
        let now = now()
        return buckets.withLock { buckets in
            if buckets.count >= Self.capacity { Self.prune(&buckets, at: now) }
            guard var bucket = bucket(subject, in: buckets, at: now) else { return nil }
            let isAllowed = bucket.level >= 1
            if isAllowed { bucket.level -= 1 }
            buckets[subject] = bucket
            return allowance(subject, bucket, isAllowed)
        }
    }

    /// What is left to `subject`, if no other request of it would be let through now. Counts nothing.
    func spent(_ subject: Subject) -> Allowance? {
        let now = now()
        return buckets.withLock { buckets in
            bucket(subject, in: buckets, at: now).flatMap { $0.level < 1 ? allowance(subject, $0, false) : nil }
        }
    }

    /// How many, and over how many seconds; `0` is no limit.
    private func limit(of subject: Subject) -> (limit: Int, window: Int) {
        switch subject {
        case .token: (limits.token, 60)
        case .address, .guess: (limits.visitor, 60)
        case .filing: (limits.publicRequests, 600)
        }
    }

    /// As full as it is now; `nil` without a limit.
    private func bucket(_ subject: Subject, in buckets: [Subject: Bucket], at now: ContinuousClock.Instant) -> Bucket? {
        let (limit, window) = limit(of: subject)
        guard limit > 0 else { return nil }
        guard let bucket = buckets[subject] else { return Bucket(level: Double(limit), at: now) }
        let filled = bucket.at.duration(to: now).inSeconds * Double(limit) / Double(window)
        return Bucket(level: min(Double(limit), bucket.level + filled), at: now)
    }

    private func allowance(_ subject: Subject, _ bucket: Bucket, _ isAllowed: Bool) -> Allowance {
        let (limit, window) = limit(of: subject)
        let missing = isAllowed ? Double(limit) - bucket.level : 1 - bucket.level
        let seconds = missing * Double(window) / Double(limit)
        return Allowance(
            limit: limit, window: window, remaining: Int(bucket.level), reset: max(1, Int(seconds.rounded(.up))), isAllowed: isAllowed)
    }

    private static func prune(_ buckets: inout [Subject: Bucket], at now: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.at.duration(to: now) < .seconds(600) }
        if buckets.count >= capacity { buckets.removeAll() }
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
