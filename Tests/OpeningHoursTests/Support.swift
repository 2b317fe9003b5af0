import Foundation
import OpeningHours

/// Local time of Paris.
func paris(_ text: String) throws -> Date {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "Europe/Paris")
    formatter.dateFormat = "yyyy-MM-dd'T'HH:mm"
    struct NoTime: Error { let text: String }
    guard let date = formatter.date(from: text) else { throw NoTime(text: text) }
    return date
}

func written(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "Europe/Paris")
    formatter.dateFormat = "yyyy-MM-dd'T'HH:mm"
    return formatter.string(from: date)
}

/// What is of a state in a window, as "from to" in local time.
func intervals(
    _ expression: String, _ from: String, _ to: String, _ state: OpeningHours.State = .open, in context: OpeningHours.Context = .loire
) throws -> [String] {
    try OpeningHours(parsing: expression).intervals(from: paris(from), to: paris(to), in: context).filter { $0.state == state }.map {
        "\(written($0.start)) \(written($0.end))"
    }
}

/// A generator whose draws are the same each time.
struct Drawn: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
