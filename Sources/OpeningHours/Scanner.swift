/// Goes through the text of an expression. Letters are compared in lower case and without accents.
struct Scanner {
    /// The longest expression that is read, in characters: the longest in use are some 800.
    static let longest = 1000

    let characters: [Character]
    private let folded: [Character]
    var index = 0
    private(set) var warnings: [OpeningHours.Warning] = []
    /// Where "mar" stands for "mardi", and is read as that.
    var mardis: Set<Int> = []

    init(_ text: String) {
        characters = Array(text)
        folded = characters.map(Scanner.fold)
    }

    var isAtEnd: Bool { index >= characters.count }
    var column: Int { index + 1 }

    /// The character at a distance from here, folded.
    func peek(_ distance: Int = 0) -> Character? {
        let place = index + distance
        return place >= 0 && place < folded.count ? folded[place] : nil
    }

    mutating func skipSpaces() {
        while let next = peek(), next == " " { index += 1 }
    }

    /// Whether there was white space before here.
    var isAfterSpace: Bool { peek(-1) == " " }

    /// Takes `text` (folded) if it stands here.
    mutating func take(_ text: String) -> Bool {
        var place = index
        for character in text {
            guard place < folded.count, folded[place] == character else { return false }
            place += 1
        }
        index = place
        return true
    }

    /// The run of letters that begins here, folded, and how long it is.
    func word() -> (text: String, count: Int)? {
        var end = index
        while end < folded.count, folded[end].isLetter { end += 1 }
        return end > index ? (isMardi ? "mardi" : String(folded[index..<end]), end - index) : nil
    }

    var isMardi: Bool { mardis.contains(index) }

    /// The run of digits that begins here: at most nine, so that it fits.
    func digits(from distance: Int = 0) -> (value: Int, count: Int)? {
        var end = index + distance
        var value = 0
        while end < folded.count, let digit = folded[end].asciiDigit, end - index - distance < 9 {
            value = value * 10 + digit
            end += 1
        }
        return end > index + distance ? (value, end - index - distance) : nil
    }

    mutating func number() -> Int? {
        guard let (value, count) = digits() else { return nil }
        index += count
        return value
    }

    /// A hyphen or what is written for one: a dash, "à", "bis", "to".
    mutating func takeRangeSign() -> Bool {
        let start = index
        skipSpaces()
        if let next = peek() {
            if next == "-" {
                index += 1
                skipSpaces()
                return true
            }
            if "–—−‐‑~".contains(next) {
                warn("Ranges are written with a hyphen.", at: index)
                index += 1
                skipSpaces()
                return true
            }
            if let word = word(), ["a", "au", "to", "until", "jusqu"].contains(word.text), start != index || word.count > 1 {
                warn("Ranges are written with a hyphen, not with \"\(word.text)\".", at: index)
                index += word.count
                // "jusqu'à", "jusqu'au"
                if word.text == "jusqu", take("'"), let word = self.word(), ["a", "au"].contains(word.text) { index += word.count }
                skipSpaces()
                return true
            }
        }
        index = start
        return false
    }

    /// Guesses are told however much else there is to tell.
    mutating func warn(_ guess: Guess, at place: Int) {
        warnings.append(.init(column: place + 1, message: guess.rawValue, guess: guess))
    }

    mutating func warn(_ message: String, at place: Int) {
        if warnings.count < 50 { warnings.append(.init(column: place + 1, message: message, guess: nil)) }
    }

    func expected(_ what: String) -> OpeningHoursError {
        let found = isAtEnd ? "the text ends" : "\"\(String(characters[index..<min(characters.count, index + 12)]))\" was found"
        return OpeningHoursError(column: column, message: "expected \(what); \(found)")
    }

    private static func fold(_ character: Character) -> Character {
        if character.isASCII {
            if character.isWhitespace { return " " }
            return character.lowercased().first ?? character
        }
        switch character {
        case "é", "è", "ê", "ë", "É", "È", "Ê": return "e"
        case "à", "â", "ä", "À", "Â": return "a"
        case "û", "ù", "ü", "Û": return "u"
        case "î", "ï": return "i"
        case "ô", "ö": return "o"
        case "ç": return "c"
        case "’": return "'"
        case "“", "”", "„", "«", "»": return "\""
        case "：": return ":"
        case "，", "、": return ","
        case "；": return ";"
        default: return character.isWhitespace ? " " : character
        }
    }
}

extension Character {
    fileprivate var asciiDigit: Int? {
        guard let value = asciiValue, (48...57).contains(value) else { return nil }
        return Int(value) - 48
    }
}
