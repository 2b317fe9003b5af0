import Foundation
import Postgres

/// Working days of the network: Monday to Friday, without French public holidays (Code du travail, L3133-1).
public enum WorkingDays {
    /// The instant `days` working days after `start`, at the same local time. From a day that is not a working day, the count begins at the next midnight
    /// that starts one.
    public static func add(_ days: Int, to start: Date, in zone: TimeZone = .network) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var instant = start
        if !isWorkingDay(instant, calendar) {
            instant = calendar.startOfDay(for: instant)
            while !isWorkingDay(instant, calendar) { instant = next(instant, calendar) }
        }
        for _ in 0..<days {
            repeat { instant = next(instant, calendar) } while !isWorkingDay(instant, calendar)
        }
        return instant
    }

    private static func next(_ instant: Date, _ calendar: Calendar) -> Date {
        calendar.date(byAdding: .day, value: 1, to: instant) ?? instant.addingTimeInterval(86400)
    }

    private static func isWorkingDay(_ instant: Date, _ calendar: Calendar) -> Bool {
        let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: instant)
        guard let year = parts.year, let month = parts.month, let day = parts.day, let weekday = parts.weekday else { return false }
        return (2...6).contains(weekday) && !isHoliday(year: year, month: month, day: day)
    }

    /// The eleven public holidays: eight of fixed date, and three that follow Easter by 1, 39 and 50 days.
    static func isHoliday(year: Int, month: Int, day: Int) -> Bool {
        let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
        if fixed.contains(where: { $0 == (month, day) }) { return true }
        guard (3...6).contains(month) else { return false }
        let easter = easter(of: year)
        // Days counted from 1 March, as Easter and what follows it lie between March and June.
        let lengths = [31, 30, 31, 30]
        let sinceMarch = lengths.prefix(month - 3).reduce(0, +) + day
        return [1, 39, 50].contains(sinceMarch - easter)
    }

    /// Easter Sunday as a day counted from the last of February: 31 is 31 March. Anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8).
    static func easter(of year: Int) -> Int {
        let a = year % 19
        let (b, c) = (year / 100, year % 100)
        let (d, e) = (b / 4, b % 4)
        let g = (8 * b + 13) / 25
        let h = (19 * a + b - d - g + 15) % 30
        let (i, k) = (c / 4, c % 4)
        let l = (32 + 2 * e + 2 * i - h - k) % 7
        let m = (a + 11 * h + 19 * l) / 433
        let month = (h + l - 7 * m + 90) / 25
        let day = (h + l - 7 * m + 33 * month + 19) % 32
        return month == 3 ? day : 31 + day
    }
}

extension TimeZone {
    /// The network's time zone, never the machine's.
    public static let network = TimeZone(identifier: "Europe/Paris") ?? .gmt
}

extension Day {
    /// The day that `instant` falls on in the network's time zone.
    public static func today(at instant: Date, in zone: TimeZone = .network) -> Day {
        // Foundation counts from 2001-01-01, which is day 366.
        let offset = Double(zone.secondsFromGMT(for: instant))
        return Day(number: Int(((instant.timeIntervalSinceReferenceDate + offset) / 86400).rounded(.down)) + 366)
    }
}
