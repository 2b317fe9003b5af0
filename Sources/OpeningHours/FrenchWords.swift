/// Plain French.
enum FrenchWords: Words {
    static let always = "tous les jours, 24 heures sur 24"
    static let everyDay = "tous les jours"
    static let allDay = "toute la journée"
    static let uncertain = "à vérifier"
    static let unknownHours = "horaires à vérifier"
    static let closed = "fermé"
    static let except = "sauf"
    static let including = "y compris"
    static let instead = "à la place"
    static let also = "et"
    static let otherwise = "sinon,"
    static let and = "et"

    static let stop = " ; "

    static func exception(_ days: String) -> String { days.hasPrefix("les jours fériés") ? String(days.dropFirst(4)) : days }
    static func quoted(_ comment: String) -> String { "« \(comment) »" }
    static func closed(_ when: String) -> String { "fermé \(when)" }

    private static let days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
    private static let months = [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ]
    private static let ordinals = ["premier", "deuxième", "troisième", "quatrième", "cinquième"]

    static func weekdays(of rule: Rule) -> [String] {
        weekdays(of: rule, run: { $0 == $1 ? "le \(days[$0])" : "du \(days[$0]) au \(days[$1])" }, numbered: numbered, holiday: holiday)
    }

    private static func numbered(_ day: Int, _ nths: [Int], _ offset: Int) -> String {
        let each = nths.map { nth in
            switch nth {
            case -1: "le dernier"
            case -2: "l’avant-dernier"
            case ..<0: "le \(ordinals[-nth - 1]) (à partir de la fin)"
            default: "le \(ordinals[nth - 1])"
            }
        }
        let base = nths.isEmpty ? "le \(days[day])" : "\(list(each)) \(days[day]) du mois"
        return offset == 0 ? base : "\(distance(offset)) \(base)"
    }

    private static func holiday(_ holiday: Holiday) -> String {
        if holiday.kind == .schoolHoliday {
            return holiday.offset == 0 ? "pendant les vacances scolaires" : "\(distance(holiday.offset)) les jours de vacances scolaires"
        }
        switch holiday.offset {
        case 0: return "les jours fériés"
        case 1: return "le lendemain des jours fériés"
        case -1: return "la veille des jours fériés"
        default: return "\(distance(holiday.offset)) les jours fériés"
        }
    }

    /// "2 jours après".
    private static func distance(_ days: Int) -> String { "\(abs(days)) jour\(abs(days) == 1 ? "" : "s") \(days > 0 ? "après" : "avant")" }

    // MARK: Dates

    static func dates(_ ranges: [DateRange]) -> [String] {
        ranges.map { range in
            switch range {
            case .months(let year, let months):
                let suffix = year.map { " \($0)" } ?? ""
                if months.first == months.last { return "en \(self.months[months.first - 1])\(suffix)" }
                let step = months.step > 1 ? " (un mois sur \(months.step))" : ""
                let (first, last) = (of(self.months[months.first - 1]), self.months[months.last - 1])
                if let year, months.first > months.last { return "\(first) \(year) à \(last) \(year + 1)\(step)" }
                return "\(first) à \(last)\(suffix)\(step)"
            case .openDays(let from):
                return "\(joined("à partir ", from))\(from.year == nil ? " jusqu’à la fin de l’année" : "")"
            case .days(let from, let to):
                if from == to { return single(from) }
                return joined("", from) + " " + (isNamed(to) ? "au \(point(to))" : "à \(point(to))")
            }
        }
    }

    private static func of(_ month: String) -> String { "aeiouyâé".contains(month.prefix(1)) ? "d’\(month)" : "de \(month)" }

    /// A day with a number is "le 24 décembre"; others stand by themselves: "Pâques", "2 jours avant Pâques".
    private static func isNamed(_ point: DatePoint) -> Bool {
        if case .easter = point.anchor { return point.weekday != nil && point.offset == 0 }
        return point.offset == 0
    }

    /// By the days from Easter Sunday.
    private static let feasts = [
        -2: "le vendredi saint", 1: "le lundi de Pâques", 39: "le jeudi de l’Ascension", 49: "le dimanche de Pentecôte",
        50: "le lundi de Pentecôte",
    ]

    private static func joined(_ prefix: String, _ point: DatePoint) -> String {
        prefix + (isNamed(point) ? "du " : "de ") + self.point(point)
    }

    private static func single(_ point: DatePoint) -> String {
        if case .easter = point.anchor, point.weekday == nil, let feast = feasts[point.offset] {
            return feast + (point.year.map { " \($0)" } ?? "")
        }
        if isNamed(point) { return "le \(self.point(point))" }
        return point.offset == 0 ? "à \(self.point(point))" : self.point(point)
    }

    private static func point(_ point: DatePoint) -> String {
        var text: String
        switch point.anchor {
        case .easter: text = "Pâques"
        case .month(let month, let day): text = "\(day == 1 ? "1er" : "\(day)") \(months[month - 1])"
        }
        if let year = point.year { text += " \(year)" }
        let isDate = if case .month = point.anchor { true } else { false }
        if let weekday = point.weekday {
            text =
                "\(weekday.after ? "premier" : "dernier") \(days[weekday.day]) \(weekday.after ? "après" : "avant") \(isDate ? "le " : "")\(text)"
            return point.offset == 0 ? text : "\(distance(point.offset)) le \(text)"
        }
        return point.offset == 0 ? text : "\(distance(point.offset)) \(isDate ? "le " : "")\(text)"
    }

    static func weeks(_ ranges: [StepRange]) -> [String] {
        ranges.map { range in
            if range.first == range.last { return "la semaine \(range.first)" }
            return "les semaines \(range.first) à \(range.last)" + (range.step > 1 ? " (une sur \(range.step))" : "")
        }
    }

    static func years(_ ranges: [YearRange]) -> [String] {
        ranges.map { range in
            guard let last = range.last else { return "à partir de \(range.first)" }
            if last == range.first { return "en \(last)" }
            return "de \(range.first) à \(last)" + (range.step > 1 ? " (une année sur \(range.step))" : "")
        }
    }

    // MARK: Times

    static func time(_ span: TimeSpan) -> String {
        guard let end = span.end else {
            if case .clock(let minute) = span.start { return "à partir de \(clock(minute))" }
            return "à partir " + from(span.start)
        }
        return "\(from(span.start)) \(to(end))\(span.mayGoOn ? " ou plus tard" : "")"
    }

    private static func from(_ time: TimePoint) -> String {
        switch time {
        case .clock(let minute): "de \(clock(minute))"
        case .sun(.dawn, 0): "de l’aube"
        case .sun(.sunrise, 0): "du lever du soleil"
        case .sun(.sunset, 0): "du coucher du soleil"
        case .sun(.dusk, 0): "de la tombée de la nuit"
        case .sun(let event, let offset): "de \(beside(event, offset))"
        }
    }

    private static func to(_ time: TimePoint) -> String {
        switch time {
        case .clock(let minute): "à \(clock(minute))"
        case .sun(.dawn, 0): "à l’aube"
        case .sun(.sunrise, 0): "au lever du soleil"
        case .sun(.sunset, 0): "au coucher du soleil"
        case .sun(.dusk, 0): "à la tombée de la nuit"
        case .sun(let event, let offset): "à \(beside(event, offset))"
        }
    }

    private static func beside(_ event: SunEvent, _ offset: Int) -> String {
        let name =
            switch event {
            case .dawn: "l’aube"
            case .sunrise: "le lever du soleil"
            case .sunset: "le coucher du soleil"
            case .dusk: "la tombée de la nuit"
            }
        let minutes = abs(offset)
        let length = minutes < 60 ? "\(minutes) min" : hours(minutes)
        return "\(length) \(offset > 0 ? "après" : "avant") \(name)"
    }

    private static func hours(_ minutes: Int) -> String {
        let rest = minutes % 60
        return "\(minutes / 60) h" + (rest == 0 ? "" : rest < 10 ? " 0\(rest)" : " \(rest)")
    }

    private static func clock(_ minutes: Int) -> String {
        if minutes % 1440 == 0 { return "minuit" }
        return minutes > 1440 ? "\(hours(minutes - 1440)) le lendemain" : hours(minutes)
    }
}
