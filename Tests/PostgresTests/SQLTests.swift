import Postgres
import Support
import Testing

@Suite("SQL by interpolation")
struct SQLTests {
    @Test func aValueIsAParameter() {
        let name = "O'Brien"
        let sql: SQL = "SELECT * FROM people WHERE name = \(name) AND age > \(18)"
        #expect(sql.text == "SELECT * FROM people WHERE name = $1 AND age > $2")
        #expect(sql.parameterCount == 2)
    }

    @Test func splicedPiecesAreNumberedAnew() {
        let inner: SQL = "b = \(2) AND c = \("$1") AND d = '$1'"
        let sql: SQL = "a = \(1) AND (\(inner)) AND e = \(3)"
        #expect(sql.text == "a = $1 AND (b = $2 AND c = $3 AND d = '$1') AND e = $4")
        let twice: SQL = "\(sql) OR \(sql)"
        #expect(
            twice.text == "a = $1 AND (b = $2 AND c = $3 AND d = '$1') AND e = $4 OR a = $5 AND (b = $6 AND c = $7 AND d = '$1') AND e = $8"
        )
    }

    @Test func listsOfConditions() {
        #expect(SQL.all([]).text == "TRUE")
        #expect(SQL.all(["a = \(1) OR b", "c = \(2)"]).text == "(a = $1 OR b) AND (c = $2)")
        #expect(SQL.joined(["x = \(1)", "y = \(2)"], by: ", ").text == "x = $1, y = $2")
        #expect(SQL.joined([], by: ", ").text.isEmpty)
    }

    @Test(.database) func moreThanNineParametersKeepTheirValues() async throws {
        let pieces = (1...25).map { number in "\(number)" as SQL }
        let list: SQL = "SELECT unnest(ARRAY[\(.joined(pieces, by: ", "))]) WHERE \(true)"
        #expect(try await OwnDatabase.current.values(list, as: Int.self) == Array(1...25))
        let again: SQL = "SELECT x + \(100) FROM (\(list)) t (x)"
        #expect(try await OwnDatabase.current.values(again, as: Int.self) == Array(101...125))
    }
}
