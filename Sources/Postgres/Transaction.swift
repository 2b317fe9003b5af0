/// How much a transaction sees of others that run beside it.
public enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension Database {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// ```swift
    /// try await database.transaction { tx throws(ReferralError) in … }
    /// ```
    /// `BEGIN` travels with the first statement; a body that runs none costs nothing. A cancelled task ends the statement it is in, and so the
    /// body; `COMMIT`, once under way, is not cancelled.
    ///
    /// - Parameters:
    ///   - attempts: How many times `body` may run, when PostgreSQL refuses the transaction for the sake of another (40001, 40P01). What the
    ///     body does outside of the database then happens more than once.
    ///   - deadline: The longest a statement may take in this transaction, where that is not the database's.
    /// - Throws: What `body` threw, or `Failure` made from the error of `BEGIN` or `COMMIT`. ``PostgresError/Kind/commitOutcomeUnknown``
    ///   means that the work may be there: repeat it only if it is idempotent.
    @discardableResult public func transaction<Value: Sendable, Failure: DatabaseFailure>(
        isolation: Isolation = .readCommitted, readOnly: Bool = false, attempts: Int = 1, deadline: Duration? = nil,
        _ body: (Session<Failure>) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        var opening = "BEGIN ISOLATION LEVEL \(isolation.rawValue)"
        if readOnly { opening += " READ ONLY" }
        var attempt = 1
        while true {
            let session: Session<Failure>
            do throws(PostgresError) {
                session = Session(try await pool.lease(), opening: opening, deadline: deadline)
            } catch {
                throw Failure(error)
            }
            let failure: Failure
            do throws(Failure) {
                let value = try await body(session)
                try await session.commit()
                pool.giveBack(session.end())
                return value
            } catch {
                failure = error
            }
            let isWorthRetrying = session.isWorthRetrying
            await session.rollBack()
            pool.giveBack(session.end())
            guard isWorthRetrying, attempt < attempts, !Task.isCancelled else { throw failure }
            attempt += 1
            observe(.transactionRetried(attempt: attempt))
        }
    }
}
