/// What the name of a place says: what kind of place it is, and the words that are its own.
struct NameWords: Sendable, Equatable {
    /// A word of the name and how much it says about which place it is.
    struct Word: Sendable, Equatable {
        let bytes: [UInt8]
        /// 1 for a word of its own, less for words that many names have.
        let weight: Double
    }

    /// The kinds that the name tells of, one bit each (``ServiceKind``).
    let kinds: UInt64
    /// The words besides, each once, without articles and legal forms.
    let words: [Word]
    /// Numbers in the name ("Espace jeunes 2"): two that differ are two places.
    let numbers: [UInt8]
    /// The whole name, folded.
    let folded: String

    /// - Parameter commune: The name of the place's commune, whose words say little in it.
    init(_ name: String, commune: String) {
        let written = FoldedWords.of(name)
        let all = written.map(ServiceKind.corrected)
        let ofCommune = Set(FoldedWords.of(commune))
        folded = written.joined(separator: " ")
        var kinds: UInt64 = 0
        var words: [Word] = []
        var numbers: [UInt8] = []
        var seen: Set<String> = []
        var index = 0
        while index < all.count {
            let word = all[index]
            if let phrase = Self.phrase(in: all, at: index) {
                kinds |= 1 << UInt64(phrase.kind.rawValue)
                index += phrase.words.count
                continue
            }
            index += 1
            if Self.unsaid.contains(word) || !seen.insert(word).inserted { continue }
            if word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                numbers.append(contentsOf: word.utf8)
                numbers.append(0x20)
            } else if word.utf8.count > 1 {
                let weight = ofCommune.contains(word) ? Weight.commune : Self.common.contains(word) ? Weight.common : Weight.own
                words.append(Word(bytes: Array(word.utf8), weight: weight))
            }
        }
        self.kinds = kinds
        self.words = words
        self.numbers = numbers
    }

    /// Whether the name has a word of its own.
    var hasOwn: Bool { words.contains { $0.weight == Weight.own } }

    private enum Weight {
        static let own = 1.0
        static let common = 0.25
        static let commune = 0.15
    }

    private static func phrase(in all: [String], at index: Int) -> (words: [String], kind: ServiceKind)? {
        ServiceKind.byFirstWord[all[index]]?.first { phrase in
            index + phrase.words.count <= all.count && all[index..<index + phrase.words.count].elementsEqual(phrase.words)
        }
    }

    /// Articles, prepositions and legal forms: left out.
    private static let unsaid: Set<String> = [
        "a", "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par", "pour", "s", "sous",
        "sur",
        "un", "une", "asso", "association", "eurl", "loi", "sa", "sarl", "sas", "sasu", "scic", "scop", "ess", "of", "the", "n", "no",
        "numero",
    ]

    /// Words that stand in many names and are no kind by themselves.
    private static let common: Set<String> = [
        "accueil", "aide", "annexe", "antenne", "atelier", "ateliers", "bureau", "centre", "culturel", "culturelle", "espace", "espaces",
        "informatique", "intercommunal", "intercommunale", "local", "locale", "maison", "mediation", "multimedia", "municipal",
        "municipale",
        "numerique", "numeriques", "permanence", "point", "pole", "public", "publics", "publique", "salle", "service", "services", "site",
        "social", "sociale", "agglo", "agglomeration", "communaute", "communes", "commune", "ville", "metropole", "departement",
        "departementale", "departemental", "quartier", "quartiers", "multisites", "docteur", "saint", "sainte",
    ]
}

extension NameWords {
    /// What two names have in common.
    struct Overlap {
        /// 0…1
        let likeness: Double
        /// Whether the first and the second have words of their own that the other lacks.
        let spare: (Bool, Bool)
    }

    /// How much of the two names' own words are the same: half by the share of both, half by the share of the shorter one, so that a name with
    /// its organisation or town beside it stays near the name alone. Nil when a name has no word of its own.
    func overlap(with other: NameWords) -> Overlap? {
        guard hasOwn, other.hasOwn else { return nil }
        let swapped = words.count > other.words.count
        let (shorter, longer) = swapped ? (other.words, words) : (words, other.words)
        var taken = [Bool](repeating: false, count: longer.count)
        var matched = 0.0
        // Equal words first, so that the outcome does not hang on their order.
        var rest: [Word] = []
        for word in shorter {
            if let index = longer.indices.first(where: { !taken[$0] && longer[$0].bytes == word.bytes }) {
                taken[index] = true
                matched += min(word.weight, longer[index].weight)
            } else {
                rest.append(word)
            }
        }
        // Then the mistyped, the likest pair of all first.
        var pairs: [(likeness: Double, word: Int, index: Int)] = []
        for (number, word) in rest.enumerated() {
            for index in longer.indices where !taken[index] {
                let likeness = EditDistance.likeness(word.bytes, longer[index].bytes)
                if likeness > 0 { pairs.append((likeness, number, index)) }
            }
        }
        pairs.sort { $0.likeness > $1.likeness }
        var used = [Bool](repeating: false, count: rest.count)
        for pair in pairs where !used[pair.word] && !taken[pair.index] {
            used[pair.word] = true
            taken[pair.index] = true
            matched += pair.likeness * min(rest[pair.word].weight, longer[pair.index].weight)
        }
        let weights = (total, other.total)
        let ofShorter = zip(rest, used).contains { !$1 && $0.weight == Weight.own }
        let ofLonger = zip(longer, taken).contains { !$1 && $0.weight == Weight.own }
        return Overlap(
            likeness: 0.5 * (2 * matched / (weights.0 + weights.1)) + 0.5 * min(1, matched / min(weights.0, weights.1)),
            spare: swapped ? (ofLonger, ofShorter) : (ofShorter, ofLonger))
    }

    private var total: Double { words.reduce(0) { $0 + $1.weight } }
}
