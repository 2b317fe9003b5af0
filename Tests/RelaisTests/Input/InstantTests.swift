import Foundation
import Relais
import Testing

@Suite("Instants")
struct InstantTests {
    @Test(arguments: [
        ("2026-03-07T10:00:00+01:00", "2026-03-07T09:00:00Z"), ("2026-03-07T10:00:00Z", "2026-03-07T10:00:00Z"),
        ("2024-02-29t23:59:59.5z", "2024-02-29T23:59:59.500Z"), ("2026-03-07T10:00:00.123456-00:30", "2026-03-07T10:30:00.123456Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("2026-03-07T10:00:00.000Z", "2026-03-07T10:00:00Z"),
    ])
    func areReadAndWritten(text: String, written: String) throws {
        #expect(try #require(Date(rfc3339: text)).rfc3339 == written)
    }

    @Test(arguments: [
        "", "2026-03-07", "2026-03-07T10:00:00", "2026-02-30T10:00:00Z", "2025-02-29T10:00:00Z", "2026-13-01T10:00:00Z",
        "2026-03-07T24:00:00Z",
        "2026-03-07T10:60:00Z", "2026-03-07T10:00:61Z", "2026-03-07 10:00:00Z", "2026-03-07T10:00:00+24:00", "2026-03-07T10:00:00+0100",
        "2026-03-07T10:00:00.Z", "2026-03-07T10:00:00.1234567890Z", "2026-03-07T10:00:00Zx", "26-03-07T10:00:00Z", "2026-3-07T10:00:00Z",
        "+2026-03-07T10:00:00Z", "2026-03-00T10:00:00Z", "2026-03-07T10:00:00 Z",
    ])
    func whatIsNoneIsRefused(text: String) { #expect(Date(rfc3339: text) == nil) }

    /// From 1600 on: before 1582 Foundation counts in the Julian calendar, which RFC 3339 does not.
    @Test func agreeWithFoundation() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let date = Date(timeIntervalSince1970: Double(Int.random(in: -12_000_000_000...200_000_000_000, using: &generator)))
            #expect(date.rfc3339 == date.formatted(.iso8601))
            #expect(Date(rfc3339: date.rfc3339) == date)
        }
    }
}
