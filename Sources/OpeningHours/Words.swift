/// A language in which expressions are said. What differs are the words; how rules follow each other is the same.
protocol Words {
    static var always: String { get }
    static var everyDay: String { get }
    static var allDay: String { get }
    static var uncertain: String { get }
    /// In the place of times that nobody knows.
    static var unknownHours: String { get }
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
        /// What was said to be open; and days on which nothing is, that are still to be said: one list, for they follow each other.
        var opened: [Rule] = []
        var closed: (days: [String], isException: Bool)?
        func sayClosed() {
            guard let group = closed else { return }
            if group.isException {
                text += ", \(except) " + (group.days.count == 1 ? exception(group.days[0]) : list(group.days))
            } else {
                text += stop + self.closed(list(group.days))
            }
            closed = nil
        }
        for told in Overriding.told(rules) {
            guard let rule = told.rule else { continue }
            let spans = Canonical.times(of: rule)
            let isWholeDay = spans.isEmpty || spans == [.wholeDay]
            if rule.state == .closed, isWholeDay, !opened.isEmpty, !rule.isEveryDay, rule.comment == nil {
                // An exception is one of what was said, and only of a single thing is it clear of which.
                let isException = opened.count == 1 && rule.takesDays(from: opened[0])
                if let group = closed, group.isException, !isException { sayClosed() }
                let days = rule.dates.isEmpty && rule.weeks.isEmpty && rule.years.isEmpty ? weekdays(of: rule) : [days(of: rule)]
                closed = ((closed?.days ?? []) + days, closed?.isException ?? isException)
                continue
            }
            sayClosed()
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
            if rule.state != .closed { opened.append(rule) }
        }
        sayClosed()
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
        } else if isWholeDay, rule.state == .unknown {
            // No times are told: nobody knows them, and it is not open around the clock.
            text = (days.isEmpty ? "" : days + ", ") + unknownHours
        } else if isWholeDay {
            text = days.isEmpty ? always : days + " " + allDay
        } else {
            text = (days.isEmpty ? everyDay : days) + (days.contains(",") ? ", " : " ") + times
        }
        if rule.state == .unknown, !isWholeDay { text += " (\(uncertain))" }
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

extension Rule {
    /// Whether it closes days on which `other` is open, as far as weekdays tell; holidays and dates may be any day.
    fileprivate func takesDays(from other: Rule) -> Bool {
        func met(_ rule: Rule) -> Set<Int>? { rule.weekdays.isEmpty ? nil : Set(rule.weekdays.flatMap(\.days)) }
        guard let mine = met(self), let others = met(other) else { return true }
        return !mine.isDisjoint(with: others)
    }
}
