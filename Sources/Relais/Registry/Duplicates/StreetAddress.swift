/// An address in parts that can be compared.
struct StreetAddress: Sendable, Equatable {
    /// The house number with its `bis`: `28bis`. Empty when the address has none.
    let number: String
    /// The street's own words, without its kind and articles: `alfred sisley`. When there is no street: the words of what is named instead.
    let street: [[UInt8]]
    /// Whether the words name a street, and not a building or hamlet ("Mairie", "Maison des associations").
    let isStreet: Bool

    /// Postcode and commune, which some write after the street, CEDEX and letter boxes are left out.
    init(_ address: String, postcode: String, commune: String) {
        var words = Self.withoutTown(FoldedWords.of(address), postcode: postcode, commune: FoldedWords.of(commune))
        words = Self.withoutBoxes(words)
        // The street starts at its kind: what stands before (a building, a floor) is no part of it, except a number.
        if let start = Self.start(of: words) {
            isStreet = true
            var number = ""
            if start > 0 {
                let before = words[..<start]
                if let last = before.last, Self.suffixes.contains(last), before.count > 1 {
                    number = Self.number(before[start - 2]) + last.prefix(1)
                    if Self.number(before[start - 2]).isEmpty { number = "" }
                } else if let last = before.last {
                    number = Self.number(last)
                    // `20-24 rue …` is where 20 is.
                    if !number.isEmpty, before.count > 1 {
                        let earlier = Self.number(before[start - 2])
                        if !earlier.isEmpty { number = earlier }
                    }
                }
            }
            self.number = number
            street = Self.own(words[(start + 1)...])
        } else {
            let number = words.first.map(Self.number) ?? ""
            self.number = number
            isStreet = !number.isEmpty && words.count > 1
            street = Self.own(number.isEmpty ? words[...] : words.dropFirst())
        }
    }

    /// Where the street begins: at its kind after a number, else at the first kind that is nothing else.
    private static func start(of words: [String]) -> Int? {
        let starts = words.indices.filter { kinds.contains(words[$0]) && $0 < words.count - 1 }
        return starts.first { start in
            start > 0
                && (!number(words[start - 1]).isEmpty
                    || start > 1 && suffixes.contains(words[start - 1]) && !number(words[start - 2]).isEmpty)
        } ?? starts.first { !areas.contains(words[$0]) && words[$0].count > 3 } ?? starts.first
    }

    var isEmpty: Bool { street.isEmpty && number.isEmpty }

    /// `12` of `12`, `12b` of `12bis`, empty of what is no house number.
    private static func number(_ word: String) -> String {
        let digits = word.prefix { $0.isNumber }
        guard (1...4).contains(digits.utf8.count) else { return "" }
        let rest = word.dropFirst(digits.count)
        if rest.isEmpty { return String(digits) }
        return suffixes.contains(String(rest)) ? String(digits + rest.prefix(1)) : ""
    }

    private static func own(_ words: ArraySlice<String>) -> [[UInt8]] {
        var own: [[UInt8]] = []
        for word in words where !unsaid.contains(word) && !kinds.contains(word) {
            let bytes = Array((titles[word] ?? word).utf8)
            if !own.contains(bytes) { own.append(bytes) }
        }
        return own
    }

    private static func withoutTown(_ words: [String], postcode: String, commune: [String]) -> [String] {
        // `1 place de la Mairie 42320 Valfleury`: from the postcode on it is the town, unless the street comes after it.
        if let index = words.lastIndex(of: postcode), index > 0 { return Array(words[..<index]) }
        if !commune.isEmpty, words.count > commune.count + 1, words.suffix(commune.count).elementsEqual(commune),
            !["de", "du", "d", "la", "le", "les", "des"].contains(words[words.count - commune.count - 1])
        {
            return Array(words.dropLast(commune.count))
        }
        return words
    }

    private static func withoutBoxes(_ words: [String]) -> [String] {
        var kept: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            if ["bp", "cs", "tsa"].contains(word), index + 1 < words.count, words[index + 1].allSatisfy(\.isNumber) {
                index += 2
                // `CS 50 123`
                while index < words.count, words[index].count == 3, words[index].allSatisfy(\.isNumber) { index += 1 }
            } else if word == "cedex" {
                index += 1
                if index < words.count, words[index].count <= 2, words[index].allSatisfy(\.isNumber) { index += 1 }
            } else {
                kept.append(word)
                index += 1
            }
        }
        return kept
    }

    private static let suffixes: Set<String> = ["bis", "ter", "quater", "b", "t", "a", "c", "d"]

    private static let kinds: Set<String> = [
        "rue", "r", "avenue", "av", "ave", "boulevard", "bd", "boul", "blvd", "bld", "place", "pl", "plc", "chemin", "ch", "che", "chem",
        "route", "rte", "impasse", "imp", "allee", "allees", "all", "cours", "crs", "quai", "square", "sq", "passage", "pass", "montee",
        "mte",
        "esplanade", "faubourg", "fg", "fbg", "sentier", "ruelle", "voie", "rond", "traverse", "promenade", "venelle", "hameau",
        "lotissement",
        "lot", "zone", "za", "zi", "zac", "residence",
    ]

    /// Kinds that are often a part of another address.
    private static let areas: Set<String> = ["hameau", "lotissement", "zone", "residence"]

    private static let unsaid: Set<String> = [
        "de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "et", "en", "sur", "n", "no",
    ]

    private static let titles = [
        "dr": "docteur", "gal": "general", "gen": "general", "mal": "marechal", "cdt": "commandant", "col": "colonel", "cne": "capitaine",
        "pdt": "president", "prof": "professeur", "pr": "professeur", "mgr": "monseigneur", "me": "maitre", "nd": "dame", "jj": "jean",
    ]
}

extension StreetAddress {
    /// How two addresses stand to one another.
    enum Relation: Sendable {
        /// The same street and number, or the same named building.
        case same
        /// The same street, one of them without a number.
        case sameStreet
        /// The same street, and another number.
        case otherNumber
        /// Another street.
        case otherStreet
        /// One of them is not known, or they are told in ways that cannot be compared.
        case unknown
    }

    func relation(to other: StreetAddress) -> Relation {
        if street.isEmpty || other.street.isEmpty { return .unknown }
        let alike = Self.likeness(street, other.street)
        guard alike >= 0.75 else { return isStreet && other.isStreet ? .otherStreet : .unknown }
        if number.isEmpty, other.number.isEmpty { return isStreet && other.isStreet ? .sameStreet : .same }
        if number.isEmpty || other.number.isEmpty { return .sameStreet }
        return number == other.number || Self.digits(number) == Self.digits(other.number) ? .same : .otherNumber
    }

    private static func digits(_ number: String) -> Substring { number.prefix { $0.isNumber } }

    /// The share of words that both have, of the one that has fewer; initials (`J. Ferrat`) stand for their words.
    private static func likeness(_ one: [[UInt8]], _ other: [[UInt8]]) -> Double {
        let (shorter, longer) = one.count <= other.count ? (one, other) : (other, one)
        var matched = 0.0
        var letters = 0
        for word in shorter {
            let best = longer.reduce(0.0) { best, candidate in
                if word.count == 1 || candidate.count == 1 { return word.first == candidate.first ? max(best, 1) : best }
                return max(best, EditDistance.likeness(word, candidate))
            }
            matched += best * Double(word.count)
            letters += word.count
        }
        // A word too many may be a building or hamlet; more than the street itself is another street.
        let spare = longer.count - shorter.count
        return matched / Double(letters) - (spare > shorter.count + 2 ? 0.2 : 0)
    }
}
