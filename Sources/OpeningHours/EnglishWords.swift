/// Plain English.
enum EnglishWords: Words {
    static let always = "every day, around the clock"
    static let everyDay = "every day"
    static let allDay = "all day"
    static let uncertain = "to be confirmed"
    static let unknownHours = "hours to be confirmed"
    static let closed = "closed"
    static let except = "except"
    static let including = "including"
    static let instead = "instead"
    static let also = "and"
    static let otherwise = "otherwise,"
    static let and = "and"

    static let stop = "; "

    static func exception(_ days: String) -> String { days }
    static func quoted(_ comment: String) -> String { "“\(comment)”" }
    static func closed(_ when: String) -> String { "closed \(when)" }

    private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    private static let ordinals = ["first", "second", "third", "fourth", "fifth"]

    static func weekdays(of rule: Rule) -> [String] {
        weekdays(of: rule, run: { $0 == $1 ? "on \(days[$0])s" : "from \(days[$0]) to \(days[$1])" }, numbered: numbered, holiday: holiday)
    }

    private static func numbered(_ day: Int, _ nths: [Int], _ offset: Int) -> String {
        let each = nths.map { nth in
            switch nth {
            case -1: "last"
            case ..<0: "\(ordinals[-nth - 1])-to-last"
            default: ordinals[nth - 1]
            }
        }
        let base = nths.isEmpty ? "each \(days[day])" : "the \(list(each)) \(days[day]) of the month"
        return offset == 0 ? (nths.isEmpty ? base : "on \(base)") : "\(distance(offset)) \(base)"
    }

    private static func holiday(_ holiday: Holiday) -> String {
        if holiday.kind == .schoolHoliday {
            return holiday.offset == 0 ? "during school holidays" : "\(distance(holiday.offset)) days of school holidays"
        }
        return holiday.offset == 0 ? "on public holidays" : "\(distance(holiday.offset)) public holidays"
    }

    private static func distance(_ days: Int) -> String { "\(abs(days)) day\(abs(days) == 1 ? "" : "s") \(days > 0 ? "after" : "before")" }

    // MARK: Dates

    static func dates(_ ranges: [DateRange]) -> [String] {
        ranges.map { range in
            switch range {
            case .months(let year, let months):
                let suffix = year.map { " \($0)" } ?? ""
                if months.first == months.last { return "in \(self.months[months.first - 1])\(suffix)" }
                let step = months.step > 1 ? " (every \(months.step) months)" : ""
                let (first, last) = (self.months[months.first - 1], self.months[months.last - 1])
                if let year, months.first > months.last { return "from \(first) \(year) to \(last) \(year + 1)\(step)" }
                return "from \(first) to \(last)\(suffix)\(step)"
            case .openDays(let from): return "from \(point(from)) on\(from.year == nil ? " until the end of the year" : "")"
            case .days(let from, let to):
                if from != to { return "from \(point(from)) to \(point(to))" }
                if case .easter = from.anchor, from.weekday == nil, let feast = feasts[from.offset] {
                    return "on \(feast)" + (from.year.map { " \($0)" } ?? "")
                }
                return from.offset == 0 ? "on \(point(from))" : point(from)
            }
        }
    }

    /// By the days from Easter Sunday.
    private static let feasts = [-2: "Good Friday", 1: "Easter Monday", 39: "Ascension Day", 49: "Whit Sunday", 50: "Whit Monday"]

    private static func point(_ point: DatePoint) -> String {
        var text: String
        switch point.anchor {
        case .easter: text = "Easter Sunday"
        case .month(let month, let day): text = "\(day) \(months[month - 1])"
        }
        if let year = point.year { text += " \(year)" }
        if let weekday = point.weekday {
            text = "the \(weekday.after ? "first" : "last") \(days[weekday.day]) \(weekday.after ? "after" : "before") \(text)"
        }
        return point.offset == 0 ? text : "\(distance(point.offset)) \(text)"
    }

    static func weeks(_ ranges: [StepRange]) -> [String] {
        ranges.map { range in
            if range.first == range.last { return "in week \(range.first)" }
            return "in weeks \(range.first) to \(range.last)" + (range.step > 1 ? " (one in \(range.step))" : "")
        }
    }

    static func years(_ ranges: [YearRange]) -> [String] {
        ranges.map { range in
            guard let last = range.last else { return "from \(range.first) on" }
            if last == range.first { return "in \(last)" }
            return "from \(range.first) to \(last)" + (range.step > 1 ? " (one year in \(range.step))" : "")
        }
    }

    // MARK: Times

    static func time(_ span: TimeSpan) -> String {
        guard let end = span.end else { return "from \(time(span.start)) on" }
        return "from \(time(span.start)) to \(time(end))\(span.mayGoOn ? " or later" : "")"
    }

    private static func time(_ time: TimePoint) -> String {
        switch time {
        case .clock(let minute):
            if minute % 1440 == 0 { return "midnight" }
            return minute > 1440 ? "\(Canonical.clock(minute - 1440)) the next day" : Canonical.clock(minute)
        case .sun(let event, 0): return event.rawValue
        case .sun(let event, let offset):
            let minutes = abs(offset)
            let length = minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60)")
            return "\(length) \(offset > 0 ? "after" : "before") \(event.rawValue)"
        }
    }
}
