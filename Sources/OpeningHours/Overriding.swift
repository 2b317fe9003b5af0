/// What later rules leave of earlier ones. A rule replaces those before it on its days: `PH off; Mo-Fr 09:00-12:00` is open on a holiday that is a Monday.
/// Said one by one, the rules of that would tell what does not hold.
enum Overriding {
    /// A rule as it is to be told.
    struct Told {
        /// For the days on which it holds, as far as weekdays and holidays can say which; `nil` when it is not worth a word.
        var rule: Rule?
        /// Days that an earlier rule makes special, and on which this one holds all the same.
        var including: [Rule] = []
        /// Whether it does not hold where it seems to: nowhere when ``rule`` is `nil`.
        var isOverridden = false
    }

    /// One for each of `rules`.
    static func told(_ rules: [Rule]) -> [Told] {
        var told = rules.map { Told(rule: $0) }
        guard rules.count > 1 else { return told }
        let isGone = rules.indices.map { index in rules[index].parts.allSatisfy { isReplaced($0, by: rules[(index + 1)...]) } }
        // Whether there is anything to be closed yet.
        var opens = false
        for (index, rule) in rules.enumerated() {
            let later = rules[(index + 1)...]
            var kept: [Rule] = []
            for part in rule.parts {
                let inSpite = later.indices.filter { place in
                    !isGone[place] && rules[place].holdsInSpite(of: part) && !isReplaced(part, by: rules[(place + 1)...])
                }
                for place in inSpite { told[place].including.append(part.days(within: rules[place])) }
                let isLost = isReplaced(part, by: later)
                // What is closed first, and then opened after all, is told by what opens it.
                let isMoot = rule.state == .closed && !opens && !inSpite.isEmpty
                if !isLost, !isMoot { kept.append(part) }
                // Closed twice is closed.
                let isClosedAnyway = rule.state == .closed && isReplaced(part, by: later.filter { $0.state == .closed }[...])
                if !inSpite.isEmpty || isGone[index] && !isClosedAnyway { told[index].isOverridden = true }
            }
            told[index].rule = rest(of: rule, kept, later)
            opens = opens || rule.state != .closed && !isGone[index]
        }
        return told
    }

    /// Whether `later` rules leave nothing of a part of one.
    private static func isReplaced(_ part: Rule, by later: ArraySlice<Rule>) -> Bool {
        var weekdays: Set<Int> = []
        var numbered: [WeekdayRange] = []
        var holidays: [Holiday] = []
        for rule in later where rule.replaces && rule.hasSeason(of: part) {
            if rule.weekdays.isEmpty, rule.holidays.isEmpty { return true }
            if rule.holidaysNarrow {
                if part.holidaysNarrow, part.holidays == rule.holidays, part.weekdays == rule.weekdays { return true }
                continue
            }
            weekdays.formUnion(rule.plainWeekdays)
            numbered += rule.weekdays.filter { !$0.isPlain }
            holidays += rule.holidays
        }
        if weekdays.count == 7 { return true }
        if !part.holidays.isEmpty, part.holidays.allSatisfy({ holidays.contains($0) }) { return true }
        return !part.weekdays.isEmpty && part.weekdays.allSatisfy { numbered.contains($0) || $0.daysMeant.isSubset(of: weekdays) }
    }

    /// The rule for those of its parts that are `kept`, without the weekdays on which later hours take the place of its own. (Those on which it is closed
    /// later are told as exceptions.)
    private static func rest(of rule: Rule, _ kept: [Rule], _ later: ArraySlice<Rule>) -> Rule? {
        guard !kept.isEmpty else { return nil }
        var rest = rule
        if !rule.holidaysNarrow, !rule.holidays.isEmpty {
            rest.weekdays = kept.flatMap(\.weekdays)
            rest.holidays = kept.flatMap(\.holidays)
        }
        // Of a few days, nobody says which weekdays they may be.
        let hasEachWeekday = rest.weekdays.isEmpty && rest.holidays.isEmpty && rest.isForLong
        let weekdays = hasEachWeekday ? [WeekdayRange(first: 0, last: 6)] : rest.weekdays
        var replaced: Set<Int> = []
        for other in later where other.replaces && other.state != .closed && !other.holidaysNarrow && other.hasSeason(of: rule) {
            replaced.formUnion(other.plainWeekdays)
        }
        // Without a day, words alone say nothing of when.
        if rule.isWordsOnly || weekdays.allSatisfy({ $0.daysMeant.isDisjoint(with: replaced) }) { return rest }
        rest.weekdays = weekdays.flatMap { range in
            range.days.map { WeekdayRange(first: $0, last: $0, nth: range.nth, offset: range.offset) }
        }.filter { $0.daysMeant.isDisjoint(with: replaced) }
        return rest
    }
}

extension Rule {
    /// The rule for its weekdays, and for each of its holidays, where either will do.
    fileprivate var parts: [Rule] {
        if holidays.isEmpty || holidaysNarrow { return [self] }
        var parts: [Rule] = []
        if !weekdays.isEmpty {
            var part = self
            part.holidays = []
            parts.append(part)
        }
        for holiday in holidays {
            var part = self
            part.weekdays = []
            part.holidays = [holiday]
            parts.append(part)
        }
        return parts
    }

    /// Whether nothing of earlier rules is left on its days.
    fileprivate var replaces: Bool { separator != .fallback && (state == .closed ? times.isEmpty : separator == .normal) }

    /// Whether people would take this rule to give way to `part` of an earlier one, which is for special days, and it does not.
    fileprivate func holdsInSpite(of part: Rule) -> Bool {
        let isSpecial = !part.holidays.isEmpty || !part.isAllYear || part.weekdays.contains { !$0.isPlain }
        guard isSpecial, state != .closed, holidays.isEmpty else { return false }
        // What comes "otherwise", whatever the day, is said to hold where nothing else does.
        guard part.state == .closed ? separator != .fallback || !isEveryDay : separator == .normal else { return false }
        // A rule of special days of its own is an exception for itself.
        guard isAllYear || part.isAllYear && !part.holidays.isEmpty && isForLong else { return false }
        guard let mine = weekdaysMeant, let its = part.weekdaysMeant else { return true }
        return !mine.isDisjoint(with: its)
    }

    /// Its days as they are said beside those of `rule`: without the weekdays that both have.
    fileprivate func days(within rule: Rule) -> Rule {
        guard holidaysNarrow || !isAllYear, !rule.weekdays.isEmpty, rule.weekdays.allSatisfy(\.isPlain),
            rule.plainWeekdays.isSubset(of: plainWeekdays)
        else { return self }
        var days = self
        days.weekdays = []
        days.holidaysNarrow = false
        return days
    }

    /// The weekdays that its days can be; `nil`: any.
    private var weekdaysMeant: Set<Int>? {
        if weekdays.isEmpty || !holidays.isEmpty && !holidaysNarrow { return nil }
        return weekdays.reduce(into: Set<Int>()) { $0.formUnion($1.daysMeant) }
    }

    /// Whether some of its hours may end on the next day.
    fileprivate var mayPassMidnight: Bool {
        times.contains { span in
            if span.followsTheSun { return true }
            if case .clock(let end)? = span.end { return end > 1440 }
            return false
        }
    }
}

extension WeekdayRange {
    /// Each week, and on the day itself.
    fileprivate var isPlain: Bool { nth.isEmpty && offset == 0 }

    /// The weekdays on which it falls: of `Sa[1] +1 day`, Sunday.
    fileprivate var daysMeant: Set<Int> { Set(days.map { (($0 + offset) % 7 + 7) % 7 }) }
}

extension Parser {
    /// Tells the rules that do not hold where they seem to, because later ones do: what is meant may well be the other way round.
    mutating func warnOfOverridden(_ rules: [Rule]) {
        let passesMidnight = rules.contains(where: \.mayPassMidnight)
        for (told, (rule, start)) in zip(Overriding.told(rules), zip(rules, starts)) where told.isOverridden {
            let isClosed = rule.state == .closed
            // It does close the hours after midnight that began the day before.
            if isClosed, passesMidnight { continue }
            let message =
                switch (isClosed, told.rule == nil) {
                case (true, true):
                    "This rule closes nothing, as later ones hold on its days, too. It would if it stood last, as in Mo-Fr 09:00-12:00; PH off."
                case (true, false):
                    "This rule does not close the days of the later ones. It would if it stood last, as in Mo-Fr 09:00-12:00; PH off."
                case (false, true):
                    "This rule has no effect, as later ones replace it on its days. Hours that are added to others follow a comma; exceptions stand last."
                case (false, false):
                    "This rule does not hold on the days of the later ones, which replace it there. It would if it stood last."
                }
            scanner.warn(message, at: start, isGuess: true)
        }
    }
}
