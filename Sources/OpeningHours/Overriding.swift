/// What later rules leave of earlier ones. A rule replaces those before it on its days: `PH off; Mo-Fr 09:00-12:00` is open on a holiday that is a Monday.
/// Said one by one, the rules of that would tell what does not hold.
enum Overriding {
    /// A rule as it is to be told.
    struct Told {
        /// For the days on which it holds, as far as weekdays and holidays can say which; `nil` when it is not worth a word.
        var rule: Rule?
        /// Days that an earlier rule makes special, and on which this one holds all the same.
        var including: [Rule] = []
        /// Whether there are days on which its hours take the place of those that an earlier rule is told with.
        var isInstead = false
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
            var inSpiteOfAny: Set<Int> = []
            for part in rule.parts {
                let inSpite = later.indices.filter { place in
                    !isGone[place] && rules[place].holdsInSpite(of: part) && !(rule.state == .closed && rules[place].isWithin(rule))
                        && !isReplaced(part, by: rules[(place + 1)...])
                }
                for place in inSpite {
                    inSpiteOfAny.insert(place)
                    if let days = part.days(within: rules[place]) { told[place].including.append(days) }
                }
                let isLost = isReplaced(part, by: later)
                // What is closed first, and then opened after all, is told by what opens it.
                let isMoot = rule.state == .closed && !opens && !inSpite.isEmpty
                if !isLost, !isMoot { kept.append(part) }
                // Closed twice is closed.
                let isClosedAnyway = rule.state == .closed && isReplaced(part, by: later.filter { $0.state == .closed }[...])
                if !inSpite.isEmpty || isGone[index] && !isClosedAnyway { told[index].isOverridden = true }
            }
            let rest = rest(of: rule, kept, later)
            told[index].rule = rest
            if let rest {
                for place in later.indices where !isGone[place] && !inSpiteOfAny.contains(place) && rules[place].replacesSome(of: rest) {
                    // What was closed before has no hours to replace.
                    let between = rules[(index + 1)..<place]
                    if between.contains(where: { $0.state == .closed && $0.replaces && rules[place].isWithin($0) }) { continue }
                    told[place].isInstead = true
                    if !rules[place].isException(to: rule) { told[index].isOverridden = true }
                }
            }
            opens = opens || rule.state != .closed && !isGone[index]
        }
        for (index, rule) in rules.enumerated() where rule.closesNothing { told[index] = Told(rule: nil, isOverridden: true) }
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
        } else {
            rest.dates = kept.flatMap(\.dates)
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
    /// The rule for its weekdays, and for each of its holidays, where either will do; otherwise for each of its dates.
    fileprivate var parts: [Rule] {
        if holidays.isEmpty || holidaysNarrow {
            if dates.count < 2 { return [self] }
            return dates.map { date in
                var part = self
                part.dates = [date]
                return part
            }
        }
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
        let isClosing = part.state == .closed
        // Days that are closed first seem to stay closed, whichever they are.
        let isSpecial =
            !part.holidays.isEmpty || !part.isAllYear || part.weekdays.contains { !$0.isPlain } || isClosing && !part.weekdays.isEmpty
        guard isSpecial, state != .closed, mayShareSeason(with: part) else { return false }
        // What comes "otherwise", whatever the day, is said to hold where nothing else does.
        guard isClosing ? separator != .fallback || !isEveryDay : separator == .normal && holidays.isEmpty else { return false }
        // It names these holidays itself.
        if !part.holidays.isEmpty, part.holidays.allSatisfy({ holidays.contains($0) }) { return false }
        // A rule of special days of its own is an exception for itself, unless it takes in those of the other.
        let isWider = !part.isAllYear && hasSeason(of: part) && !part.hasSeason(of: self)
        guard isAllYear || isWider || (isClosing ? isForLong || !part.isAllYear : part.isAllYear && !part.holidays.isEmpty && isForLong)
        else { return false }
        // Of the same weekdays, those that it takes are not told of the other.
        let isOfWeekdays = part.isAllYear && part.holidays.isEmpty && part.weekdays.allSatisfy(\.isPlain)
        let takes = isClosing && isOfWeekdays && replaces && !holidaysNarrow && hasSeason(of: part)
        return mayShareWeekday(with: part, except: takes ? plainWeekdays : [])
    }

    /// Whether it may take the place of hours of `earlier`, which is told as it stands.
    fileprivate func replacesSome(of earlier: Rule) -> Bool {
        guard separator == .normal, state != .closed, earlier.state != .closed, !earlier.isWordsOnly, !isWordsOnly,
            mayShareSeason(with: earlier)
        else { return false }
        return mayShareWeekday(with: earlier, except: [])
    }

    /// Whether it is plainly meant to hold in place of `earlier`: for a few days, for holidays, or for some of its days at hours that are not others.
    fileprivate func isException(to earlier: Rule) -> Bool {
        if !isForLong || !holidays.isEmpty { return true }
        return isWithin(earlier) && !hoursAreApart(from: earlier)
    }

    /// Whether each of its days is one of those of `other`, as far as their names tell.
    fileprivate func isWithin(_ other: Rule) -> Bool {
        guard other.hasSeason(of: self) else { return false }
        if other.plainWeekdays.count == 7, !other.holidaysNarrow { return true }
        if other.weekdays.isEmpty, other.holidays.isEmpty { return true }
        let areHolidays = !holidays.isEmpty && holidays.allSatisfy { other.holidays.contains($0) }
        let areWeekdays =
            !weekdays.isEmpty
            && weekdays.allSatisfy { other.weekdays.contains($0) || $0.daysMeant.isSubset(of: other.plainWeekdays) }
        if other.holidaysNarrow { return holidaysNarrow && areHolidays && areWeekdays }
        if holidaysNarrow { return areHolidays || areWeekdays }
        return (holidays.isEmpty || areHolidays) && (weekdays.isEmpty || areWeekdays) && !(holidays.isEmpty && weekdays.isEmpty)
    }

    /// Whether none of its hours is one of those of `other`, so that they may be meant to be added.
    private func hoursAreApart(from other: Rule) -> Bool {
        guard !times.isEmpty, !other.times.isEmpty else { return false }
        return times.allSatisfy { one in other.times.allSatisfy { one.isApart(from: $0) } }
    }

    /// Its days as they are said beside those of `rule`: without the weekdays that both have. `nil` when only some of them are days of it, and no
    /// word tells which.
    fileprivate func days(within rule: Rule) -> Rule? {
        guard isAllYear || rule.hasSeason(of: self) else { return nil }
        var days = self
        if holidaysNarrow || !isAllYear, !rule.weekdays.isEmpty, rule.weekdays.allSatisfy(\.isPlain),
            rule.plainWeekdays.isSubset(of: plainWeekdays)
        {
            days.weekdays = []
            days.holidaysNarrow = false
            return days
        }
        if weekdays.isEmpty || rule.weekdays.isEmpty { return days }
        let its = rule.weekdays.reduce(into: Set<Int>()) { $0.formUnion($1.daysMeant) }
        days.weekdays = weekdays.flatMap { range in
            range.days.map { WeekdayRange(first: $0, last: $0, nth: range.nth, offset: range.offset) }
        }.filter { !$0.daysMeant.isDisjoint(with: its) }
        return days.weekdays.isEmpty ? nil : days
    }

    /// Whether some day other than the weekdays `taken` may be one of both, by their weekdays and holidays.
    private func mayShareWeekday(with other: Rule, except taken: Set<Int>) -> Bool {
        if canBeAnyWeekday || other.canBeAnyWeekday { return true }
        return weekdays.contains { mine in other.weekdays.contains { mine.mayMeet($0, except: taken) } }
    }

    private var canBeAnyWeekday: Bool { weekdays.isEmpty || !holidays.isEmpty && !holidaysNarrow }

    /// Whether some of its hours may end on the next day.
    fileprivate var mayPassMidnight: Bool {
        times.contains { span in
            if span.followsTheSun { return true }
            if case .clock(let end)? = span.end { return end > 1440 }
            return false
        }
    }
}

extension Rule {
    /// Some days are closed after `||`, where it is closed already: no more than words that mislead.
    fileprivate var closesNothing: Bool { separator == .fallback && state == .closed && !isEveryDay && comment == nil }
}

extension TimeSpan {
    /// Whether both follow the clock, and no minute is in both.
    fileprivate func isApart(from other: TimeSpan) -> Bool {
        guard let mine = minutes, let its = other.minutes else { return false }
        return !mine.overlaps(its)
    }

    /// `nil` where they follow the sun.
    private var minutes: Range<Int>? {
        guard case .clock(let start) = self.start else { return nil }
        guard let end = self.end else { return start..<max(start, 1440) }
        guard case .clock(var minute) = end else { return nil }
        if minute <= start { minute += 1440 }
        if mayGoOn { minute = max(minute, 1440) }
        return start..<max(start, minute)
    }
}

extension WeekdayRange {
    /// Each week, and on the day itself.
    fileprivate var isPlain: Bool { nth.isEmpty && offset == 0 }

    fileprivate func mayMeet(_ other: WeekdayRange, except taken: Set<Int>) -> Bool {
        if daysMeant.intersection(other.daysMeant).isSubset(of: taken) { return false }
        if nth.isEmpty || other.nth.isEmpty || offset != other.offset { return true }
        // A month has four or five of each: the second from its end is the third or the fourth.
        return nth.contains { one in
            other.nth.contains { $0 == one || ($0 < 0) != (one < 0) && (5...6).contains(abs($0) + abs(one)) }
        }
    }

    /// The weekdays on which it falls: of `Sa[1] +1 day`, Sunday.
    fileprivate var daysMeant: Set<Int> { Set(days.map { (($0 + offset) % 7 + 7) % 7 }) }
}

extension Parser {
    /// Tells the rules that do not hold where they seem to, because later ones do: what is meant may well be the other way round.
    mutating func warnOfOverridden(_ rules: [Rule]) {
        let passesMidnight = rules.contains(where: \.mayPassMidnight)
        for (told, (rule, start)) in zip(Overriding.told(rules), zip(rules, starts)) where told.isOverridden {
            if rule.closesNothing {
                scanner.warn(.otherwiseClosesNothing, at: start)
                continue
            }
            let isClosed = rule.state == .closed
            // It does close the hours after midnight that began the day before.
            if isClosed, passesMidnight { continue }
            let guess: Guess =
                switch (isClosed, told.rule == nil) {
                case (true, true): .closesNothing
                case (true, false): .closesLess
                case (false, true): .hasNoEffect
                case (false, false): .isReplaced
                }
            scanner.warn(guess, at: start)
        }
    }
}
