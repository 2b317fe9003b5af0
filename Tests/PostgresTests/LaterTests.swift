import Postgres
import Support
import Testing

@Suite("Statements that go with the next one", .freshDatabase)
struct LaterTests {
    let database = OwnDatabase.current

    init() async throws {
        try await database.execute("CREATE TABLE things (id int PRIMARY KEY, seen int NOT NULL DEFAULT 0)")
    }

    private func ids() async throws -> [Int] { try await database.values("SELECT id FROM things ORDER BY id", as: Int.self) }

    @Test func theyRunBeforeWhatFollows() async throws {
        let seen = try await database.transaction { tx throws(PostgresError) in
            tx.later("INSERT INTO things (id) VALUES (\(1))")
            tx.later("INSERT INTO things (id, seen) SELECT 2, count(*) FROM things")
            return try await tx.value("SELECT seen FROM things WHERE id = 2", as: Int.self)
        }
        #expect(seen == 1)
    }

    @Test func theyAreCommittedWithoutAnythingThatFollows() async throws {
        try await database.transaction { tx throws(PostgresError) in tx.later("INSERT INTO things (id) VALUES (1)") }
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("INSERT INTO things (id) VALUES (2)")
            tx.later("INSERT INTO things (id) VALUES (3)")
        }
        #expect(try await ids() == [1, 2, 3])
    }

    @Test func theErrorOfOneIsThrownByTheNextAndFailsTheTransaction() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things (id) VALUES (1)")
                tx.later("INSERT INTO things (id) VALUES (1)")
                try await tx.execute("INSERT INTO things (id) VALUES (2)")
            }
        }
        #expect(error?.constraint == "things_pkey")
        #expect(try await ids() == [])
    }

    @Test func theErrorOfTheLastIsThrownByTheTransactionAndNothingIsCommitted() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO things (id) VALUES (1)")
                tx.later("INSERT INTO things (id) VALUES (1)")
            }
        }
        #expect(error?.constraint == "things_pkey")
        #expect(try await ids() == [])
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }

    @Test func theyBelongToTheSavepointInWhichTheyWereGiven() async throws {
        struct Refusal: Error, DatabaseFailure {
            init() {}
            init(_ error: PostgresError) {}
        }
        try await database.transaction { tx throws(Refusal) in
            tx.later("INSERT INTO things (id) VALUES (1)")
            do throws(Refusal) {
                try await tx.savepoint { inner throws(Refusal) in
                    inner.later("INSERT INTO things (id) VALUES (2)")
                    throw Refusal()
                }
            } catch {}
            try await tx.savepoint { inner throws(Refusal) in inner.later("INSERT INTO things (id) VALUES (3)") }
        }
        #expect(try await ids() == [1, 3])
    }

    @Test func theErrorOfOneThatASavepointReleasesUndoesTheSavepointAlone() async throws {
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("INSERT INTO things (id) VALUES (1)")
            do throws(PostgresError) {
                try await tx.savepoint { inner throws(PostgresError) in inner.later("INSERT INTO things (id) VALUES (1)") }
                Issue.record("the row is there already")
            } catch {
                #expect(error.constraint == "things_pkey")
            }
            try await tx.execute("INSERT INTO things (id) VALUES (2)")
        }
        #expect(try await ids() == [1, 2])
    }

    /// A statement that cannot be sent takes nothing with it: what waited before it is still to come.
    @Test func theyOutliveAStatementThatIsNotSent() async throws {
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("INSERT INTO things (id) VALUES (1)")
            tx.later("INSERT INTO things (id) VALUES (2)")
            let refused = try? await tx.value("SELECT \("a\0")", as: String.self)
            #expect(refused == nil)
        }
        #expect(try await ids() == [1, 2])
    }
}
