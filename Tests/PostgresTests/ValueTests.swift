import Foundation
import Postgres
import Support
import Testing

@Suite("Values", .database)
struct ValueTests {
    let database = OwnDatabase.current

    private func comesBack<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: Value..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for value in values {
            #expect(try await database.value("SELECT \(value)", as: Value.self) == value, sourceLocation: sourceLocation)
            let optional: Value?? = try await database.value("SELECT \(Value?.some(value))", as: Value?.self)
            #expect(optional == .some(.some(value)), sourceLocation: sourceLocation)
        }
        #expect(try await database.value("SELECT \(Value?.none)", as: Value.self) == nil, sourceLocation: sourceLocation)
        #expect(try await database.value("SELECT \(values)", as: [Value].self) == values, sourceLocation: sourceLocation)
    }

    @Test func numbers() async throws {
        try await comesBack(true, false)
        try await comesBack(0, 1, -1, Int.max, Int.min)
        try await comesBack(Int64.max, Int64.min)
        try await comesBack(Int32.max, Int32.min, 0)
        try await comesBack(Int16.max, Int16.min, 0)
        try await comesBack(0.1, -0.0, .infinity, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude)
        try await comesBack(Float(0.1), .infinity)
        #expect(try await database.value("SELECT \(Double.nan)", as: Double.self)?.isNaN == true)
    }

    @Test func decimals() async throws {
        let texts = [
            "0", "1", "-1", "0.5", "-12.50", "10000", "99990000", "0.0001", "0.00012345", "123456789012345678901234567890.12345678",
        ]
        for text in texts {
            let decimal = try #require(Decimal(string: text))
            #expect(try await database.value("SELECT \(decimal)", as: Decimal.self) == decimal)
            #expect(try await database.value("SELECT \(decimal) = \(text)::numeric", as: Bool.self) == true)
            #expect(try await database.value("SELECT \(text)::numeric", as: Decimal.self) == decimal)
        }
        #expect(try await database.value("SELECT avg(x) FROM generate_series(1, 4) x", as: Double.self) == 2.5)
        #expect(try await database.value("SELECT sum(x::bigint) FROM generate_series(1, 4) x", as: Int.self) == 10)
        await #expect(throws: PostgresError.self) { try await database.value("SELECT 'NaN'::numeric", as: Decimal.self) }
        await #expect(throws: PostgresError.self) { try await database.value("SELECT 1.5::numeric", as: Int.self) }
    }

    @Test func texts() async throws {
        try await comesBack("", "a", "élan 🜂", "'; DROP TABLE x; --", "\\", "$1", String(repeating: "é", count: 5000))
        #expect(try await database.value("SELECT 'a'::varchar(3)", as: String.self) == "a")
        #expect(try await database.value("SELECT 'a'::name", as: String.self) == "a")
        #expect(try await database.value("SELECT '{\"a\": 1}'::jsonb", as: String.self) == "{\"a\": 1}")
    }

    @Test func aNulIsRefusedBeforeItIsSent() async throws {
        let error = await #expect(throws: PostgresError.self) { try await database.execute("SELECT \("a\0b")") }
        #expect(error?.kind == .encoding)
        #expect(error?.sqlState == nil)
        let nested = await #expect(throws: PostgresError.self) { try await database.execute("SELECT \(["a", "\0"])") }
        #expect(nested?.kind == .encoding)
        let spliced: SQL = "\("\0")"
        let inner = await #expect(throws: PostgresError.self) { try await database.execute("SELECT \(1), \(spliced)") }
        #expect(inner?.kind == .encoding)
    }

    @Test func bytesAndIdentifiers() async throws {
        let zero = try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000000"))
        try await comesBack(UUID(), zero)
        try await comesBack(Data(), Data([0, 1, 255]))
        try await comesBack([UInt8](), [0, 1, 255])
    }

    @Test func tenMegabytes() async throws {
        let text = String(repeating: "0123456789", count: 1_000_000)
        #expect(try await database.value("SELECT \(text)", as: String.self) == text)
        let bytes = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await database.value("SELECT \(bytes)", as: [UInt8].self) == bytes)
        let statements = (0..<4).map { _ in "SELECT \(text)" as SQL }
        try await database.transaction { tx throws(PostgresError) in
            // In a pipeline both sides send at once, and neither may wait for the other.
            _ = try await tx.execute(statements)
        }
    }

    @Test func arrays() async throws {
        #expect(try await database.value("SELECT \([Int]())", as: [Int].self) == [])
        #expect(try await database.value("SELECT \([1, 2, 3])", as: [Int].self) == [1, 2, 3])
        let nested = await #expect(throws: PostgresError.self) { try await database.execute("SELECT \([[1], [2]])") }
        #expect(nested?.kind == .encoding)
        #expect(try await database.value("SELECT \(["a", nil, ""] as [String?])", as: [String?].self) == ["a", nil, ""])
        #expect(try await database.value("SELECT 2 = ANY(\([1, 2]))", as: Bool.self) == true)
        await #expect(throws: PostgresError.self) { try await database.value("SELECT ARRAY[1, NULL]", as: [Int].self) }
        await #expect(throws: PostgresError.self) { try await database.value("SELECT ARRAY[[1], [2]]", as: [Int].self) }
    }

    @Test func json() async throws {
        struct Person: Codable, Equatable, Sendable {
            var name: String
            var born: Day
            var seen: Timestamp
        }
        let born = try #require(Day(year: 1975, month: 2, day: 28))
        let person = Person(name: "Zoé \"Z\"", born: born, seen: Timestamp(microseconds: 1))
        try await comesBack(JSON(person))
        #expect(try await database.value("SELECT \(JSON(person))->>'born'", as: String.self) == "1975-02-28")
        #expect(try await database.value("SELECT \(RawJSON("{\"b\":1,\"a\":[]}"))", as: RawJSON.self) == RawJSON("{\"a\": [], \"b\": 1}"))
        let error = await #expect(throws: PostgresError.self) { try await database.value("SELECT '[]'::jsonb AS x", as: JSON<Person>.self) }
        #expect(error?.kind == .decoding)
    }

    @Test func ranges() async throws {
        try await comesBack(1..<5, Int.min..<Int.max)
        try await comesBack(Int32(1)..<5)
        try await comesBack(Timestamp(microseconds: 5)..<Timestamp(microseconds: 6))
        try await comesBack(Day(number: -3)..<Day(number: 4))
        try await comesBack(
            PostgresRange<Timestamp>.empty, .span(lower: nil, lowerIncluded: false, upper: nil, upperIncluded: false),
            .span(lower: Timestamp(microseconds: 5), lowerIncluded: false, upper: Timestamp(microseconds: 9), upperIncluded: true))
        #expect(try await database.value("SELECT '[1,3]'::int4range", as: Range<Int32>.self) == 1..<4)
        let error = await #expect(throws: PostgresError.self) { try await database.value("SELECT 'empty'::int8range", as: Range<Int>.self) }
        #expect(error?.kind == .decoding)
    }

    @Test func enumerations() async throws {
        enum Status: String, PostgresEncodable, PostgresDecodable { case open, closed }
        enum Level: Int, PostgresEncodable, PostgresDecodable { case low = 1 }
        try await comesBack(Status.open, .closed)
        try await comesBack(Level.low)
        let error = await #expect(throws: PostgresError.self) { try await database.value("SELECT 'secret' AS status", as: Status.self) }
        #expect(error?.description == "decoding: column \"status\" holds a value that Status does not know")
        #expect(error?.debugDescription.contains("secret") == true)
    }

    @Test func durations() async throws {
        try await comesBack(Duration.zero, .microseconds(1), .seconds(-86_400), .seconds(1_000_000))
        #expect(
            try await database.value("SELECT interval '2 days 1 microsecond'", as: Duration.self) == .seconds(172_800) + .microseconds(1))
        await #expect(throws: PostgresError.self) { try await database.value("SELECT interval '1 month'", as: Duration.self) }
    }
}
