/// A language in which expressions are said. What differs are the words; how rules follow each other is the same.
protocol Words {
    static var always: String { get }
    static var everyDay: String { get }
    static var allDay: String { get }
    static var uncertain: String { get }
    static func quoted(_ comment: String) -> String
    static func closed(_ when: String) -> String
    static var closed: String { get }
    static var except: String { get }
    /// Between rules.
    static var stop: String { get }
    /// An exception as it is said after ``except``: "jours fériés" rather than "les jours fériés".
    static func exception(_ days: String) -> String
    /// Before days that an earlier rule makes special, and on which a rule holds all the same.
    static var including: String { get }
    /// After hours that take the place of others on days on which those seem to hold.
    static var instead: String { get }
    static var also: String { get }
    static var otherwise: String { get }
    static var and: String { get }
    static func weekdays(of rule: Rule) -> [String]
    static func dates(_ ranges: [DateRange]) -> [String]
    static func weeks(_ ranges: [StepRange]) -> [String]
    static func years(_ ranges: [YearRange]) -> [String]
    static func time(_ span: TimeSpan) -> String
}

extension Words {
    static func text(of rules: [Rule]) -> String {
        var text = ""
        /// Whether an exception was the last thing said, and whether anything open was said at all.
        var (endsInException, saysOpen) = (false, false)
        for told in Overriding.told(rules) {
            guard let rule = told.rule else { continue }
            let spans = Canonical.times(of: rule)
            let isWholeDay = spans.isEmpty || spans == [.wholeDay]
            if rule.state == .closed, isWholeDay, saysOpen, !rule.isEveryDay, rule.comment == nil {
                text += (endsInException ? " \(and) " : ", \(except) ") + exception(days(of: rule))
                endsInException = true
                continue
            }
            let clause = clause(rule, spans, isWholeDay) + (told.isInstead ? " \(instead)" : "") + inclusion(of: told.including)
            if text.isEmpty {
                text = clause
            } else {
                switch rule.separator {
                case .normal: text += stop + clause
                case .additional: text += ", \(also) " + clause
                case .fallback: text += stop + "\(otherwise) " + clause
                }
            }
            endsInException = false
            saysOpen = saysOpen || rule.state != .closed
        }
        return text
    }

    private static func clause(_ rule: Rule, _ spans: [TimeSpan], _ isWholeDay: Bool) -> String {
        if rule.isWordsOnly, let comment = rule.comment { return quoted(comment) }
        let days = days(of: rule)
        let times = isWholeDay ? "" : list(spans.map(time))
        var text: String
        if rule.state == .closed {
            let when = [days, times].filter { !$0.isEmpty }.joined(separator: " ")
            text = when.isEmpty ? closed : closed(when)
        } else if isWholeDay {
            text = days.isEmpty ? always : days + " " + allDay
        } else {
            text = (days.isEmpty ? everyDay : days) + (days.contains(",") ? ", " : " ") + times
        }
        if rule.state == .unknown { text += " (\(uncertain))" }
        if let comment = rule.comment { text += " (\(quoted(comment)))" }
        return text
    }

    private static func inclusion(of special: [Rule]) -> String {
        var phrases: [String] = []
        for rule in special {
            let phrase = days(of: rule)
            if !phrases.contains(phrase) { phrases.append(phrase) }
        }
        return phrases.isEmpty ? "" : ", \(including) " + list(phrases)
    }

    private static func days(of rule: Rule) -> String {
        var parts: [String] = []
        let plain = rule.plainWeekdays
        if plain.count < 7 || rule.holidaysNarrow {
            let weekdays = weekdays(of: rule)
            if !weekdays.isEmpty { parts.append(list(weekdays)) }
        }
        if !rule.dates.isEmpty { parts.append(list(dates(rule.dates))) }
        if !rule.weeks.isEmpty { parts.append(list(weeks(rule.weeks))) }
        if !rule.years.isEmpty { parts.append(list(years(rule.years))) }
        return parts.joined(separator: ", ")
    }

    static func list(_ items: [String]) -> String {
        guard let last = items.last else { return "" }
        return items.count == 1 ? last : items.dropLast().joined(separator: ", ") + " \(and) " + last
    }

    /// The parts of the weekdays that are said one by one: runs of days, numbered ones, holidays.
    static func weekdays(
        of rule: Rule, run: (Int, Int) -> String, numbered: (Int, [Int], Int) -> String, holiday: (Holiday) -> String
    ) -> [String] {
        var items = Canonical.runs(rule.plainWeekdays).flatMap { first, last in
            (last - first + 7) % 7 == 1 ? [run(first, first), run(last, last)] : [run(first, last)]
        }
        for range in rule.weekdays where !range.nth.isEmpty || range.offset != 0 {
            items += range.days.map { numbered($0, range.nth, range.offset) }
        }
        let holidays = rule.holidays.map(holiday)
        if rule.holidaysNarrow { return [list(holidays) + ", " + list(items)] }
        return items + holidays
    }
}
