import Postgres
import Support
import Testing

@Suite("Transactions", .freshDatabase)
struct TransactionTests {
    let database = OwnDatabase.current

    private enum Refusal: Error, Equatable, DatabaseFailure {
        case mine
        case database(PostgresError)
        init(_ error: PostgresError) { self = .database(error) }
    }

    init() async throws {
        try await database.execute("CREATE TABLE things (id int PRIMARY KEY, count int NOT NULL DEFAULT 0)")
    }

    private func count() async throws -> Int? {
        try await database.value("SELECT count(*) FROM things", as: Int.self)
    }

    @Test func whatTheBodyThrowsUndoesItsWork() async throws {
        await #expect(throws: Refusal.mine) {
            try await database.transaction { tx throws(Refusal) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                throw .mine
            }
        }
        #expect(try await count() == 0)
    }

    @Test func aConnectionSurvivesTheRollbackOfItsTransaction() async throws {
        let one = Database(OwnDatabase.conninfo, limit: 1)
        let before = try await one.value("SELECT pg_backend_pid()", as: Int.self)
        await #expect(throws: PostgresError.self) {
            try await one.transaction { tx throws(PostgresError) in
                try await tx.execute("SELECT 1/0")
            }
        }
        #expect(try await one.value("SELECT pg_backend_pid()", as: Int.self) == before)
        await one.close()
    }

    @Test func aSwallowedFailureIsNotACommit() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                _ = try? await tx.execute("INSERT INTO things VALUES (1)")
            }
        }
        #expect(error?.kind == .rolledBack)
        #expect(try await count() == 0)
    }

    /// `BEGIN` travels with the first statement; when that is not sent, it travels with the next.
    @Test func aFirstStatementThatIsNotSentTakesNoTransactionWithIt() async throws {
        struct Refusal: DatabaseFailure {
            init() {}
            init(_ error: PostgresError) {}
        }
        await #expect(throws: Refusal.self) {
            try await database.transaction { tx throws(Refusal) in
                _ = try? await tx.execute("INSERT INTO things SELECT 1 WHERE 'a' = \("a\0")")
                try await tx.execute("INSERT INTO things VALUES (2)")
                throw Refusal()
            }
        }
        #expect(try await count() == 0)
    }

    @Test func aTransactionThatEndsItselfIsNotCommitted() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1)")
                try await tx.execute("ROLLBACK")
                try await tx.execute("SELECT 1")
            }
        }
        #expect(error?.kind == .rolledBack)
        #expect(try await count() == 0)
    }

    @Test func aConstraintCheckedAtCommitIsTheServersError() async throws {
        try await database.execute("ALTER TABLE things ADD CONSTRAINT one_count UNIQUE (count) DEFERRABLE INITIALLY DEFERRED")
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things VALUES (1, 5), (2, 5)")
            }
        }
        #expect(error?.kind == .server)
        #expect(error?.constraint == "one_count")
    }

    @Test func savepointsUndoTheirOwnWorkOnly() async throws {
        try await database.transaction { tx throws(Refusal) in
            try await tx.execute("INSERT INTO things VALUES (1)")
            for id in [1, 2] {
                do throws(Refusal) {
                    try await tx.savepoint { inner throws(Refusal) in
                        try await inner.execute("INSERT INTO things VALUES (\(id + 10))")
                        try await inner.execute("INSERT INTO things VALUES (\(id))")
                    }
                } catch {
                    guard case .database(let cause) = error, cause.sqlState == "23505" else { throw error }
                }
            }
        }
        #expect(try await database.values("SELECT id FROM things ORDER BY id", as: Int.self) == [1, 2, 12])
    }

    @Test func theIsolationAskedForIsTheOneThatIs() async throws {
        for isolation in [Isolation.readCommitted, .repeatableRead, .serializable] {
            let (level, isReadOnly) = try await database.transaction(isolation: isolation, readOnly: true) { tx throws(PostgresError) in
                (
                    try await tx.value("SELECT current_setting('transaction_isolation')", as: String.self),
                    try await tx.value("SELECT current_setting('transaction_read_only')", as: String.self)
                )
            }
            #expect(level == isolation.rawValue.lowercased())
            #expect(isReadOnly == "on")
        }
    }

    @Test func aSerializationFailureIsTriedAgain() async throws {
        try await database.execute("INSERT INTO things VALUES (1, 0)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10 {
                        try await database.transaction(isolation: .repeatableRead, attempts: 100) { tx throws(PostgresError) in
                            let count = try await tx.value("SELECT count FROM things WHERE id = 1", as: Int.self) ?? 0
                            try await tx.execute("UPDATE things SET count = \(count + 1) WHERE id = 1")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.value("SELECT count FROM things", as: Int.self) == 40)
        // Somebody else is quicker, once.
        let tries = Counter()
        try await database.transaction(isolation: .repeatableRead, attempts: 3) { tx throws(PostgresError) in
            tries.add()
            let count = try await tx.value("SELECT count FROM things WHERE id = 1", as: Int.self) ?? 0
            if tries.count == 1 { try await database.execute("UPDATE things SET count = 50 WHERE id = 1") }
            try await tx.execute("UPDATE things SET count = \(count + 1) WHERE id = 1")
        }
        #expect(try await database.value("SELECT count FROM things", as: Int.self) == 51)
        #expect(tries.count == 2)
    }

    @Test func withoutAnotherAttemptItIsThrown() async throws {
        try await database.execute("INSERT INTO things VALUES (1, 0)")
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction(isolation: .repeatableRead) { tx throws(PostgresError) in
                _ = try await tx.value("SELECT count FROM things", as: Int.self)
                try await database.execute("UPDATE things SET count = 7")
                try await tx.execute("UPDATE things SET count = 8")
            }
        }
        #expect(error?.sqlState == "40001")
    }

    @Test func severalStatementsTravelTogether() async throws {
        let touched = try await database.transaction { tx throws(PostgresError) in
            try await tx.execute([
                "INSERT INTO things VALUES (\(1)), (\(2))", "UPDATE things SET count = \(1)", "DELETE FROM things WHERE id = \(1)",
                "DELETE FROM things WHERE id = \(2)",
            ])
        }
        #expect(touched == [2, 2, 1, 1])
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute(["INSERT INTO things VALUES (1)", "INSERT INTO things VALUES (1)", "INSERT INTO things VALUES (3)"])
            }
        }
        #expect(error?.sqlState == "23505")
        #expect(try await count() == 0)
    }

    @Test func theSameStatementManyTimesIsPreparedOnce() async throws {
        let inserts = (1...50).map { number in "INSERT INTO things VALUES (\(number))" as SQL }
        let prepared = try await database.transaction { tx throws(PostgresError) in
            try await tx.execute(inserts)
            return try await tx.value("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'", as: Int.self)
        }
        #expect(prepared == 1)
        #expect(try await count() == 50)
    }

    @Test func aTransactionMayHaveItsOwnDeadline() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction(deadline: .milliseconds(50)) { tx throws(PostgresError) in
                try await tx.execute("SELECT pg_sleep(5)")
            }
        }
        #expect(error?.kind == .timeout)
        #expect(try await database.value("SHOW statement_timeout", as: String.self) == "30s")
    }

    @Test func aSessionKeptBeyondItsClosureStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let database = Database(try TestServer.conninfo(database: "postgres"))
            let kept = Kept()
            try await database.transaction { tx throws(PostgresError) in
                kept.session = tx
                try await tx.execute("SELECT 1")
            }
            try await kept.session?.execute("SELECT 1")
        }
    }
}

private final class Kept {
    var session: Session<PostgresError>?
}
