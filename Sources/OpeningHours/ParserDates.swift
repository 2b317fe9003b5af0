/// Dates: months, days of months, easter, and ranges of them.
extension Parser {
    func startsDate() -> Bool {
        guard let word = scanner.word()?.text else { return false }
        return Lexicon.month(word) != nil || word == "easter" || word == "paques"
    }

    private func startsDateOrYear() -> Bool {
        if startsDate() { return true }
        guard let (value, count) = scanner.digits(), count == 4, (1900...2999).contains(value) else { return false }
        var copy = self
        copy.scanner.index += 4
        copy.scanner.skipSpaces()
        return copy.startsDate()
    }

    /// - Parameter year: The one that stood before the first.
    mutating func dates(_ year: Int?) throws(OpeningHoursError) -> [DateRange] {
        var year = year
        var ranges: [DateRange] = []
        repeat {
            if let (value, count) = scanner.digits(), count == 4 {
                year = value
                scanner.index += 4
                scanner.skipSpaces()
            }
            ranges += try dateRange(&year)
            guard ranges.count <= Parser.mostItems else { throw scanner.expected("fewer dates") }
        } while takeComma(before: { $0.startsDateOrYear() })
        return ranges
    }

    private mutating func dateRange(_ year: inout Int?) throws(OpeningHoursError) -> [DateRange] {
        let monthOnly = wholeMonth()
        if let month = monthOnly {
            var last = month
            let place = scanner.index
            if scanner.takeRangeSign() {
                if let to = wholeMonth() { last = to } else { scanner.index = place }
            }
            if last == month, place != scanner.index || !scanner.isAtEnd, scanner.takeRangeSign() {
                // "Jan-Feb 15": from the first of January.
                let from = DatePoint(year: year, anchor: .month(month, day: 1))
                return [.days(from: from, to: try datePoint(nil))]
            }
            var range = StepRange(first: month, last: last)
            if scanner.take("/") { range.step = try step("a number of months from 1 on") }
            return [.months(year: year, range)]
        }
        let from = try datePoint(year)
        if scanner.take("+") { return [.openDays(from: from)] }
        guard scanner.takeRangeSign() else { return try days(of: from) }
        let second = scanner.index
        var to: DatePoint
        if case .month(let month, let first) = from.anchor, let (_, count) = scanner.digits(), count <= 2, !startsTime() {
            // "Dec 24-26"
            to = DatePoint(anchor: .month(month, day: try day(of: month, from: first)))
            try offsets(&to)
        } else {
            var last: Int?
            if let (value, count) = scanner.digits(), count == 4 {
                last = value
                scanner.index += 4
                scanner.skipSpaces()
            }
            to = try datePoint(last)
            if let first = from.year, let last, to.end(in: last) < from.start(in: first) {
                scanner.index = second
                throw scanner.expected("an end that is not before the beginning")
            }
        }
        // "2025 Dec 24-24" is one day.
        if to.year == nil {
            to.year = from.year
            if to != from { to.year = nil }
        }
        return [.days(from: from, to: to)]
    }

    /// A day of the month that has it, from the one before on.
    private mutating func day(of month: Int, from first: Int) throws(OpeningHoursError) -> Int {
        let place = scanner.index
        let last = month == 2 ? 29 : Civil.length(ofMonth: month, year: 2000)
        guard let day = scanner.number(), day >= first, day <= last else {
            scanner.index = place
            throw scanner.expected(first == 1 ? "a day that \(Lexicon.name(month: month)) has" : "a day from \(first) to \(last)")
        }
        return day
    }

    /// "Jan 05,10": more days of the same month.
    private mutating func days(of point: DatePoint) throws(OpeningHoursError) -> [DateRange] {
        var ranges: [DateRange] = [.days(from: point, to: point)]
        guard case .month(let month, _) = point.anchor, point.offset == 0, point.weekday == nil else { return ranges }
        while takeComma(before: { parser in
            guard let (day, count) = parser.scanner.digits(), count <= 2, (1...31).contains(day) else { return false }
            return !parser.startsTime()
        }) {
            guard ranges.count < 31 else { throw scanner.expected("fewer days") }
            let day = try day(of: month, from: 1)
            let first = DatePoint(year: point.year, anchor: .month(month, day: day))
            var last = first
            let place = scanner.index
            if scanner.takeRangeSign() {
                if let (_, count) = scanner.digits(), count <= 2, !startsTime() {
                    last.anchor = .month(month, day: try self.day(of: month, from: day))
                } else {
                    scanner.index = place
                }
            }
            ranges.append(.days(from: first, to: last))
        }
        return ranges
    }

    /// A month without a day.
    private mutating func wholeMonth() -> Int? {
        let place = scanner.index
        guard let word = scanner.word(), let (month, isExact) = Lexicon.month(word.text) else { return nil }
        scanner.index += word.count
        let end = scanner.index
        _ = !isExact && scanner.take(".")
        scanner.skipSpaces()
        if let (day, count) = scanner.digits(), count <= 2, (1...31).contains(day), !startsTime() {
            scanner.index = place
            return nil
        }
        if !isExact { scanner.warn("This is written \(Lexicon.name(month: month)).", at: place) }
        scanner.index = end
        return month
    }

    private mutating func datePoint(_ year: Int?) throws(OpeningHoursError) -> DatePoint {
        guard let word = scanner.word() else { throw scanner.expected("a month (Jan…Dec) or easter") }
        let place = scanner.index
        var point: DatePoint
        if word.text == "easter" || word.text == "paques" {
            if word.text == "paques" { scanner.warn("This is written easter.", at: place) }
            scanner.index += word.count
            point = DatePoint(year: year, anchor: .easter)
        } else if let (month, isExact) = Lexicon.month(word.text) {
            if !isExact { scanner.warn("This is written \(Lexicon.name(month: month)).", at: place) }
            scanner.index += word.count
            scanner.skipSpaces()
            point = DatePoint(year: year, anchor: .month(month, day: try day(of: month, from: 1)))
        } else {
            throw scanner.expected("a month (Jan…Dec) or easter")
        }
        try offsets(&point)
        return point
    }

    /// ` +Su`, ` -2 days`.
    private mutating func offsets(_ point: inout DatePoint) throws(OpeningHoursError) {
        let place = scanner.index
        scanner.skipSpaces()
        if let sign = scanner.peek(), sign == "+" || sign == "-", place != scanner.index || sign == "+" {
            scanner.index += 1
            if let word = scanner.word(), case (let day, true)? = Lexicon.weekday(word.text) {
                scanner.index += word.count
                point.weekday = (day, sign == "+")
            } else {
                scanner.index = place
            }
        } else {
            scanner.index = place
        }
        if let offset = try dayOffset() { point.offset = offset }
    }
}
