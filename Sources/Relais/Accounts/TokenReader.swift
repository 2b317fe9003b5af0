import Foundation
import Postgres
import Synchronization

/// Says who shows a token, without asking the database each time.
///
/// What it knows is at most ``trust`` old, and is forgotten at once when any token is revoked, on whatever node (``run()`` listens). It notes which
/// tokens are used, and writes that from time to time, never on the way of a request.
public final class TokenReader: Sendable {
    /// How long an answer of the database is believed.
    public static let trust = Duration.seconds(5)
    /// How many tokens are known at once.
    static let capacity = 10_000

    private struct Known {
        let token: Token
        let caller: Caller
        let until: ContinuousClock.Instant
        let epoch: Int
    }

    private struct State {
        /// Also those that have to be looked up again.
        var known: [String: Known] = [:]
        var used: [Token.ID: Date] = [:]
        /// Counts how often everything was forgotten: what was asked before then is not believed after.
        var epoch = 0
    }

    private let database: Database
    private let generators: Generators
    private let state = Mutex(State())

    public init(database: Database, generators: Generators) {
        self.database = database
        self.generators = generators
    }

    /// Whether the token was good when it was looked up last: no guess, then.
    public func isKnown(_ text: Substring) -> Bool {
        state.withLock { $0.known[String(text)] != nil }
    }

    /// - Parameter text: What was shown: `relais_…`.
    /// - Throws: ``AccountError/refused(_:)``, or ``AccountError/database(_:)`` when it has to be looked up and cannot be.
    public func caller(showing text: Substring) async throws(AccountError) -> Caller {
        let now = ContinuousClock.now
        let text = String(text)
        let epoch: Int
        switch state.withLock({ ($0.known[text], $0.epoch) }) {
        case (let known?, let current) where known.until > now && known.epoch == current:
            return try admit(known.token, known.caller)
        case (_, let current):
            epoch = current
        }
        guard let secret = TokenSecret(text) else { throw .refused(.malformed) }
        let token: Token?
        do throws(PostgresError) { token = try await database.token(hash: secret.hash) } catch { throw .database(error) }
        guard let token, token.revokedAt == nil else {
            state.withLock { $0.known[text] = nil }
            throw .refused(token == nil ? .unknown : .revoked)
        }
        let known = Known(token: token, caller: token.caller, until: now + Self.trust, epoch: epoch)
        state.withLock { state in
            if state.known.count >= Self.capacity { state.known.removeAll() }
            state.known[text] = known
        }
        return try admit(token, known.caller)
    }

    private func admit(_ token: Token, _ caller: Caller) throws(AccountError) -> Caller {
        let now = generators.now()
        if let expiry = token.expiresAt, expiry <= now { throw .refused(.expired) }
        state.withLock { $0.used[token.id] = now }
        return caller
    }

    /// Forgets everything: the next use of each token is looked up.
    public func forget() {
        state.withLock { $0.epoch += 1 }
    }

    /// Listens for revocations and writes the last uses every `interval`, until cancelled.
    public func run(interval: Duration = .seconds(60)) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Both `.resumed` and a message mean the same here: something may have been revoked.
                for await _ in self.database.notifications(on: AccountDesk.channel) { self.forget() }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    await self.writeUses()
                }
            }
        }
    }

    /// Writes when each token was last used. What cannot be written is dropped: it is a hint for people, not a record.
    public func writeUses() async {
        let used = state.withLock { state in
            defer { state.used.removeAll(keepingCapacity: true) }
            return state.used
        }
        guard !used.isEmpty else { return }
        let entries = used.sorted { $0.key < $1.key }
        _ = try? await database.execute(
            """
            UPDATE tokens SET last_used_at = used.at
              FROM unnest(\(entries.map(\.key)), \(entries.map(\.value))) AS used (id, at)
             WHERE tokens.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)
            """)
    }
}
