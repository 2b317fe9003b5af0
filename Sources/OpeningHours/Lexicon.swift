/// The words of the language, and those that people write in their place.
enum Lexicon {
    /// As the specification has them: two letters, Monday is 0.
    static let weekdays = ["mo", "tu", "we", "th", "fr", "sa", "su"]
    static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// As they are written: `Mo`, `Jan`.
    static func name(weekday: Int) -> String { capitalized(weekdays[weekday]) }
    static func name(month: Int) -> String { capitalized(months[month - 1]) }

    private static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    /// - Returns: The weekday, and whether it is written as the specification has it but for case.
    static func weekday(_ word: String) -> (day: Int, isExact: Bool)? {
        if let day = weekdays.firstIndex(of: word) { return (day, true) }
        return otherWeekdays[word].map { ($0, false) }
    }

    /// - Returns: The month, 1…12.
    static func month(_ word: String) -> (month: Int, isExact: Bool)? {
        if let month = months.firstIndex(of: word) { return (month + 1, true) }
        return otherMonths[word].map { ($0, false) }
    }

    static func isFrenchWeekday(_ word: String) -> Bool { frenchWeekdays.contains { $0.contains(word) } }

    /// From Monday on. "mar" is March, but for where ``Parser/placesOfMardi()`` finds it.
    private static let frenchWeekdays = [
        ["lundi", "lun", "lu", "lundis"], ["mardi", "mardis", "ma"], ["mercredi", "mer", "me", "mercredis"],
        ["jeudi", "jeu", "je", "jeudis"], ["vendredi", "ven", "ve", "vendredis"], ["samedi", "sam", "samedis"],
        ["dimanche", "dim", "di", "dimanches"],
    ]

    private static let englishWeekdays = [
        ["monday", "mon"], ["tuesday", "tue", "tues"], ["wednesday", "wed"], ["thursday", "thu", "thur", "thurs"], ["friday", "fri"],
        ["saturday", "sat"], ["sunday", "sun"],
    ]

    private static let otherWeekdays: [String: Int] = {
        var words: [String: Int] = [:]
        for lists in [englishWeekdays, frenchWeekdays] {
            for (day, list) in lists.enumerated() { for word in list { words[word] = day } }
        }
        return words
    }()

    private static let otherMonths: [String: Int] = {
        var words: [String: Int] = [:]
        let lists = [
            ["january", "janvier", "janv"], ["february", "fevrier", "fev", "fevr"], ["march", "mars"], ["april", "avril", "avr"], ["mai"],
            ["june", "juin"], ["july", "juillet", "juil"], ["august", "aout", "aou"], ["september", "septembre", "sept"],
            ["october", "octobre"], ["november", "novembre"], ["december", "decembre"],
        ]
        for (index, list) in lists.enumerated() { for word in list { words[word] = index + 1 } }
        return words
    }()

    /// Words that stand before days in French, and whether these must then go on to another day: "du lundi au vendredi".
    static let articles = ["du": true, "de": true, "le": false, "les": false]

    static func modifier(_ word: String) -> (state: OpeningHours.State, isExact: Bool)? {
        switch word {
        case "open": (.open, true)
        case "off", "closed": (.closed, true)
        case "unknown": (.unknown, true)
        case "ouvert", "ouverte": (.open, false)
        case "ferme", "fermee", "fermeture", "close": (.closed, false)
        default: nil
        }
    }

    static func holiday(_ word: String) -> (kind: Holiday.Kind, isExact: Bool)? {
        switch word {
        case "ph": (.publicHoliday, true)
        case "sh": (.schoolHoliday, true)
        case "feries", "ferie": (.publicHoliday, false)
        default: nil
        }
    }
}
