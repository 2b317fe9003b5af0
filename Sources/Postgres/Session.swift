/// A connection lent to one transaction; generic over what the transaction throws.
///
/// It is not `Sendable`, so its statements come one after the other. Kept beyond its closure, it stops the program.
public final class Session<Failure: DatabaseFailure> {
    private var lent: Connection?
    /// The `BEGIN` that has not been sent yet.
    private var opening: String?
    private let deadline: Duration?
    private var savepoints = 0
    /// Statements that go with the next one.
    private var waiting: [SQL] = []
    /// Whether the last error was one that a new attempt may not meet.
    private(set) var isWorthRetrying = false

    init(_ connection: Connection, opening: String, deadline: Duration?) {
        lent = connection
        self.opening = opening
        self.deadline = deadline
    }

    /// The rows of a statement.
    public func query<Value: RowDecodable>(_ sql: SQL, as type: Value.Type) async throws(Failure) -> [Value] {
        let answer = try await answer(sql)
        return try translate { () throws(PostgresError) in try answer.decodeRows(type) }
    }

    /// The first row of a statement; nil when there is none.
    public func first<Value: RowDecodable>(_ sql: SQL, as type: Value.Type) async throws(Failure) -> Value? {
        let answer = try await answer(sql)
        return try translate { () throws(PostgresError) in try answer.decodeFirst(type) }
    }

    /// The first column of the first row; nil for NULL and when there is no row.
    public func value<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type) async throws(Failure) -> Value? {
        let answer = try await answer(sql)
        return try translate { () throws(PostgresError) in try answer.decodeValue(type) }
    }

    /// The first column of each row.
    public func values<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type) async throws(Failure) -> [Value] {
        let answer = try await answer(sql)
        return try translate { () throws(PostgresError) in try answer.decodeColumn(type) }
    }

    /// Runs a statement for what it does.
    ///
    /// - Returns: The rows it touched.
    @discardableResult public func execute(_ sql: SQL) async throws(Failure) -> Int {
        try await answer(sql).touched
    }

    /// Runs statements in one round trip. The first that fails is thrown, and with it the transaction fails.
    ///
    /// - Returns: The rows that each touched.
    @discardableResult public func execute(_ statements: [SQL]) async throws(Failure) -> [Int] {
        guard !statements.isEmpty else { return [] }
        do throws(PostgresError) {
            return try await run(statements).map(\.touched)
        } catch {
            throw failed(error)
        }
    }

    /// Sends a statement with the next one, or before `COMMIT`, in one round trip: for what is written and not looked at.
    ///
    /// It runs in its turn, before every statement that follows. Its error is thrown by the one that it travels with, and fails the transaction alike.
    public func later(_ sql: SQL) {
        waiting.append(sql)
    }

    /// Runs `body` so that its failure undoes its own statements only, and the transaction goes on.
    ///
    /// - Throws: What `body` threw, its work undone; or the error of the savepoint itself.
    @discardableResult public func savepoint<Value>(_ body: (Session<Failure>) async throws(Failure) -> Value) async throws(Failure)
        -> Value
    {
        // One name for each depth: as statements of their own they are prepared, and kept.
        savepoints += 1
        defer { savepoints -= 1 }
        let name = "savepoint_\(savepoints)"
        try await execute(SQL(stringLiteral: "SAVEPOINT \(name)"))
        do throws(Failure) {
            let value = try await body(self)
            // What the body left for later travels with it, and may fail.
            try await execute(SQL(stringLiteral: "RELEASE \(name)"))
            return value
        } catch {
            waiting.removeAll()
            do throws(PostgresError) {
                // Not to be cancelled: a cancelled task may have a reason to go on, and the connection is to be whole.
                _ = try await connection.command("ROLLBACK TO \(name); RELEASE \(name)", cancellable: false)
            } catch let second {
                throw failed(second)
            }
            throw error
        }
    }

    /// Runs a script of several statements without parameters, as a migration is.
    func run(script: String) async throws(Failure) {
        do throws(PostgresError) {
            _ = try await begin().command(script, cancellable: true)
        } catch {
            throw failed(error)
        }
    }

    private func answer(_ sql: SQL) async throws(Failure) -> Answer {
        do throws(PostgresError) {
            if !waiting.isEmpty { return try await run([sql])[0] }
            let connection = try await begun()
            let first = opening
            opening = nil
            do throws(PostgresError) {
                return try await connection.run(sql, opening: first)
            } catch {
                takeBack(first)
                throw error
            }
        } catch {
            throw failed(error)
        }
    }

    /// After an error that came before anything was done (a value that cannot be sent, a task that was cancelled, a `BEGIN` that was): what was to be
    /// sent is still to be sent. Otherwise what follows would run without its transaction, or what waited be forgotten.
    private func takeBack(_ first: String?, _ before: [SQL] = []) {
        guard !connection.isBroken, !connection.isTransactionFailed else { return }
        if !connection.isInTransaction { opening = first }
        waiting = before + waiting
    }

    /// Runs those that wait and then `statements`, in one round trip.
    ///
    /// - Returns: The answers to `statements`.
    private func run(_ statements: [SQL]) async throws(PostgresError) -> [Answer] {
        let connection = try await begun()
        let (first, before) = (opening, waiting)
        opening = nil
        waiting.removeAll()
        do throws(PostgresError) {
            return Array(try await connection.run(before + statements, opening: first).dropFirst(before.count))
        } catch {
            takeBack(first, before)
            throw error
        }
    }

    /// The connection, with the transaction's own deadline set. `BEGIN` is still to be sent, unless the deadline needed it.
    func begun() async throws(PostgresError) -> Connection {
        let connection = connection
        if let deadline, let first = opening {
            connection.statementDeadline = deadline
            try await begin("\(first); SET LOCAL statement_timeout = \(max(1, deadline.wholeMilliseconds))")
        }
        return connection
    }

    /// Makes sure that the transaction has begun, for what cannot travel with `BEGIN`.
    func begin() async throws(PostgresError) -> Connection {
        if !waiting.isEmpty { _ = try await run([]) }
        let connection = try await begun()
        if let first = opening { try await begin(first) }
        return connection
    }

    private func begin(_ command: String) async throws(PostgresError) {
        let first = opening
        opening = nil
        do throws(PostgresError) {
            _ = try await connection.command(command, cancellable: true)
        } catch {
            takeBack(first)
            throw error
        }
    }

    var connection: Connection {
        guard let lent else {
            fatalError("A Session was used after its transaction had ended. Do not keep it beyond the closure it was given to.")
        }
        return lent
    }

    func failed(_ error: PostgresError) -> Failure {
        isWorthRetrying = error.isWorthRetrying
        return Failure(error)
    }

    private func translate<Value>(_ body: () throws(PostgresError) -> Value) throws(Failure) -> Value {
        do throws(PostgresError) { return try body() } catch { throw failed(error) }
    }

    // MARK: The end

    func commit() async throws(Failure) {
        guard opening == nil || !waiting.isEmpty else { return }
        do throws(PostgresError) {
            if opening != nil { _ = try await run([]) }
            // Outside of a transaction COMMIT is answered as if all were well.
            guard connection.isInTransaction else {
                throw PostgresError(
                    .rolledBack, "the transaction was ended by one of its own statements, and what came after it ran outside of it")
            }
            let last = waiting
            waiting.removeAll()
            let answer = try await connection.commit(after: last)
            if answer.tag != "COMMIT" {
                throw PostgresError(.rolledBack, "COMMIT was answered by \(answer.tag): a statement had failed and its error was swallowed")
            }
        } catch {
            throw failed(error)
        }
    }

    /// Rolls back; a connection that cannot is closed when it goes back to the pool.
    func rollBack() async {
        guard opening == nil, connection.isInTransaction, !connection.isBroken else { return }
        do throws(PostgresError) {
            _ = try await connection.command("ROLLBACK", cancellable: false)
        } catch {
            _ = connection.lost(error.summary)
        }
    }

    /// Takes the connection back.
    func end() -> Connection {
        defer { lent = nil }
        return connection
    }
}
