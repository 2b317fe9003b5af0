import Foundation
import Postgres
import Support
import Testing

@Suite("Instants and days", .database)
struct InstantTests {
    let database = OwnDatabase.current

    @Test(arguments: [
        ("4714-11-24 00:00:00+00 BC", Timestamp.earliest), ("4713-01-01 00:00:00+00 BC", Timestamp(microseconds: -211_810_204_800_000_000)),
        ("294276-12-31 23:59:59.999999+00", Timestamp.latest),
        ("2000-01-01 00:00:00+00", Timestamp(microseconds: 0)), ("1999-12-31 23:59:59.999999+00", Timestamp(microseconds: -1)),
    ])
    func aTimestampIsExactToTheMicrosecond(text: String, timestamp: Timestamp) async throws {
        #expect(try await database.value("SELECT \(text)::timestamptz", as: Timestamp.self) == timestamp)
        #expect(try await database.value("SELECT \(timestamp) = \(text)::timestamptz", as: Bool.self) == true)
        #expect(try await database.value("SELECT \(timestamp)", as: Timestamp.self) == timestamp)
    }

    @Test func outsideOfItsRangeItIsRefused() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await database.execute("SELECT \(Timestamp(microseconds: Timestamp.latest.microseconds + 1))")
        }
        #expect(error?.kind == .encoding)
        #expect(try await database.value("SELECT \(Timestamp.earliest)", as: Timestamp.self) == .earliest)
    }

    @Test(arguments: ["infinity", "-infinity"]) func infinityIsATypedError(text: String) async throws {
        for statement in ["SELECT \(text)::timestamptz AS at" as SQL, "SELECT \(text)::date AS at"] {
            let asTimestamp = await #expect(throws: PostgresError.self) { try await database.value(statement, as: Timestamp.self) }
            #expect(asTimestamp?.kind == .decoding)
            let asDay = await #expect(throws: PostgresError.self) { try await database.value(statement, as: Day.self) }
            #expect(asDay?.kind == .decoding)
        }
        let error = await #expect(throws: PostgresError.self) {
            try await database.value("SELECT 'infinity'::timestamptz AS at", as: Date.self)
        }
        #expect(error?.description == "decoding: column \"at\" is infinite, not readable as Timestamp")
    }

    @Test func aDateIsReadWhereItIsExact() async throws {
        let date = Date(timeIntervalSinceReferenceDate: 814_000_000.123456)
        let read = try #require(try await database.value("SELECT \(date)", as: Date.self))
        #expect(Timestamp(read) == Timestamp(date))
        let error = await #expect(throws: PostgresError.self) { try await database.value("SELECT \(Timestamp.latest)", as: Date.self) }
        #expect(error?.kind == .decoding)
        #expect(Timestamp.latest.date == nil)
    }

    @Test func daysAgreeWithTheServer() async throws {
        for text in ["4713-01-01 BC", "0001-01-01", "1582-10-15", "1900-02-28", "2000-02-29", "2026-11-23", "2100-03-01", "5874897-12-31"] {
            let day = try #require(try await database.value("SELECT \(text)::date", as: Day.self))
            let (year, month, dayOfMonth) = day.components
            let parts = try await database.values(
                "SELECT unnest(ARRAY[extract(year FROM d), extract(month FROM d), extract(day FROM d)])::int FROM (SELECT \(text)::date) t (d)",
                as: Int.self)
            // The server has no year 0: its -1 is ISO's 0.
            #expect([year > 0 ? year : year - 1, month, dayOfMonth] == parts)
            #expect(Day(year: year, month: month, day: dayOfMonth) == day)
            #expect(try await database.value("SELECT \(day) = \(text)::date", as: Bool.self) == true)
        }
        #expect(Day(year: 2026, month: 2, day: 29) == nil)
        #expect(Day("2026-11-23")?.description == "2026-11-23")
        #expect(Day("2026-1-23") == nil)
    }

    @Test func rfc3339() throws {
        let timestamp = try #require(Timestamp("2026-11-23T18:58:00.123456+01:00"))
        #expect(timestamp.description == "2026-11-23T17:58:00.123456Z")
        #expect(Timestamp(timestamp.description) == timestamp)
        #expect(Timestamp.latest.description == "+294276-12-31T23:59:59.999999Z")
        #expect(Timestamp(Timestamp.latest.description) == .latest)
        #expect(Timestamp(Timestamp.earliest.description) == .earliest)
        #expect(Timestamp("1999-12-31T23:59:59.999999Z")?.microseconds == -1)
        for wrong in [
            "2026-11-23", "2026-11-23T17:58:00", "2026-11-23T24:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T17:58:00.1234567Z", "",
        ] {
            #expect(Timestamp(wrong) == nil)
        }
        let coded = try JSONEncoder().encode([timestamp])
        #expect(String(decoding: coded, as: UTF8.self) == "[\"2026-11-23T17:58:00.123456Z\"]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: coded) == [timestamp])
    }
}
