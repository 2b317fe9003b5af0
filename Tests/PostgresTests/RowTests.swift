import Postgres
import Support
import Testing

private struct Pair: RowDecodable, Equatable {
    let left: Int
    let right: String?

    static let columns: SQL = "l, r"

    init(left: Int, right: String?) {
        self.left = left
        self.right = right
    }

    init(row: borrowing Row) throws(PostgresError) {
        left = try row["l"]
        right = try row["r"]
    }
}

@Suite("Rows", .database)
struct RowTests {
    let database = OwnDatabase.current

    @Test func columnsAreReadByName() async throws {
        let rows: SQL = "FROM (VALUES (1, 'a'), (2, NULL)) t (l, r)"
        let expected = [Pair(left: 1, right: "a"), Pair(left: 2, right: nil)]
        #expect(try await database.query("SELECT \(Pair.columns) \(rows) ORDER BY l", as: Pair.self) == expected)
        #expect(try await database.query("SELECT r, 0 AS other, l \(rows) ORDER BY l", as: Pair.self) == expected)
        #expect(try await database.first("SELECT \(Pair.columns) \(rows) WHERE l = 3", as: Pair.self) == nil)
    }

    @Test func anErrorNamesColumnAndType() async throws {
        let missing = await #expect(throws: PostgresError.self) { try await database.first("SELECT 1 AS l", as: Pair.self) }
        #expect(missing?.description == "decoding: the result has no column \"r\"; it has l")
        let mistyped = await #expect(throws: PostgresError.self) { try await database.first("SELECT 'x' AS l, 'x' AS r", as: Pair.self) }
        #expect(mistyped?.description == "decoding: column \"l\" is of type text, not readable as Int")
        let null = await #expect(throws: PostgresError.self) { try await database.first("SELECT NULL::int AS l, 'x' AS r", as: Pair.self) }
        #expect(null?.description == "decoding: column \"l\" is NULL, not readable as Int")
        let wide = await #expect(throws: PostgresError.self) { try await database.value("SELECT 70000 AS n", as: Int16.self) }
        #expect(wide?.description == "decoding: column \"n\" holds a number outside of Int16")
    }

    @Test func anErrorOfTheServerIsTyped() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.transaction { tx throws(PostgresError) in
                try await tx.execute("CREATE TEMPORARY TABLE t (email text CONSTRAINT email_known_once UNIQUE)")
                try await tx.execute("INSERT INTO t VALUES (\("a@b.fr"))")
                try await tx.execute("INSERT INTO t VALUES (\("a@b.fr"))")
            }
        }
        #expect(error?.kind == .server)
        #expect(error?.sqlState == "23505")
        #expect(error?.constraint == "email_known_once")
        #expect(error?.description == "server: the server refused (23505) constraint email_known_once")
        #expect(error?.description.contains("a@b.fr") == false)
        #expect(error?.debugDescription.contains("a@b.fr") == true)
        #expect(error?.statement == "INSERT INTO t VALUES ($1)")
    }
}
