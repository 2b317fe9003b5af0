import Postgres
import Support
import Testing

@Suite("Statements", .database)
struct StatementTests {
    let database = OwnDatabase.current

    @Test func aValueComesBack() async throws {
        #expect(try await database.value("SELECT \(41) + 1", as: Int.self) == 42)
        #expect(try await database.value("SELECT \("élan")", as: String.self) == "élan")
        #expect(try await database.values("SELECT generate_series(1, \(3))", as: Int.self) == [1, 2, 3])
    }

    @Test func aTransactionIsKeptOrNot() async throws {
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("CREATE TABLE kept (id int PRIMARY KEY)")
            try await tx.execute("INSERT INTO kept VALUES (\(1))")
        }
        await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("INSERT INTO kept VALUES (\(2))")
                try await tx.execute("INSERT INTO kept VALUES (\(1))")
            }
        }
        #expect(try await database.value("SELECT count(*) FROM kept", as: Int.self) == 1)
        try await database.execute("DROP TABLE kept")
    }
}
