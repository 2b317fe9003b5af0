/// What an expression is made of: rules, each of which selects days and times and says what holds then.
struct Rule: Sendable, Equatable {
    /// How a rule stands to those before it.
    enum Separator: Sendable { case normal, additional, fallback }

    var separator = Separator.normal
    var years: [YearRange] = []
    var dates: [DateRange] = []
    var weeks: [StepRange] = []
    var weekdays: [WeekdayRange] = []
    var holidays: [Holiday] = []
    /// Whether a day must be both one of the holidays and one of the weekdays (`SH Mo-Fr`), or either will do (`SH,Mo-Fr`).
    var holidaysNarrow = false
    var times: [TimeSpan] = []
    /// What the rule says; nil when it has no word for it, which means open.
    var modifier: OpeningHours.State?
    var comment: String?

    /// Days are named by nothing: the rule is for all of them.
    var isEveryDay: Bool { years.isEmpty && dates.isEmpty && weeks.isEmpty && weekdays.isEmpty && holidays.isEmpty }

    /// Days are all that it says.
    var isOnlyDays: Bool { !isEveryDay && times.isEmpty && modifier == nil && comment == nil }

    /// What holds at the times that are selected. Words alone ("sur rendez-vous") say nothing of when, so nothing is known.
    var state: OpeningHours.State {
        if let modifier { return modifier }
        return comment != nil && isEveryDay && times.isEmpty ? .unknown : .open
    }
}

/// From one number to another, both included, by steps: `20-24/2`.
struct StepRange: Sendable, Equatable {
    var first: Int
    var last: Int
    var step = 1

    /// Also over the end: weeks 50 to 2.
    func contains(_ number: Int, of length: Int) -> Bool {
        if first <= last { return (first...last).contains(number) && (number - first) % step == 0 }
        let distance = number >= first ? number - first : number + length - first
        return (number >= first || number <= last) && distance % step == 0
    }
}

struct YearRange: Sendable, Equatable {
    var first: Int
    /// nil: without an end, `2026+`.
    var last: Int?
    var step = 1

    func contains(_ year: Int) -> Bool { year >= first && year <= last ?? .max && (year - first) % step == 0 }
}

/// A day of some year, or of a given one.
struct DatePoint: Sendable, Equatable {
    enum Anchor: Sendable, Equatable {
        case month(Int, day: Int)
        case easter
    }

    var year: Int?
    var anchor: Anchor
    /// The first such weekday (Monday is 0) after it (true), or the last before it.
    var weekday: (day: Int, after: Bool)?
    /// Days added.
    var offset = 0

    static func == (one: DatePoint, other: DatePoint) -> Bool {
        one.year == other.year && one.anchor == other.anchor && one.offset == other.offset && one.weekday?.day == other.weekday?.day
            && one.weekday?.after == other.weekday?.after
    }

    /// The day in `year`; nil when it has none (30 February).
    func day(in year: Int) -> Int? {
        var day: Int
        switch anchor {
        case .easter: day = Civil.easter(of: year)
        case .month(let month, let number):
            guard number <= Civil.length(ofMonth: month, year: year) else { return nil }
            day = Civil.day(year, month, number)
        }
        if let weekday {
            let ahead = (weekday.day - Civil.weekday(day) + 7) % 7
            day += weekday.after ? (ahead == 0 ? 7 : ahead) : (ahead == 0 ? -7 : ahead - 7)
        }
        return day + offset
    }
}

/// Days of the year.
enum DateRange: Sendable, Equatable {
    /// Whole months, over the end of the year too: `Sep-Jun`; of one year only when there is one.
    case months(year: Int?, StepRange)
    case days(from: DatePoint, to: DatePoint)
    /// `Jan 05+`: to the end of the year.
    case openDays(from: DatePoint)
}

struct WeekdayRange: Sendable, Equatable {
    /// Monday is 0.
    var first: Int
    var last: Int
    /// Which of the month: 1…5, from its end -1…-5. Empty: each.
    var nth: [Int] = []
    /// Days after the weekday that the rule is for: `Sa[1] +1 day`.
    var offset = 0

    func contains(_ weekday: Int) -> Bool { first <= last ? (first...last).contains(weekday) : weekday >= first || weekday <= last }
}

struct Holiday: Sendable, Hashable {
    enum Kind: Sendable { case publicHoliday, schoolHoliday }

    var kind: Kind
    var offset = 0
}

struct TimeSpan: Sendable, Equatable {
    var start: TimePoint
    /// nil: without an end, `10:00+`.
    var end: TimePoint?
    /// After the end it may go on: `10:00-16:00+`.
    var mayGoOn = false

    static let wholeDay = TimeSpan(start: .clock(0), end: .clock(1440))
}

/// A time of day in minutes since midnight, or one that the sun gives.
enum TimePoint: Sendable, Equatable {
    /// 0…2880: hours past 24 are those of the next day.
    case clock(Int)
    /// An event, and minutes added.
    case sun(SunEvent, offset: Int)
}

enum SunEvent: String, Sendable, CaseIterable { case dawn, sunrise, sunset, dusk }
