import Foundation
import Postgres
import Support
import Testing

@Suite("Lost connections", .freshDatabase)
struct OutageTests {
    let database = OwnDatabase.current

    private func terminate(like pattern: String) async throws {
        for _ in 0..<500 {
            let ended = try await database.values(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE \(pattern)
                """, as: Bool.self)
            if ended == [true] { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no session was running \(pattern)")
    }

    @Test func inAStatementThatReadsTheServerIsUnavailable() async throws {
        let other = Database(OwnDatabase.conninfo, limit: 1)
        let task = Task { try await other.execute("SELECT pg_sleep(60)") }
        try await terminate(like: "%pg_sleep%")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .unavailable)
        #expect(try await other.value("SELECT 1", as: Int.self) == 1)
        await other.close()
    }

    @Test func inAStatementThatWritesTheOutcomeIsUnknown() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        let task = Task { [database] in
            try await database.execute("INSERT INTO things SELECT 1 FROM pg_sleep(60)")
        }
        try await terminate(like: "INSERT%pg_sleep%")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .commitOutcomeUnknown)
    }

    @Test func inATransactionNothingIsKept() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        let task = Task { [database] in
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                try await tx.execute("SELECT pg_sleep(60)")
            }
        }
        try await terminate(like: "%pg_sleep%")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .unavailable)
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
    }

    @Test func idleConnectionsThatEndedAreNotLent() async throws {
        let other = Database(OwnDatabase.conninfo, limit: 4)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = try? await other.execute("SELECT pg_sleep(0.5)") } }
        }
        let ended = try await database.values(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(0.5)' AND state = 'idle'",
            as: Bool.self)
        // On a slow machine the first may be idle again before the last is asked for.
        #expect(ended.count > 1)
        // Shorter than the pool takes to sweep: it is the lending that has to look.
        try await Task.sleep(for: .milliseconds(5))
        for number in 0..<8 {
            #expect(try await other.value("SELECT \(number)", as: Int.self) == number)
        }
        await other.close()
    }

    @Test func aPoolThatStaysBusyIsATypedError() async throws {
        // Long enough for a busy machine to connect in.
        let other = Database(OwnDatabase.conninfo, limit: 1, patience: .seconds(2))
        try await other.execute("SELECT 1")
        let holder = Task { try await other.execute("SELECT pg_sleep(60)") }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await other.execute("SELECT 1") }
        #expect(error?.kind == .poolExhausted)
        #expect(ContinuousClock.now - start >= .seconds(2), "it waits as long as it may")
        holder.cancel()
        _ = await holder.result
        #expect(try await other.value("SELECT 1", as: Int.self) == 1)
        await other.close()
    }

    @Test func withoutAServerItIsUnavailable() async throws {
        let port = try TestCluster.freePort()
        let nowhere = Database("host=127.0.0.1 port=\(port)")
        let error = await #expect(throws: PostgresError.self) { try await nowhere.execute("SELECT 1") }
        #expect(error?.kind == .unavailable)
        let silent = try SilentServer()
        let deaf = Database("host=127.0.0.1 port=\(silent.port)", patience: .milliseconds(200))
        let patience = await #expect(throws: PostgresError.self) { try await deaf.execute("SELECT 1") }
        #expect(patience?.kind == .unavailable)
        silent.close()
    }

    @Test func closedItRefuses() async throws {
        let other = Database(OwnDatabase.conninfo)
        try await other.execute("SELECT 1")
        await other.close()
        let error = await #expect(throws: PostgresError.self) { try await other.execute("SELECT 1") }
        #expect(error?.kind == .closed)
    }

    @Test func oldConnectionsAreReplaced() async throws {
        let other = Database(OwnDatabase.conninfo, limit: 1, lifetime: .milliseconds(1))
        let first = try await other.value("SELECT pg_backend_pid() FROM pg_sleep(0.01)", as: Int.self)
        let second = try await other.value("SELECT pg_backend_pid()", as: Int.self)
        #expect(first != second)
        await other.close()
    }

    @Test func theServerEndsAStatementAtItsDeadline() async throws {
        let other = Database(OwnDatabase.conninfo, limit: 1, statementDeadline: .milliseconds(100))
        let error = await #expect(throws: PostgresError.self) { try await other.execute("SELECT pg_sleep(60)") }
        #expect(error?.kind == .timeout)
        #expect(error?.sqlState == "57014")
        await other.close()
    }
}
