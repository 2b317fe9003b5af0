import Postgres
import Support
import Testing

@Suite("COPY", .freshDatabase)
struct CopyTests {
    let database = OwnDatabase.current

    private struct Refusal: Error, Equatable, DatabaseFailure {
        var database: PostgresError?
        init() {}
        init(_ error: PostgresError) { database = error }
    }

    init() async throws {
        try await database.execute("CREATE TABLE things (id int PRIMARY KEY, name text)")
    }

    @Test func manyRowsGoInAndComeOut() async throws {
        var next = 0
        let copied = try await database.copyIn("COPY things FROM STDIN") { () throws(PostgresError) -> [UInt8]? in
            guard next < 200_000 else { return nil }
            defer { next += 1000 }
            return (next..<(next + 1000)).flatMap { Array("\($0)\tname \($0)\n".utf8) }
        }
        #expect(copied == 200_000)
        var bytes = 0
        var chunks = 0
        var lines = 0
        let out = try await database.copyOut("COPY (SELECT * FROM things ORDER BY id) TO STDOUT") { (chunk) throws(PostgresError) in
            bytes += chunk.count
            chunks += 1
            lines += chunk.count { $0 == UInt8(ascii: "\n") }
        }
        #expect(out == 200_000)
        #expect(lines == 200_000)
        #expect(chunks > 10)
        #expect(bytes == (0..<200_000).reduce(0) { $0 + 2 * "\($1)".utf8.count + 7 })
    }

    @Test func aSourceThatFailsKeepsNothing() async throws {
        var given = false
        await #expect(throws: Refusal()) {
            try await database.copyIn("COPY things FROM STDIN") { () throws(Refusal) -> [UInt8]? in
                if given { throw Refusal() }
                given = true
                return Array("1\ta\n".utf8)
            }
        }
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
    }

    @Test func whatTheServerRefusesIsTyped() async throws {
        var given = false
        let error = await #expect(throws: PostgresError.self) {
            try await database.copyIn("COPY things FROM STDIN") { () throws(PostgresError) -> [UInt8]? in
                defer { given = true }
                return given ? nil : Array("1\ta\n1\tb\n".utf8)
            }
        }
        #expect(error?.constraint == "things_pkey")
        let none = await #expect(throws: PostgresError.self) {
            try await database.copyIn("COPY nothing FROM STDIN") { () throws(PostgresError) -> [UInt8]? in nil }
        }
        #expect(none?.sqlState == "42P01")
        let parameter = await #expect(throws: PostgresError.self) {
            try await database.copyOut("COPY (SELECT \(1)) TO STDOUT") { (_) throws(PostgresError) in }
        }
        #expect(parameter?.kind == .encoding)
        let statement = await #expect(throws: PostgresError.self) {
            try await database.copyOut("SELECT 1") { (_) throws(PostgresError) in }
        }
        #expect(statement?.kind == .encoding)
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }

    @Test func aSinkThatFailsEndsTheCopy() async throws {
        await #expect(throws: Refusal()) {
            try await database.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { (_) throws(Refusal) in
                throw Refusal()
            }
        }
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }

    /// All of a small copy has been sent by then, and the server cannot be stopped any more.
    @Test func aSinkThatFailsAtTheEndOfACopyIsHeard() async throws {
        for rows in [1, 10, 1000] {
            await #expect(throws: Refusal()) {
                try await database.copyOut(SQL(stringLiteral: "COPY (SELECT generate_series(1, \(rows))) TO STDOUT")) {
                    (_) throws(Refusal) in
                    throw Refusal()
                }
            }
        }
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }

    @Test func inATransactionItIsPartOfIt() async throws {
        await #expect(throws: Refusal()) {
            try await database.transaction { tx throws(Refusal) in
                var given = false
                let copied = try await tx.copyIn("COPY things FROM STDIN") { () throws(Refusal) -> [UInt8]? in
                    defer { given = true }
                    return given ? nil : Array("1\ta\n2\tb\n".utf8)
                }
                #expect(copied == 2)
                var out: [UInt8] = []
                try await tx.copyOut("COPY things TO STDOUT") { (chunk) throws(Refusal) in out += chunk }
                #expect(out == Array("1\ta\n2\tb\n".utf8))
                throw Refusal()
            }
        }
        #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 0)
    }

    @Test func copyRunAsAStatementDoesNotHang() async throws {
        await #expect(throws: PostgresError.self) { try await database.execute("COPY things FROM STDIN") }
        #expect(try await database.value("SELECT 1", as: Int.self) == 1)
    }
}
