import Foundation

extension Date {
    /// The instant as every answer writes it (RFC 3339, in UTC): `2026-03-07T09:00:00Z`, with a fraction only when there is one, to the microsecond.
    public var rfc3339: String {
        let microseconds = Int64((timeIntervalSince1970 * 1_000_000).rounded())
        let (seconds, fraction) = microseconds.quotientAndRemainder(floor: 1_000_000)
        let (days, second) = seconds.quotientAndRemainder(floor: 86400)
        let (year, month, day) = civil(fromDays: days)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            var writer = DigitWriter(buffer: buffer)
            writer.write(year, width: 4)
            writer.write("-")
            writer.write(month, width: 2)
            writer.write("-")
            writer.write(day, width: 2)
            writer.write("T")
            writer.write(second / 3600, width: 2)
            writer.write(":")
            writer.write(second / 60 % 60, width: 2)
            writer.write(":")
            writer.write(second % 60, width: 2)
            if fraction != 0 {
                writer.write(".")
                if fraction % 1000 == 0 { writer.write(fraction / 1000, width: 3) } else { writer.write(fraction, width: 6) }
            }
            writer.write("Z")
            return writer.count
        }
    }

    /// Reads an instant of RFC 3339: date, time, an offset or `Z`, and a fraction of at most nine digits, of which six are kept.
    ///
    /// - Returns: `nil` for anything else, and for dates, times and offsets that do not exist. A leap second counts as the next one.
    public init?(rfc3339 text: String) {
        var reader = InstantReader(text: Array(text.utf8))
        guard let microseconds = reader.microseconds() else { return nil }
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}

extension Int64 {
    fileprivate func quotientAndRemainder(floor divisor: Int64) -> (Int64, Int64) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}

/// Year, month and day of a number of days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
private func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(floor: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}

private func days(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = shiftedYear.quotientAndRemainder(floor: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private struct DigitWriter {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    mutating func write(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(truncatingIfNeeded: character.value)
        count += 1
    }

    mutating func write(_ number: Int64, width: Int) {
        var rest = max(0, number)
        var digits = width
        var limit = (0..<width).reduce(Int64(1)) { limit, _ in limit * 10 }
        while digits < 10, rest >= limit {
            digits += 1
            limit *= 10
        }
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }
}

private struct InstantReader {
    let text: [UInt8]
    var index = 0

    init(text: [UInt8]) { self.text = text }

    mutating func microseconds() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T", or: "t"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60 || (second == 60 && minute == 59)
        else { return nil }
        let dayNumber = days(ofYear: year, month: month, day: day)
        guard civil(fromDays: dayNumber).day == day, let fraction = fraction(), let offset = offset(), index == text.count else {
            return nil
        }
        return (dayNumber * 86400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    private mutating func number(_ width: Int) -> Int64? {
        guard index + width <= text.count else { return nil }
        var value: Int64 = 0
        for byte in text[index..<(index + width)] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        index += width
        return value
    }

    private mutating func take(_ one: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
        guard index < text.count else { return false }
        let byte = UInt32(text[index])
        guard byte == one.value || byte == other?.value else { return false }
        index += 1
        return true
    }

    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
            if digits < 6 { value = value * 10 + Int64(text[index] - UInt8(ascii: "0")) }
            digits += 1
            index += 1
        }
        guard (1...9).contains(digits) else { return nil }
        while digits < 6 {
            value *= 10
            digits += 1
        }
        return value
    }

    private mutating func offset() -> Int64? {
        if take("Z", or: "z") { return 0 }
        let sign: Int64 = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }
}
