import Foundation
import OpeningHours
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
            while !isWorkingDay(instant, calendar) { instant = later(instant, by: 1, calendar) }
        }
        // Counted from the start, not from day to day: a time that one day does not have (the hour that summer time leaves out) is there on the next.
        let start = instant
        var passed = 0
        for _ in 0..<days {
            repeat {
                passed += 1
                instant = later(start, by: passed, calendar)
            } while !isWorkingDay(instant, calendar)
        }
        return instant
    }

    private static func later(_ instant: Date, by days: Int, _ calendar: Calendar) -> Date {
        calendar.date(byAdding: .day, value: days, to: instant) ?? instant.addingTimeInterval(Double(days) * 86400)
    }

    private static func isWorkingDay(_ instant: Date, _ calendar: Calendar) -> Bool {
        let offset = Double(calendar.timeZone.secondsFromGMT(for: instant))
        let day = Int(((instant.timeIntervalSince1970 + offset) / 86400).rounded(.down))
        return (2...6).contains(calendar.component(.weekday, from: instant)) && !FrenchHolidays.isHoliday(day: day)
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

    /// Days since 1970-01-01.
    var sinceEpoch: Int { number + 10_957 }

    /// The instant at which the day begins in a time zone.
    func midnight(in zone: TimeZone) -> Date {
        let utc = Date(timeIntervalSince1970: Double(sinceEpoch) * 86400)
        // What the clocks show at that instant is off by their offset; at the instant found the offset may be another.
        let near = utc.addingTimeInterval(-Double(zone.secondsFromGMT(for: utc)))
        return utc.addingTimeInterval(-Double(zone.secondsFromGMT(for: near)))
    }
}
