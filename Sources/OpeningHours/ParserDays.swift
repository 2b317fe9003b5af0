/// The days that a rule is for: years, dates, weeks; then weekdays and holidays.
extension Parser {
    mutating func days(_ rule: inout Rule) throws(OpeningHoursError) {
        if scanner.peek() == "\"", hasColonAfterComment() {
            rule.comment = try comment()
            scanner.skipSpaces()
            _ = scanner.take(":")
            scanner.skipSpaces()
        }
        var carried: Int?
        if startsYear() { try years(&rule, &carried) }
        scanner.skipSpaces()
        if startsDate() { rule.dates = try dates(carried) }
        scanner.skipSpaces()
        if let word = scanner.word(), ["week", "weeks", "semaine", "semaines"].contains(word.text) {
            if word.text != "week" { scanner.warn("Weeks are written week 20-24.", at: scanner.index) }
            scanner.index += word.count
            rule.weeks = try weeks()
        }
        scanner.skipSpaces()
        if startsDate(), rule.dates.isEmpty {
            carry(&rule, &carried)
            rule.dates = try dates(carried)
        }
        scanner.skipSpaces()
        if !rule.isEveryDay, scanner.take(":") { scanner.skipSpaces() }
        try weekdays(&rule)
        scanner.skipSpaces()
        if !rule.isEveryDay, scanner.take(":") { scanner.skipSpaces() }
    }

    private func hasColonAfterComment() -> Bool {
        var copy = scanner
        copy.index += 1
        while let next = copy.peek(), next != "\"" { copy.index += 1 }
        copy.index += 1
        copy.skipSpaces()
        return copy.peek() == ":"
    }

    // MARK: Years

    private func startsYear() -> Bool {
        guard let (value, count) = scanner.digits(), count == 4, (1900...2999).contains(value) else { return false }
        let next = scanner.peek(4)
        return next != ":" && next != "h" && next != "."
    }

    /// Several, or one; one before a date belongs to it.
    private mutating func years(_ rule: inout Rule, _ carried: inout Int?) throws(OpeningHoursError) {
        repeat {
            scanner.skipSpaces()
            guard rule.years.count < Parser.mostItems, startsYear(), let first = scanner.number() else { throw scanner.expected("a year") }
            var range = YearRange(first: first, last: first)
            let place = scanner.index
            if scanner.take("+") {
                range.last = nil
            } else if scanner.takeRangeSign() {
                let second = scanner.index
                if startsYear(), let last = scanner.number() {
                    guard last >= first else {
                        throw OpeningHoursError(column: second + 1, message: "expected a year from \(first) on; found \(last)")
                    }
                    range.last = last
                    if scanner.take("/") { range.step = try step("a number of years from 1 on") }
                } else {
                    scanner.index = place
                }
            }
            rule.years.append(range)
        } while takeComma(before: { $0.startsYear() })
        scanner.skipSpaces()
        if startsDate() { carry(&rule, &carried) }
    }

    /// One year before dates belongs to these.
    private func carry(_ rule: inout Rule, _ year: inout Int?) {
        guard rule.years.count == 1, let only = rule.years.first, only.last == only.first else { return }
        year = only.first
        rule.years = []
    }

    /// Takes a comma when what follows it goes on with the list.
    mutating func takeComma(before goesOn: (Parser) -> Bool) -> Bool {
        let place = scanner.index
        scanner.skipSpaces()
        let sign = scanner.index
        let isComma = scanner.take(",")
        var isTaken = isComma || scanner.take("&")
        if !isTaken, let word = scanner.word(), ["et", "and"].contains(word.text) {
            scanner.index += word.count
            isTaken = true
        }
        scanner.skipSpaces()
        guard isTaken, goesOn(self) else {
            scanner.index = place
            return false
        }
        if !isComma { scanner.warn("Lists are written with commas.", at: sign) }
        return true
    }

    /// What follows a slash.
    mutating func step(_ what: String) throws(OpeningHoursError) -> Int {
        let place = scanner.index
        guard let step = scanner.number(), step > 0 else {
            scanner.index = place
            throw scanner.expected(what)
        }
        return step
    }

    // MARK: Weeks

    private mutating func weeks() throws(OpeningHoursError) -> [StepRange] {
        var weeks: [StepRange] = []
        repeat {
            scanner.skipSpaces()
            let first = try week()
            var range = StepRange(first: first, last: first)
            if scanner.takeRangeSign() {
                range.last = try week()
                if scanner.take("/") { range.step = try step("a number of weeks from 1 on") }
            }
            weeks.append(range)
            guard weeks.count <= Parser.mostItems else { throw scanner.expected("fewer weeks") }
        } while takeComma(before: { $0.scanner.digits().map { $0.count <= 2 } == true && !$0.startsTime() })
        return weeks
    }

    private mutating func week() throws(OpeningHoursError) -> Int {
        let place = scanner.index
        guard let week = scanner.number(), (1...53).contains(week) else {
            scanner.index = place
            throw scanner.expected("a week from 01 to 53")
        }
        return week
    }

    // MARK: Weekdays and holidays

    private mutating func weekdays(_ rule: inout Rule) throws(OpeningHoursError) {
        var holidaysCameFirst = false
        var isSpoken = false
        while scanner.word() != nil {
            if rule.weekdays.count + rule.holidays.count >= Parser.mostItems, startsWeekday() { throw scanner.expected("fewer days") }
            let article = takeArticle()
            isSpoken = isSpoken || article != nil
            var isHoliday = takeHolidayWords(&rule)
            if !isHoliday { isHoliday = try takeHoliday(&rule) }
            if isHoliday {
                holidaysCameFirst = rule.weekdays.isEmpty
            } else if let word = scanner.word(), Lexicon.weekday(word.text) != nil {
                rule.weekdays.append(try weekdayRange(mustGoOn: article?.mustGoOn ?? false))
            } else {
                break
            }
            if takeComma(before: { $0.startsWeekday() }) {
                if rule.holidaysNarrow, let word = scanner.word(), Lexicon.weekday(word.text) == nil, self.article() == nil {
                    // "SH Mo,PH": Mondays in the holidays, and all public ones?
                    throw scanner.expected("a weekday, or a semicolon before other holidays")
                }
                if holidaysCameFirst, rule.weekdays.isEmpty, self.article() != nil {
                    throw scanner.expected("days without du or le: SH,Mo-Fr are either, and SH Mo-Fr both at once")
                }
                continue
            }
            // "SH Mo-Fr": those Mondays to Fridays that are in the holidays.
            let place = scanner.index
            scanner.skipSpaces()
            if holidaysCameFirst, rule.weekdays.isEmpty, place != scanner.index, let next = scanner.word(),
                Lexicon.weekday(next.text) != nil
            {
                rule.holidaysNarrow = true
                continue
            }
            scanner.index = place
            break
        }
        if isSpoken || !rule.isEveryDay { try pause(isSpoken) }
    }

    /// What may stand between days and times that are said as in a sentence: "lundi, de 9h à 12h". Days alone, with an article, say too little.
    private mutating func pause(_ isSpoken: Bool) throws(OpeningHoursError) {
        let end = scanner.index
        scanner.skipSpaces()
        if scanner.take(",") || isSpoken && scanner.take(":") { scanner.skipSpaces() }
        guard isSpoken else {
            if scanner.word()?.text != "de" { scanner.index = end }
            return
        }
        let isModifier = scanner.word().map { Lexicon.modifier($0.text) != nil } ?? false
        guard isModifier || startsTime() else { throw scanner.expected("times of these days, as in du lundi au vendredi de 9h à 12h") }
    }

    /// The word before days in French that stands here, with the spaces after it; `nil` when no days follow.
    func article() -> (text: String, count: Int, mustGoOn: Bool)? {
        guard let word = scanner.word(), let mustGoOn = Lexicon.articles[word.text] else { return nil }
        var rest = scanner
        rest.index += word.count
        rest.skipSpaces()
        guard let next = rest.word()?.text else { return nil }
        let count = rest.index - scanner.index
        var isDay = Lexicon.weekday(next) != nil
        if !isDay, !mustGoOn { isDay = Lexicon.holiday(next) != nil || Parser.holidayWords.contains { rest.take($0.text) } }
        return isDay ? (word.text, count, mustGoOn) : nil
    }

    private mutating func takeArticle() -> (text: String, count: Int, mustGoOn: Bool)? {
        guard let article = article() else { return nil }
        scanner.warn("Days are written without \"\(article.text)\".", at: scanner.index)
        scanner.index += article.count
        return article
    }

    func startsWeekday() -> Bool {
        if article() != nil { return true }
        guard let word = scanner.word()?.text else { return false }
        return Lexicon.weekday(word) != nil || Lexicon.holiday(word) != nil || ["jours", "vacances"].contains(word)
    }

    private static let holidayWords: [(text: String, kind: Holiday.Kind)] = [
        ("jours feries", .publicHoliday), ("vacances scolaires", .schoolHoliday),
    ]

    /// "jours fériés", "vacances scolaires".
    private mutating func takeHolidayWords(_ rule: inout Rule) -> Bool {
        for (text, kind) in Parser.holidayWords where scanner.take(text) {
            scanner.warn("This is written \(kind == .publicHoliday ? "PH" : "SH").", at: scanner.index - text.count)
            rule.holidays.append(Holiday(kind: kind))
            return true
        }
        return false
    }

    private mutating func takeHoliday(_ rule: inout Rule) throws(OpeningHoursError) -> Bool {
        guard let word = scanner.word(), let (kind, isExact) = Lexicon.holiday(word.text) else { return false }
        if !isExact { scanner.warn("This is written PH.", at: scanner.index) }
        scanner.index += word.count
        rule.holidays.append(Holiday(kind: kind, offset: try dayOffset() ?? 0))
        return true
    }

    /// - Parameter mustGoOn: Whether it must have another end.
    private mutating func weekdayRange(mustGoOn: Bool) throws(OpeningHoursError) -> WeekdayRange {
        let first = try weekday()
        var range = WeekdayRange(first: first, last: first)
        if scanner.takeRangeSign() {
            range.last = try weekday()
        } else if mustGoOn {
            throw scanner.expected("au and a weekday, as in du lundi au vendredi")
        } else if scanner.take("[") {
            range.nth = try nths()
            range.offset = try dayOffset() ?? 0
        }
        return range
    }

    private mutating func weekday() throws(OpeningHoursError) -> Int {
        guard let word = scanner.word(), let (day, isExact) = Lexicon.weekday(word.text) else {
            throw scanner.expected("a weekday: Mo, Tu, We, Th, Fr, Sa or Su")
        }
        if scanner.isMardi {
            scanner.warn(.mardi, at: scanner.index)
        } else if !isExact {
            scanner.warn("This is written \(Lexicon.name(weekday: day)).", at: scanner.index)
        }
        scanner.index += word.count
        if !isExact { _ = scanner.take(".") }
        return day
    }

    private mutating func nths() throws(OpeningHoursError) -> [Int] {
        var nths: [Int] = []
        repeat {
            scanner.skipSpaces()
            let isFromEnd = scanner.take("-")
            var place = scanner.index
            guard let first = scanner.number(), (1...5).contains(first) else {
                scanner.index = place
                throw scanner.expected("a number from 1 to 5, or from -1 to -5")
            }
            var last = first
            if !isFromEnd, scanner.takeRangeSign() {
                place = scanner.index
                guard let to = scanner.number(), (first...5).contains(to) else {
                    scanner.index = place
                    throw scanner.expected("a number from \(first) to 5")
                }
                last = to
            }
            nths += (first...last).map { isFromEnd ? -$0 : $0 }
            guard nths.count <= 20 else { throw scanner.expected("fewer numbers") }
            scanner.skipSpaces()
        } while scanner.take(",")
        guard scanner.take("]") else { throw scanner.expected("a closing bracket") }
        return nths
    }

    /// `+1 day`, `-2 days`.
    mutating func dayOffset() throws(OpeningHoursError) -> Int? {
        let place = scanner.index
        scanner.skipSpaces()
        let isMinus = scanner.peek() == "-"
        guard isMinus || scanner.peek() == "+" else {
            scanner.index = place
            return nil
        }
        let sign = scanner.index
        scanner.index += 1
        scanner.skipSpaces()
        guard let count = scanner.number() else {
            scanner.index = place
            return nil
        }
        scanner.skipSpaces()
        guard let word = scanner.word(), ["day", "days", "jour", "jours"].contains(word.text) else {
            scanner.index = place
            return nil
        }
        guard count <= 366 else { throw OpeningHoursError(column: sign + 1, message: "expected at most 366 days; found \(count)") }
        scanner.index += word.count
        return isMinus ? -count : count
    }
}
