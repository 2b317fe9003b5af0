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

    @Test func settingsHoldForTheirStatementAlone() async throws {
        struct Setting: RowDecodable {
            static let columns: SQL = "current_setting('enable_sort') AS value"
            let value: String
            init(row: borrowing Row) throws(PostgresError) { value = try row["value"] }
        }
        let one = Database(OwnDatabase.conninfo, limit: 1)
        let off: SQL = "SELECT set_config('enable_sort', 'off', true)"
        for _ in 0..<3 {
            #expect(try await one.query("SELECT \(Setting.columns)", under: off, as: Setting.self).map(\.value) == ["off"])
            #expect(try await one.query("SELECT \(Setting.columns)", as: Setting.self).map(\.value) == ["on"])
        }
        await #expect(throws: PostgresError.self) {
            try await one.query("SELECT \(Setting.columns) WHERE 1 / \(0) = 1", under: off, as: Setting.self)
        }
        #expect(try await one.query("SELECT \(Setting.columns)", as: Setting.self).map(\.value) == ["on"])
        await one.close()
    }
}
