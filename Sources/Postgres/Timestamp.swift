import Foundation

/// An instant, exact to the microsecond: PostgreSQL's `timestamptz`.
///
/// `Date` counts in floating point and has steps of 2 ms at the end of PostgreSQL's range; this counts microseconds.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 2000-01-01T00:00:00Z, as PostgreSQL counts them. (Since 1970, its last instants would not fit in 64 bits.)
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The microsecond nearest to `date`.
    public init(_ date: Date) {
        microseconds = Int64((date.timeIntervalSinceReferenceDate * 1_000_000).rounded()) + Timestamp.referenceDate
    }

    /// The `Date` of this instant, where one exists that comes back to the same microsecond: some 285 years around 2001.
    public var date: Date? {
        let date = nearestDate
        return Timestamp(date) == self ? date : nil
    }

    private var nearestDate: Date {
        Date(timeIntervalSinceReferenceDate: Double(microseconds - Timestamp.referenceDate) / 1_000_000)
    }

    /// 2001-01-01T00:00:00Z, where `Date` starts to count.
    private static let referenceDate: Int64 = 366 * 86_400 * 1_000_000

    /// 4714-11-24 BC of the Gregorian calendar, where Julian days start: the first instant PostgreSQL holds.
    public static let earliest = Timestamp(microseconds: -211_813_488_000_000_000)
    /// 294276-12-31T23:59:59.999999Z, the last instant PostgreSQL holds.
    public static let latest = Timestamp(microseconds: 9_223_371_331_199_999_999)

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six decimals: `2026-11-23T17:58:00.000000Z`.
    public var description: String {
        let (days, rest) = microseconds.quotientAndRemainder(flooredBy: 86_400_000_000)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded(Int($0), to: 2) }.joined(separator: ":")
        return "\(Day(number: Int(days)))T\(clock).\(padded(Int(fraction), to: 6))Z"
    }

    /// Reads RFC 3339, with `Z` or an offset and up to six decimals.
    public init?(_ text: String) {
        guard let separator = text.firstIndex(where: { $0 == "T" || $0 == "t" }), let day = Day(String(text[..<separator])) else {
            return nil
        }
        var rest = text[text.index(after: separator)...]
        var offset: Int64 = 0
        if rest.last == "Z" || rest.last == "z" {
            rest = rest.dropLast()
        } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let parts = rest[rest.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let hours = digits(parts[0], 0...23), let minutes = digits(parts[1], 0...59) else { return nil }
            offset = (hours * 60 + minutes) * (rest[sign] == "-" ? -60 : 60)
            rest = rest[..<sign]
        } else {
            return nil
        }
        let pieces = rest.split(separator: ".", omittingEmptySubsequences: false)
        let clock = pieces[0].split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count <= 2, clock.count == 3, let hour = digits(clock[0], 0...23), let minute = digits(clock[1], 0...59),
            let second = digits(clock[2], 0...59)
        else { return nil }
        var fraction: Int64 = 0
        if pieces.count == 2 {
            guard (1...6).contains(pieces[1].count), pieces[1].utf8.allSatisfy({ (48...57).contains($0) }),
                let value = Int64(pieces[1] + String(repeating: "0", count: 6 - pieces[1].count))
            else { return nil }
            fraction = value
        }
        let (whole, overflow) = Int64(day.number).multipliedReportingOverflow(by: 86_400_000_000)
        let (sum, tooFar) = whole.addingReportingOverflow((hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction)
        guard !overflow, !tooFar else { return nil }
        microseconds = sum
    }
}

private func digits(_ text: Substring, _ range: ClosedRange<Int64>) -> Int64? {
    guard text.utf8.count == 2, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int64(text), range.contains(value) else {
        return nil
    }
    return value
}

extension Int64 {
    fileprivate func quotientAndRemainder(flooredBy divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let timestamp = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an instant as in 2026-11-23T17:58:00Z")
        }
        self = timestamp
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Timestamp: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }

    public func encode(into encoder: inout PostgresEncoder) {
        if self < .earliest || self > .latest { encoder.refuse(.encoding("an instant is outside of PostgreSQL's timestamptz")) }
        encoder.append(integer: microseconds)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Timestamp {
        guard field.type == PostgresType.timestamptz.oid else { throw field.mismatch(Timestamp.self) }
        try field.expect(size: 8)
        let microseconds = field.integer(Int64.self)
        guard microseconds != .max, microseconds != .min else { throw .decoding("is infinite, not readable as Timestamp") }
        return Timestamp(microseconds: microseconds)
    }
}

extension Date: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }

    /// Writes the nearest microsecond.
    public func encode(into encoder: inout PostgresEncoder) {
        let microseconds = timeIntervalSinceReferenceDate * 1_000_000
        guard microseconds.isFinite, abs(microseconds) < 9.2e18 else {
            encoder.refuse(.encoding("a Date is outside of PostgreSQL's timestamptz"))
            return
        }
        Timestamp(self).encode(into: &encoder)
    }

    /// Reads an instant that a `Date` holds to the microsecond; any other is an error, and asks for ``Timestamp``.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Date {
        guard field.type == PostgresType.timestamptz.oid else { throw field.mismatch(Date.self) }
        guard let date = try Timestamp.decode(field).date else {
            throw .decoding("is an instant that Date does not hold to the microsecond; read it as Timestamp")
        }
        return date
    }
}
