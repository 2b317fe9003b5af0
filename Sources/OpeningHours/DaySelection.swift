/// Which days a rule is for.
struct DaySelection {
    /// Those that are taken for true of a day of which nobody knows whether it is a holiday.
    let doubtfulHolidays: Set<Holiday>
    let context: OpeningHours.Context

    /// A day with what the selectors look at.
    struct Date {
        let day: Int
        let year: Int
        let month: Int
        let weekday: Int

        init(_ day: Int) {
            self.day = day
            (year, month, _) = Civil.parts(of: day)
            weekday = Civil.weekday(day)
        }
    }

    func contains(_ date: Date, in rule: Rule) -> Bool {
        if !rule.years.isEmpty, !rule.years.contains(where: { $0.contains(date.year) }) { return false }
        if !rule.dates.isEmpty, !rule.dates.contains(where: { $0.contains(date) }) { return false }
        if !rule.weeks.isEmpty {
            let week = Civil.week(of: date.day)
            if !rule.weeks.contains(where: { $0.contains(week, of: 53) }) { return false }
        }
        if rule.weekdays.isEmpty, rule.holidays.isEmpty { return true }
        let isHoliday = rule.holidays.contains { self.isHoliday(date.day, $0) }
        if rule.holidaysNarrow { return isHoliday && rule.weekdays.contains { $0.contains(date) } }
        return isHoliday || rule.weekdays.contains { $0.contains(date) }
    }

    private func isHoliday(_ day: Int, _ holiday: Holiday) -> Bool {
        let day = day - holiday.offset
        let known: Bool? =
            switch holiday.kind {
            case .publicHoliday:
                context.hasFrenchHolidays ? FrenchHolidays.isHoliday(day: day, alsaceMoselle: context.isInAlsaceMoselle) : nil
            case .schoolHoliday: context.schoolZone.flatMap { SchoolHolidays.isHoliday(day: day, zone: $0) }
            }
        return known ?? doubtfulHolidays.contains(holiday)
    }
}

extension WeekdayRange {
    fileprivate func contains(_ date: DaySelection.Date) -> Bool {
        if nth.isEmpty, offset == 0 { return contains(date.weekday) }
        let day = date.day - offset
        guard contains(Civil.weekday(day)) else { return false }
        if nth.isEmpty { return true }
        let (year, month, number) = Civil.parts(of: day)
        let fromStart = (number - 1) / 7 + 1
        let fromEnd = -((Civil.length(ofMonth: month, year: year) - number) / 7 + 1)
        return nth.contains(fromStart) || nth.contains(fromEnd)
    }
}

extension DateRange {
    fileprivate func contains(_ date: DaySelection.Date) -> Bool {
        switch self {
        case .months(let year, let range):
            guard range.contains(date.month, of: 12) else { return false }
            guard let year else { return true }
            // 2026 Nov-Feb ends in 2027.
            return date.year == (range.first > range.last && date.month <= range.last ? year + 1 : year)
        case .openDays(let from):
            if let year = from.year { return date.day >= from.start(in: year) }
            return date.year == Civil.parts(of: date.day).year && date.day >= from.start(in: date.year)
        case .days(let from, let to):
            if from == to {
                // With an offset it may fall in the year before or after. A year without 29 February has no day beside it.
                let years = from.year.map { $0...$0 } ?? (date.year - 1)...(date.year + 1)
                return years.contains { from.day(in: $0) == date.day }
            }
            if let year = from.year ?? to.year {
                var first = from.start(in: from.year ?? year)
                var last = to.end(in: to.year ?? year)
                if last < first {
                    if to.year == nil { last = to.end(in: year + 1) } else if from.year == nil { first = from.start(in: year - 1) }
                }
                return first <= last && (first...last).contains(date.day)
            }
            // One that began last year, or offsets that reach over its end.
            for year in (date.year - 1)...(date.year + 1) {
                let first = from.start(in: year)
                var last = to.end(in: year)
                if last < first { last = to.end(in: year + 1) }
                if first <= last, (first...last).contains(date.day) { return true }
            }
            return false
        }
    }
}

extension DatePoint {
    /// 29 February begins on 1 March, and ends on the 28th, in years that do not have it.
    func start(in year: Int) -> Int { day(in: year) ?? Civil.day(year, 3, 1) + offset }
    func end(in year: Int) -> Int { day(in: year) ?? Civil.day(year, 2, 28) + offset }
}
