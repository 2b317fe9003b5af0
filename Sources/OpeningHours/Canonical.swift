/// Writes an expression in its one form.
enum Canonical {
    static func text(of rules: [Rule]) -> String {
        var text = ""
        for rule in rules {
            if !text.isEmpty {
                switch rule.separator {
                case .normal: text += "; "
                case .additional: text += ", "
                case .fallback: text += " || "
                }
            }
            text += self.text(of: rule)
        }
        return text
    }

    private static func text(of rule: Rule) -> String {
        var parts: [String] = []
        if !rule.years.isEmpty { parts.append(rule.years.map(year).joined(separator: ",")) }
        if !rule.dates.isEmpty { parts.append(dates(rule.dates)) }
        if !rule.weeks.isEmpty { parts.append("week " + rule.weeks.map(week).joined(separator: ",")) }
        let days = weekdays(of: rule)
        if !days.isEmpty { parts.append(days) }
        // After a comma, times alone would be read as more times of the rule before.
        if parts.isEmpty, rule.separator == .additional, !rule.times.isEmpty { parts.append("Mo-Su") }
        let spans = times(of: rule)
        let isWholeDay = spans.isEmpty || spans == [.wholeDay]
        if rule.state == .closed || rule.modifier == .unknown || rule.isWordsOnly {
            if !isWholeDay { parts.append(spans.map(span).joined(separator: ",")) }
        } else if isWholeDay {
            parts.append(parts.isEmpty ? "24/7" : "00:00-24:00")
        } else {
            parts.append(spans.map(span).joined(separator: ","))
        }
        switch rule.modifier {
        case .closed: parts.append("off")
        case .unknown: parts.append("unknown")
        case .open, nil: break
        }
        if let comment = rule.comment { parts.append("\"\(comment)\"") }
        return parts.joined(separator: " ")
    }

    static func clock(_ minutes: Int) -> String { "\(two(minutes / 60)):\(two(minutes % 60))" }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func year(_ range: YearRange) -> String {
        guard let last = range.last else { return "\(range.first)+" }
        if last == range.first { return "\(last)" }
        return "\(range.first)-\(last)" + (range.step > 1 ? "/\(range.step)" : "")
    }

    private static func week(_ range: StepRange) -> String {
        if range.first == range.last { return two(range.first) }
        return "\(two(range.first))-\(two(range.last))" + (range.step > 1 ? "/\(range.step)" : "")
    }

    // MARK: Dates

    private static func dates(_ ranges: [DateRange]) -> String {
        var year: Int?
        return ranges.map { range in
            switch range {
            case .months(let own, let months):
                let prefix = own.map { $0 == year ? "" : "\($0) " } ?? ""
                year = own
                var text = prefix + name(months.first)
                if months.last != months.first { text += "-" + name(months.last) }
                return text + (months.step > 1 && months.last != months.first ? "/\(months.step)" : "")
            case .openDays(let from): return point(from, &year) + "+"
            case .days(let from, let to):
                let start = point(from, &year)
                if from == to { return start }
                var last: Int? = to.year == from.year ? to.year : nil
                return start + "-" + point(to, &last)
            }
        }.joined(separator: ",")
    }

    private static func name(_ month: Int) -> String { Lexicon.name(month: month) }

    /// With its year, unless the one before had the same, which is then carried on.
    private static func point(_ point: DatePoint, _ year: inout Int?) -> String {
        var text = point.year.map { $0 == year ? "" : "\($0) " } ?? ""
        year = point.year
        switch point.anchor {
        case .easter: text += "easter"
        case .month(let month, let day): text += "\(name(month)) \(two(day))"
        }
        if let weekday = point.weekday { text += " \(weekday.after ? "+" : "-")\(name(weekday: weekday.day))" }
        return text + offset(point.offset)
    }

    private static func offset(_ days: Int) -> String {
        days == 0 ? "" : " \(days > 0 ? "+" : "-")\(abs(days)) day\(abs(days) == 1 ? "" : "s")"
    }

    // MARK: Weekdays

    private static func name(weekday: Int) -> String { Lexicon.name(weekday: weekday) }

    private static func weekdays(of rule: Rule) -> String {
        let plain = rule.plainWeekdays
        // All days, and holidays among them or not, are every day.
        if plain.count == 7, !rule.holidaysNarrow { return "" }
        var items = runs(plain).map { first, last in
            first == last
                ? name(weekday: first)
                : (last - first + 7) % 7 == 1
                    ? "\(name(weekday: first)),\(name(weekday: last))" : "\(name(weekday: first))-\(name(weekday: last))"
        }
        for range in rule.weekdays where !range.nth.isEmpty || range.offset != 0 {
            for day in range.days {
                items.append(name(weekday: day) + (range.nth.isEmpty ? "" : "[\(nths(range.nth))]") + offset(range.offset))
            }
        }
        var holidays: [String] = []
        for holiday in rule.holidays {
            let text = (holiday.kind == .publicHoliday ? "PH" : "SH") + offset(holiday.offset)
            if !holidays.contains(text) { holidays.append(text) }
        }
        if rule.holidaysNarrow { return holidays.joined(separator: ",") + " " + items.joined(separator: ",") }
        return (items + holidays.sorted()).joined(separator: ",")
    }

    private static func nths(_ list: [Int]) -> String {
        let sorted = Array(Set(list)).sorted { ($0 < 0 ? 10 - $0 : $0) < ($1 < 0 ? 10 - $1 : $1) }
        var parts: [String] = []
        var index = 0
        while index < sorted.count {
            var end = index
            while end + 1 < sorted.count, sorted[index] > 0, sorted[end + 1] == sorted[end] + 1 { end += 1 }
            if end - index >= 2 {
                parts.append("\(sorted[index])-\(sorted[end])")
            } else {
                parts += sorted[index...end].map(String.init)
            }
            index = end + 1
        }
        return parts.joined(separator: ",")
    }

    /// Runs of days, around the end of the week too.
    static func runs(_ days: Set<Int>) -> [(first: Int, last: Int)] {
        if days.count == 7 { return [(0, 6)] }
        return days.sorted().filter { !days.contains(($0 + 6) % 7) }.map { first in
            var last = first
            while days.contains((last + 1) % 7) { last = (last + 1) % 7 }
            return (first, last)
        }
    }

    // MARK: Times

    /// In order, and joined where they touch.
    static func times(of rule: Rule) -> [TimeSpan] {
        var spans: [TimeSpan] = []
        for span in rule.times.sorted(by: { ($0.sortKey, $0.endKey) < ($1.sortKey, $1.endKey) }) {
            if let last = spans.last, let joined = join(last, span) { spans[spans.count - 1] = joined } else { spans.append(span) }
        }
        return spans
    }

    private static func join(_ one: TimeSpan, _ other: TimeSpan) -> TimeSpan? {
        if one == other { return one }
        guard case .clock(let start) = one.start, case .clock(let end)? = one.end, !one.mayGoOn, case .clock(let next) = other.start,
            case .clock(let last)? = other.end, next <= end, max(end, last) - start <= 1440, !other.mayGoOn || last >= end
        else { return nil }
        return TimeSpan(start: .clock(start), end: .clock(max(end, last)), mayGoOn: other.mayGoOn)
    }

    private static func span(_ span: TimeSpan) -> String {
        guard let end = span.end else { return time(span.start) + "+" }
        if case .sun = span.start, case .clock(let minute) = end {
            // Nothing tells whether it is of the next day but the hour itself: 30:00.
            return "\(time(span.start))-\(clock(minute))\(span.mayGoOn ? "+" : "")"
        }
        return "\(time(span.start))-\(time(end))\(span.mayGoOn ? "+" : "")"
    }

    private static func time(_ time: TimePoint) -> String {
        switch time {
        // 24:00 is the end of the day; later is written as the clock of the next one.
        case .clock(let minute): return clock(minute > 1440 ? minute - 1440 : minute)
        case .sun(let event, 0): return event.rawValue
        case .sun(let event, let offset): return "(\(event.rawValue)\(offset < 0 ? "-" : "+")\(clock(abs(offset))))"
        }
    }
}

extension Rule {
    /// Words and nothing else.
    var isWordsOnly: Bool { modifier == nil && comment != nil && isEveryDay && times.isEmpty }

    /// The weekdays that are meant each week.
    var plainWeekdays: Set<Int> { Set(weekdays.filter { $0.nth.isEmpty && $0.offset == 0 }.flatMap(\.days)) }
}

extension WeekdayRange {
    var days: [Int] { first <= last ? Array(first...last) : Array(first...6) + Array(0...last) }
}

extension TimeSpan {
    fileprivate var sortKey: Int { start.key }
    fileprivate var endKey: Int { end?.key ?? .max }
}

extension TimePoint {
    /// In the order of an ordinary day.
    fileprivate var key: Int {
        switch self {
        case .clock: ordinary * 10
        case .sun(.dawn, _): ordinary * 10 + 1
        case .sun(.sunrise, _): ordinary * 10 + 2
        case .sun(.sunset, _): ordinary * 10 + 3
        case .sun(.dusk, _): ordinary * 10 + 4
        }
    }

    /// The minute at which it is on an ordinary day.
    var ordinary: Int {
        switch self {
        case .clock(let minute): minute
        case .sun(.dawn, let offset): 6 * 60 + offset
        case .sun(.sunrise, let offset): 7 * 60 + offset
        case .sun(.sunset, let offset): 19 * 60 + offset
        case .sun(.dusk, let offset): 20 * 60 + offset
        }
    }
}
