import Support
import Testing

@testable import Postgres

@Suite("Prepared statements", .freshDatabase)
struct PreparedStatementTests {
    /// One connection, so that every statement meets the same cache.
    private let database = Database(OwnDatabase.conninfo, limit: 1)

    @Test func aChangedTableDoesNotBreakThem() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        try await database.execute("INSERT INTO things VALUES (1)")
        #expect(try await database.value("SELECT * FROM things", as: Int.self) == 1)
        try await database.execute("ALTER TABLE things ALTER COLUMN id TYPE text")
        #expect(try await database.value("SELECT * FROM things", as: String.self) == "1")
        try await database.execute("ALTER TABLE things ALTER COLUMN id TYPE int USING id::int")
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("SELECT 1")
                _ = try await tx.value("SELECT * FROM things", as: Int.self)
            }
        }
        #expect(error?.sqlState == "0A000")
        // The transaction had failed, but the statement was forgotten: the next one passes.
        let next = try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("SELECT 1")
            return try await tx.value("SELECT * FROM things", as: Int.self)
        }
        #expect(next == 1)
        #expect(
            try await database.value("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT * FROM things'", as: Int.self)
                == 1)
    }

    @Test func aServerThatForgotThemIsToldAgain() async throws {
        #expect(try await database.value("SELECT \(1)", as: Int.self) == 1)
        try await database.execute("DEALLOCATE ALL")
        #expect(try await database.value("SELECT \(2)", as: Int.self) == 2)
        #expect(try await database.value("SELECT \(3)", as: Int.self) == 3)
    }

    /// One that no longer has a place is taken off the server, which may have forgotten it already.
    @Test func aNameThatTheServerDoesNotKnowFailsNobodyElse() async throws {
        try await database.execute("CREATE TABLE things (id int)")
        for number in 0..<300 { try await database.execute(SQL(stringLiteral: "SELECT \(number)")) }
        try await database.execute("DEALLOCATE ALL")
        #expect(try await database.execute("INSERT INTO things VALUES (1)") == 1)
        try await database.transaction { tx throws(PostgresError) in try await tx.execute("INSERT INTO things VALUES (2)") }
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 2)
    }

    @Test func savepointsAreTwoStatementsHoweverManyThereAre() async throws {
        try await database.transaction { tx throws(PostgresError) in
            for number in 0..<20 {
                try await tx.savepoint { inner throws(PostgresError) in inner.later(SQL(stringLiteral: "SELECT \(number)")) }
            }
        }
        let count = try await database.value(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^(SAVEPOINT|RELEASE)'", as: Int.self)
        #expect(count == 2)
    }

    @Test func aStatementIsPreparedOncePerConnection() async throws {
        for number in 0..<5 { #expect(try await database.value("SELECT \(number) AS once", as: Int.self) == number) }
        let statement = "SELECT $1 AS once"
        #expect(try await database.value("SELECT count(*) FROM pg_prepared_statements WHERE statement = \(statement)", as: Int.self) == 1)
        // The same text with another type is another statement.
        #expect(try await database.value("SELECT \("a") AS once", as: String.self) == "a")
        #expect(try await database.value("SELECT \(7) AS once", as: Int.self) == 7)
        #expect(try await database.value("SELECT count(*) FROM pg_prepared_statements WHERE statement = \(statement)", as: Int.self) == 1)
    }

    @Test func theirNumberIsBound() async throws {
        for number in 0..<400 {
            #expect(try await database.value(SQL(stringLiteral: "SELECT \(number)"), as: Int.self) == number)
        }
        let count = try #require(try await database.value("SELECT count(*) FROM pg_prepared_statements", as: Int.self))
        #expect((250...258).contains(count))
    }

    @Test func theOneUsedLongestAgoGoesFirst() {
        var cache = StatementCache(limit: 2)
        #expect(cache.keep("s1", for: "a").isEmpty)
        #expect(cache.keep("s2", for: "b").isEmpty)
        #expect(cache.name(of: "a") == "s1")
        #expect(cache.keep("s3", for: "c") == ["s2"])
        #expect(cache.name(of: "b") == nil)
        #expect(cache.name(of: "a") == "s1")
        #expect(cache.keep("s4", for: "a") == ["s1"])
        #expect(cache.count == 2)
    }
}
