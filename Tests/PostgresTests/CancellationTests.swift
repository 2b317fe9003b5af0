import Postgres
import Support
import Testing

@Suite("Cancelled tasks", .freshDatabase)
struct CancellationTests {
    let database = OwnDatabase.current

    /// Waits until the server has as many sessions in `state` as wanted, running a statement like `pattern`.
    private func until(_ count: Int, like pattern: String) async throws {
        for _ in 0..<500 {
            let found = try await database.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE \(pattern)",
                as: Int.self)
            if found == count { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the server never had \(count) sessions running \(pattern)")
    }

    @Test func inAStatementItEndsOnTheServer() async throws {
        let task = Task { [database] in try await database.execute("SELECT pg_sleep(60)") }
        try await until(1, like: "%pg_sleep%")
        let start = ContinuousClock.now
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        try await until(0, like: "%pg_sleep%")
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }

    @Test func theNextStatementOfTheConnectionIsNotHit() async throws {
        let database = Database(OwnDatabase.conninfo, limit: 1)
        for round in 0..<150 {
            // Cancelled about when it ends, so that the cancel is under way when the next statement could start.
            let task = Task { try await database.value("SELECT 1 FROM pg_sleep(0.002)", as: Int.self) }
            try await Task.sleep(for: .microseconds(1000 + 30 * (round % 50)))
            task.cancel()
            _ = await task.result
            #expect(try await database.value("SELECT \(round) FROM pg_sleep(0.005)", as: Int.self) == round)
        }
        await database.close()
    }

    @Test func inATransactionItIsRolledBack() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        let task = Task { [database] in
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                try await tx.execute("SELECT pg_sleep(60)")
            }
        }
        try await until(1, like: "%pg_sleep%")
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
        #expect(
            try await database.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
                as: Int.self) == 0)
    }

    @Test func betweenTheStatementsOfATransactionTheNextIsNotSent() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        let task = Task { [database] in
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                withUnsafeCurrentTask { $0?.cancel() }
                try await tx.execute("INSERT INTO things VALUES (2)")
            }
        }
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
    }

    @Test func waitingForAConnectionItLeavesTheQueue() async throws {
        let small = Database(OwnDatabase.conninfo, limit: 1, patience: .seconds(60))
        let holder = Task { try await small.execute("SELECT pg_sleep(60)") }
        try await until(1, like: "%pg_sleep%")
        let start = ContinuousClock.now
        let waiter = Task { try await small.execute("SELECT 1") }
        try await Task.sleep(for: .milliseconds(50))
        waiter.cancel()
        let error = await #expect(throws: PostgresError.self) { try await waiter.value }
        #expect(error?.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(10))
        holder.cancel()
        _ = await holder.result
        #expect(try await small.value("SELECT 1", as: Int.self) == 1)
        await small.close()
    }

    @Test func connectingItDoesNotWaitForTheServer() async throws {
        // A socket that accepts nothing: the connection is made, and the server never says a word.
        let silent = try SilentServer()
        let database = Database("host=127.0.0.1 port=\(silent.port) connect_timeout=30", patience: .seconds(30))
        let start = ContinuousClock.now
        let task = Task { try await database.execute("SELECT 1") }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(5))
        silent.close()
    }

    @Test func alreadyCancelledItSendsNothing() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        let task = Task { [database] in
            withUnsafeCurrentTask { $0?.cancel() }
            try await database.execute("INSERT INTO things VALUES (1)")
        }
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
    }
}
