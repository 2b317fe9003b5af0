/// Reads an expression of the OSM `opening_hours` language (specification 0.7.4), and what people write in its place as far as it is plain what they mean.
struct Parser {
    /// How many rules an expression may have.
    static let mostRules = 100
    /// How many items a list within a rule may have.
    static let mostItems = 60

    var scanner: Scanner
    /// Where each rule began.
    private(set) var starts: [Int] = []

    init(_ text: String) throws(OpeningHoursError) {
        guard text.utf8.count <= 4 * Scanner.longest, text.count <= Scanner.longest else {
            throw OpeningHoursError(
                column: Scanner.longest + 1, message: "an expression has at most \(Scanner.longest) characters, and this has \(text.count)")
        }
        scanner = Scanner(text)
        scanner.mardis = placesOfMardi()
    }

    mutating func rules() throws(OpeningHoursError) -> [Rule] {
        var rules: [Rule] = []
        var separator = Rule.Separator.normal
        // Where days without times began that no semicolon has ended.
        var bareDays: Int?
        scanner.skipSpaces()
        if scanner.isAtEnd { throw scanner.expected("days or times, as in Mo-Fr 09:00-12:00") }
        while true {
            scanner.skipSpaces()
            if scanner.isAtEnd {
                // A semicolon at the end is common, and means nothing.
                if separator == .normal, !rules.isEmpty {
                    scanner.warn("A semicolon at the end is left out.", at: scanner.index - 1)
                    return rules
                }
                throw scanner.expected("another rule after the \(separator == .fallback ? "||" : "comma")")
            }
            guard rules.count < Parser.mostRules else { throw scanner.expected("at most \(Parser.mostRules) rules") }
            let start = scanner.index
            var rule = try rule()
            if let place = bareDays, !rule.times.isEmpty {
                scanner.warn(.bareDays, at: place)
            }
            rule.separator = rules.isEmpty ? .normal : separator
            if separator == .additional, rule.isOnlyDays, let last = rules.last, last.state == .closed,
                last.isEveryDay || !last.times.isEmpty
            {
                // "lun-ven 9h-12h fermé, mercredi"
                scanner.index = start
                throw scanner.expected("a semicolon, or the days before off, as in Mo off")
            }
            rules.append(rule)
            starts.append(start)
            scanner.skipSpaces()
            if scanner.isAtEnd { return rules }
            bareDays = rule.isOnlyDays && scanner.peek() != ";" && scanner.peek() != "|" ? bareDays ?? start : nil
            let isClosing = rule.modifier == .closed || rule.modifier == .unknown
            if isClosing, rule.isEveryDay || !rule.times.isEmpty, rule.comment == nil, startsDays() {
                // "fermé lundi", "lun-ven 9h-12h fermé mercredi": closed at these times, and open on Wednesday? It is meant the other way round.
                throw scanner.expected("a semicolon, or the days before off, as in Mo off")
            }
            separator = try nextSeparator()
            scanner.skipSpaces()
            // "septembre à juin, du lundi au vendredi": one and the other, or both at once?
            if bareDays != nil, article() != nil { throw scanner.expected("times of the days before, or a semicolon") }
        }
    }

    private mutating func nextSeparator() throws(OpeningHoursError) -> Rule.Separator {
        if scanner.take("||") { return .fallback }
        if scanner.take(";") {
            scanner.skipSpaces()
            while scanner.take(";") { scanner.skipSpaces() }
            return .normal
        }
        if scanner.take(",") { return .additional }
        // "le lundi de 9h à 12h et le mardi de 14h à 17h"
        if takeComma(before: { $0.startsDaysWithTimes() }) { return .additional }
        if scanner.isAfterSpace, scanner.word() != nil, startsDays() {
            // "Mo-Fr 9:00-12:00 Sa 9:00-12:00"
            scanner.warn("Rules are separated by a semicolon.", at: scanner.index)
            return .normal
        }
        throw scanner.expected("the end, a semicolon, a comma or ||")
    }

    /// Whether weekdays and times of theirs follow: "et mardi" after times may be meant to have these.
    private func startsDaysWithTimes() -> Bool {
        guard startsWeekday() else { return false }
        var rest = self
        var rule = Rule()
        guard (try? rest.days(&rule)) != nil else { return false }
        rest.scanner.skipSpaces()
        return rest.startsTime()
    }

    private mutating func startsDays() -> Bool {
        guard let word = scanner.word()?.text else { return false }
        return Lexicon.weekday(word) != nil || Lexicon.holiday(word) != nil || Lexicon.month(word) != nil || word == "week"
    }

    // MARK: One rule

    private mutating func rule() throws(OpeningHoursError) -> Rule {
        var rule = Rule()
        let start = scanner.index
        let isMar = scanner.word()?.text == "mar"
        let told = scanner.warnings.count
        let isAlways = takeAlways()
        if !isAlways {
            try days(&rule)
            scanner.skipSpaces()
            if startsTime() { rule.times = try times() }
        }
        let selected = scanner.index > start
        scanner.skipSpaces()
        try modifier(&rule)
        guard selected || rule.modifier != nil || rule.comment != nil else {
            throw scanner.expected(
                "days (Mo, PH, Jan, 2026, week, easter), times (09:00-12:00), 24/7, open, off, unknown or a comment in quotes")
        }
        if isMar { doubtMarch(rule, at: start, isExact: scanner.warnings.count == told) }
        if rule.comment != nil, rule.modifier == nil, rule.times.isEmpty {
            // Always is a time; words without any say nothing of when.
            if isAlways { rule.times = [.wholeDay] }
            if !rule.isEveryDay {
                scanner.warn(.words, at: start)
            }
        }
        return rule
    }

    private mutating func takeAlways() -> Bool {
        for text in ["24/7", "24 / 7", "7/7 24/24", "24h/24", "24/24", "24 heures sur 24", "24h sur 24"] where scanner.take(text) {
            if text != "24/7" { scanner.warn("Always is written 24/7.", at: scanner.index - text.count) }
            return true
        }
        return false
    }

    private mutating func modifier(_ rule: inout Rule) throws(OpeningHoursError) {
        let before = scanner.index
        if let word = scanner.word(), let (state, isExact) = Lexicon.modifier(word.text) {
            if !isExact { scanner.warn("This is written \(state == .open ? "open" : "off").", at: before) }
            rule.modifier = state
            scanner.index += word.count
            scanner.skipSpaces()
        }
        if scanner.peek() == "\"" { rule.comment = try comment() }
    }

    /// A text in quotes, of whatever kind.
    mutating func comment() throws(OpeningHoursError) -> String {
        let start = scanner.index
        scanner.index += 1
        var text = ""
        while let next = scanner.peek() {
            if next == "\"" {
                scanner.index += 1
                let trimmed = text.split(separator: " ").joined(separator: " ")
                if trimmed.isEmpty { throw OpeningHoursError(column: start + 1, message: "expected words between the quotes") }
                return trimmed
            }
            text.append(next == " " ? " " : scanner.characters[scanner.index])
            scanner.index += 1
        }
        throw OpeningHoursError(column: start + 1, message: "expected a closing quote; the text ends")
    }
}
