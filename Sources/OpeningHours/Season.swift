/// Compares the years, dates and weeks for which rules are. Where that cannot be told without a calendar, they do not take each other in.
extension Rule {
    /// Neither years nor dates nor weeks are named.
    var isAllYear: Bool { years.isEmpty && dates.isEmpty && weeks.isEmpty }

    /// Whether its years, dates and weeks are those of `other`, or more.
    func hasSeason(of other: Rule) -> Bool {
        let hasYears =
            years.isEmpty || !other.years.isEmpty && other.years.allSatisfy { year in years.contains { $0.takesIn(year) } }
        let hasDates =
            dates.isEmpty || !other.dates.isEmpty && other.dates.allSatisfy { dates.contains($0) }
            || !other.dates.isEmpty && Stretch.takeIn(dates.map(Stretch.init), other.dates.map(Stretch.init))
        return hasYears && hasDates && (weeks.isEmpty || !other.weeks.isEmpty && other.weekNumbers.isSubset(of: weekNumbers))
    }

    /// Whether some day may be in the years, dates and weeks of both: `false` only when there is surely none.
    func mayShareSeason(with other: Rule) -> Bool {
        let mayShareYear = years.contains { year in other.years.contains { $0.mayMeet(year) } }
        if !years.isEmpty, !other.years.isEmpty, !mayShareYear { return false }
        if !weeks.isEmpty, !other.weeks.isEmpty, weekNumbers.isDisjoint(with: other.weekNumbers) { return false }
        let its = other.stretches
        return stretches.contains { one in its.contains { $0.mayMeet(one) } }
    }

    /// Its dates, each in each of its years.
    private var stretches: [Stretch] {
        let all = dates.isEmpty ? [Stretch.always] : dates.map(Stretch.init)
        return years.isEmpty ? all : all.flatMap { stretch in years.compactMap { stretch.within($0) } }
    }

    /// Whether it is for weeks on end, and not for a few days that were chosen one by one.
    var isForLong: Bool { dates.isEmpty || dates.contains { !$0.isOneDay && Stretch($0).length >= 28 } }

    private var weekNumbers: Set<Int> { Set((1...53).filter { week in weeks.contains { $0.contains(week, of: 53) } }) }
}

extension YearRange {
    fileprivate var end: Int { last ?? .max }

    fileprivate func mayMeet(_ other: YearRange) -> Bool {
        if first > other.end || other.first > end { return false }
        return step != other.step || step < 2 || (first - other.first) % step == 0
    }

    fileprivate func takesIn(_ other: YearRange) -> Bool { self == other || step == 1 && first <= other.first && end >= other.end }
}

extension DateRange {
    fileprivate var isOneDay: Bool {
        if case .days(let from, let to) = self { return from == to }
        return false
    }
}

/// A range of dates as days of a leap year, of which 1 January is 0.
private struct Stretch {
    /// All days where they are not the same each year: Easter, the first Sunday after a date.
    let days: [ClosedRange<Int>]
    let years: ClosedRange<Int>
    /// Whether all of these days are meant in all of these years, and not only some of them.
    let isExact: Bool

    private static let lastDay = 365
    private static let anyYear = 0...9999

    static let always = Stretch(days: [0...lastDay], years: anyYear, isExact: true)

    private init(days: [ClosedRange<Int>], years: ClosedRange<Int>, isExact: Bool) {
        (self.days, self.years, self.isExact) = (days, years, isExact)
    }

    init(_ range: DateRange) {
        switch range {
        case .months(let year, let months):
            days = (1...12).filter { months.contains($0, of: 12) }.map { month in
                let first = Stretch.day(month, 1)
                return first...(first + Civil.length(ofMonth: month, year: 2000) - 1)
            }
            let wraps = months.first > months.last
            years = year.map { $0...(wraps ? $0 + 1 : $0) } ?? Stretch.anyYear
            isExact = year == nil || !wraps
        case .openDays(let from):
            let first = from.year == nil ? from.dayOfYear : nil
            days = [(first ?? 0)...Stretch.lastDay]
            years = from.year.map { $0...max($0, Stretch.anyYear.upperBound) } ?? Stretch.anyYear
            isExact = first != nil
        case .days(let from, let to):
            let wraps: Bool
            if let one = from.year, let other = to.year, one != other {
                // Each day of the years between.
                (days, wraps) = ([0...Stretch.lastDay], true)
            } else if let first = from.dayOfYear, let last = to.dayOfYear {
                wraps = last < first
                days = wraps ? [first...Stretch.lastDay, 0...last] : [first...last]
            } else {
                wraps = true
                // The one Easter Sunday, a Monday after a date.
                days = [from == to ? from.daysPossible ?? 0...Stretch.lastDay : 0...Stretch.lastDay]
            }
            guard let one = from.year ?? to.year, let other = to.year ?? from.year else {
                years = Stretch.anyYear
                isExact = from.dayOfYear != nil && to.dayOfYear != nil
                return
            }
            years = one == other && !wraps ? one...one : (min(one, other) - 1)...(max(one, other) + 1)
            isExact = one == other && !wraps
        }
    }

    /// What of it is in `range`; `nil` when nothing is.
    func within(_ range: YearRange) -> Stretch? {
        let (first, last) = (max(years.lowerBound, range.first), min(years.upperBound, range.end))
        return first <= last ? Stretch(days: days, years: first...last, isExact: isExact) : nil
    }

    func mayMeet(_ other: Stretch) -> Bool {
        years.overlaps(other.years) && days.contains { day in other.days.contains { $0.overlaps(day) } }
    }

    var length: Int { days.reduce(0) { $0 + $1.count } }

    /// Whether each day of `others` is one of `stretches`.
    static func takeIn(_ stretches: [Stretch], _ others: [Stretch]) -> Bool {
        others.allSatisfy { other in
            let same = stretches.filter {
                $0.isExact && $0.years.lowerBound <= other.years.lowerBound && other.years.upperBound <= $0.years.upperBound
            }
            let days = joined(same.flatMap(\.days))
            return other.days.allSatisfy { day in days.contains { $0.lowerBound <= day.lowerBound && day.upperBound <= $0.upperBound } }
        }
    }

    /// In order, and joined where they touch.
    private static func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var joined: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    static func day(_ month: Int, _ day: Int) -> Int { Civil.day(2000, month, day) - Civil.day(2000, 1, 1) }
}

extension DatePoint {
    /// `nil` when it is another day from year to year.
    fileprivate var dayOfYear: Int? {
        guard case .month(let month, let day) = anchor, weekday == nil, offset == 0 else { return nil }
        return Stretch.day(month, day)
    }

    /// The days of a leap year on which it can fall; `nil` when some may be in the year before or after.
    fileprivate var daysPossible: ClosedRange<Int>? {
        // Easter Sunday is from 22 March to 25 April.
        var (first, last) = (Stretch.day(3, 22), Stretch.day(4, 25))
        if case .month(let month, let day) = anchor { (first, last) = (Stretch.day(month, day), Stretch.day(month, day)) }
        if let weekday { (first, last) = weekday.after ? (first + 1, last + 7) : (first - 7, last - 1) }
        // Counted over the end of February, it is one day more or less in other years.
        (first, last) = (first + offset - 1, last + offset + 1)
        return first >= 0 && last <= 365 ? first...last : nil
    }
}
