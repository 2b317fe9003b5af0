/// A day of the calendar, without an hour or a zone: PostgreSQL's `date`.
public struct Day: Sendable, Hashable, Comparable {
    /// Days since 2000-01-01.
    public let number: Int

    public init(number: Int) {
        self.number = number
    }

    /// The day of a date of the proleptic Gregorian calendar, year 0 being 1 BC; nil when there is none, such as 30 February.
    public init?(year: Int, month: Int, day: Int) {
        // PostgreSQL's years go from 4713 BC to 5874897, and those of others somewhat further.
        guard (-9999...9_999_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in March, so that the leap day is the last.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 730_425
        let back = components
        guard back == (year, month, day) else { return nil }
    }

    /// Reads `2026-11-23`, with a sign and more digits outside of the years 0 to 9999.
    public init?(_ text: String) {
        var rest = Substring(text)
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest = rest.dropFirst() }
        let parts = rest.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count >= 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: negative ? -year : year, month: month, day: day)
    }

    /// Year (0 is 1 BC), month and day.
    public var components: (year: Int, month: Int, day: Int) {
        let shifted = number + 730_425
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }
}

extension Day: CustomStringConvertible {
    public var description: String {
        let (year, month, day) = components
        return padded(year) + "-" + padded(month, to: 2) + "-" + padded(day, to: 2)
    }
}

/// A year of RFC 3339, or of ISO 8601's expanded form where four digits do not do.
private func padded(_ year: Int) -> String {
    (0...9999).contains(year) ? padded(year, to: 4) : (year < 0 ? "-" : "+") + padded(abs(year), to: 6)
}

/// Digits with zeros before them.
func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Day: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = Day(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date as in 2026-11-23")
        }
        self = day
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Day: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .date }

    public func encode(into encoder: inout PostgresEncoder) {
        guard let number = Int32(exactly: number), number != .max, number != .min else {
            encoder.refuse(.encoding("a day is outside of PostgreSQL's date"))
            return
        }
        encoder.append(integer: number)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Day {
        guard field.type == PostgresType.date.oid else { throw field.mismatch(Day.self) }
        try field.expect(size: 4)
        let number = field.integer(Int32.self)
        guard number != .max, number != .min else { throw .decoding("is infinite, not readable as Day") }
        return Day(number: Int(number))
    }
}
