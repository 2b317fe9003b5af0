/// Times of day.
extension Parser {
    /// Whether a time begins here: `9:00`, `9h`, `9.30`, `9am`, `sunrise`, `(sunset-01:00)`.
    func startsTime() -> Bool {
        if scanner.peek() == "(" { return true }
        if let word = scanner.word()?.text { return SunEvent(rawValue: word) != nil || ["de", "midi", "minuit"].contains(word) }
        guard let (_, count) = scanner.digits(), count <= 2 else { return false }
        switch scanner.peek(count) {
        case ":", "h": return true
        case ".": return scanner.digits(from: count + 1)?.count == 2
        case "a", "p": return scanner.peek(count + 1) == "m"
        case " ":
            let next = scanner.peek(count + 1)
            return next == "h" || (next == "a" || next == "p") && scanner.peek(count + 2) == "m"
        default: return false
        }
    }

    mutating func times() throws(OpeningHoursError) -> [TimeSpan] {
        var spans: [TimeSpan] = []
        repeat {
            guard spans.count < Parser.mostItems else { throw scanner.expected("fewer times") }
            spans.append(try span())
        } while takeComma(before: { $0.startsTime() })
        return spans
    }

    private mutating func span() throws(OpeningHoursError) -> TimeSpan {
        if let word = scanner.word(), word.text == "de" {
            scanner.warn("Times are written 09:00-12:00.", at: scanner.index)
            scanner.index += word.count
            scanner.skipSpaces()
        }
        let begin = scanner.index
        let start = try time(latest: 24 * 60)
        if case .clock(let minute) = start, minute > 1439 {
            throw OpeningHoursError(column: begin + 1, message: "expected a time from 00:00 to 23:59 to begin with")
        }
        if scanner.take("+") { return TimeSpan(start: start, end: nil) }
        guard scanner.takeRangeSign() else {
            throw scanner.expected("a hyphen and a time at which it ends (09:00-12:00), or + when that is open (09:00+)")
        }
        var end = try time(latest: 48 * 60)
        if case .clock(let from) = start, case .clock(let to) = end, to <= from {
            // Past midnight: 22:00-02:00. The same time twice is a whole day.
            end = .clock(to + 1440)
        }
        if case .clock(let from) = start, case .clock(let to) = end, to - from > 1440 {
            throw OpeningHoursError(column: begin + 1, message: "expected at most 24 hours; found more")
        }
        if scanner.peek() == "/" { throw scanner.expected("no interval: opening hours have no /") }
        return TimeSpan(start: start, end: end, mayGoOn: scanner.take("+"))
    }

    private mutating func time(latest: Int) throws(OpeningHoursError) -> TimePoint {
        if scanner.take("(") {
            scanner.skipSpaces()
            guard let event = sunEvent() else { throw scanner.expected("dawn, sunrise, sunset or dusk") }
            scanner.skipSpaces()
            let isMinus = scanner.peek() == "-"
            guard isMinus || scanner.peek() == "+" else { throw scanner.expected("+ or - and a time, as in (sunrise+01:00)") }
            scanner.index += 1
            scanner.skipSpaces()
            let minutes = try clock(latest: 24 * 60)
            scanner.skipSpaces()
            guard scanner.take(")") else { throw scanner.expected("a closing parenthesis") }
            return .sun(event, offset: isMinus ? -minutes : minutes)
        }
        if let event = sunEvent() { return .sun(event, offset: 0) }
        if let word = scanner.word(), ["midi", "minuit"].contains(word.text) {
            scanner.warn("This is written \(word.text == "midi" ? "12:00" : "00:00").", at: scanner.index)
            scanner.index += word.count
            return .clock(word.text == "midi" ? 720 : latest > 1440 ? 1440 : 0)
        }
        return .clock(try clock(latest: latest))
    }

    private mutating func sunEvent() -> SunEvent? {
        guard let word = scanner.word(), let event = SunEvent(rawValue: word.text) else { return nil }
        scanner.index += word.count
        return event
    }

    /// Hours and minutes in minutes.
    private mutating func clock(latest: Int) throws(OpeningHoursError) -> Int {
        let place = scanner.index
        guard let (first, count) = scanner.digits(), count <= 2 else { throw scanner.expected("a time, as in 09:00") }
        var hour = first
        scanner.index += count
        var minute = 0
        var isExact = count == 2
        if scanner.take(":") {
            guard let (value, digits) = scanner.digits(), digits == 2, value < 60 else {
                throw scanner.expected("two digits of minutes, 00 to 59")
            }
            minute = value
            scanner.index += 2
            isExact = isExact && scanner.peek() != ":"
            // Seconds, which some programs write.
            if scanner.peek() == ":", let (second, digits) = scanner.digits(from: 1), digits == 2, second == 0 { scanner.index += 3 }
        } else {
            isExact = false
            let afterHour = scanner.index
            scanner.skipSpaces()
            if scanner.take("heures") || scanner.take("heure") || scanner.take("h") {
                let mark = scanner.index
                scanner.skipSpaces()
                if let (value, digits) = scanner.digits(), digits == 2, value < 60, scanner.peek(2) != ":", scanner.peek(2) != "h" {
                    minute = value
                    scanner.index += 2
                } else {
                    scanner.index = mark
                }
            } else {
                scanner.index = afterHour
                if scanner.peek() == ".", let (value, digits) = scanner.digits(from: 1), digits == 2, value < 60 {
                    minute = value
                    scanner.index += 3
                }
            }
        }
        if let half = half() {
            guard (1...12).contains(hour) else {
                throw OpeningHoursError(column: place + 1, message: "expected an hour from 1 to 12 before am or pm")
            }
            hour = hour % 12 + (half == "pm" ? 12 : 0)
            isExact = false
        }
        let total = hour * 60 + minute
        guard total <= latest else {
            throw OpeningHoursError(
                column: place + 1, message: "expected a time until \(latest / 60):00; found \(hour):\(minute < 10 ? "0" : "")\(minute)")
        }
        if !isExact { scanner.warn("This time is written \(Canonical.clock(total)).", at: place) }
        return total
    }

    private mutating func half() -> String? {
        let place = scanner.index
        scanner.skipSpaces()
        for half in ["am", "pm"] where scanner.take(half) { return half }
        scanner.index = place
        return nil
    }
}
