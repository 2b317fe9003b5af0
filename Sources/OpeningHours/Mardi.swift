/// "mar" is March in the language, and mardi where people write in French.
extension Parser {
    private struct Word {
        let text: String
        let range: Range<Int>
    }

    /// How a word stands to the next one: with other things between, with a space or a colon, or with what joins a list or a range.
    private enum Link { case apart, beside, joined }

    /// Where "mar" is Tuesday: where there are other weekdays in French, and it does not go with months, or with a day or the weekdays of one.
    func placesOfMardi() -> Set<Int> {
        let words = self.wordsOutsideOfQuotes()
        guard words.contains(where: { $0.text == "mar" }), words.contains(where: { Lexicon.isFrenchWeekday($0.text) }) else { return [] }
        var places: Set<Int> = []
        for (index, word) in words.enumerated() where word.text == "mar" {
            let previous: Word? = index > 0 ? words[index - 1] : nil
            let next: Word? = index + 1 < words.count ? words[index + 1] : nil
            if isMardi(word, previous, next) { places.insert(word.range.lowerBound) }
        }
        return places
    }

    private func isMardi(_ word: Word, _ previous: Word?, _ next: Word?) -> Bool {
        let before = link(previous, word)
        let after = link(word, next)
        if before == .joined, let previous, isOtherMonth(previous) { return false }
        if after == .joined, let next, isOtherMonth(next) { return false }
        if isAfterYear(word) || isBeforeNumber(word) { return false }
        if before != .apart, let previous, Lexicon.isFrenchWeekday(previous.text) { return true }
        // "Mar lun-ven 9h-12h": those days in March.
        if after == .beside, let next { return Lexicon.weekday(next.text) == nil && Lexicon.holiday(next.text) == nil }
        return true
    }

    private func isOtherMonth(_ word: Word) -> Bool { word.text != "mar" && Lexicon.month(word.text) != nil }

    /// `2026 Mar`
    private func isAfterYear(_ word: Word) -> Bool {
        var place = word.range.lowerBound - 1
        while character(at: place) == " " { place -= 1 }
        var count = 0
        while let character = character(at: place - count), character.isWholeNumber { count += 1 }
        return count == 4
    }

    /// `Mar 15`, which is no `mar 15h`.
    private func isBeforeNumber(_ word: Word) -> Bool {
        var rest = self
        rest.scanner.index = word.range.upperBound
        _ = rest.scanner.take(".")
        rest.scanner.skipSpaces()
        return rest.scanner.digits() != nil && !rest.startsTime()
    }

    private func link(_ one: Word?, _ other: Word?) -> Link {
        guard let one, let other else { return .apart }
        let between = (one.range.upperBound..<other.range.lowerBound).compactMap { character(at: $0) }
        if between.allSatisfy({ " .:".contains($0) }) { return .beside }
        return between.allSatisfy({ $0.isLetter || " .,&-–—−‐‑~".contains($0) }) ? .joined : .apart
    }

    private func character(at place: Int) -> Character? { scanner.peek(place - scanner.index) }

    /// But for those that join others, as "et" does.
    private func wordsOutsideOfQuotes() -> [Word] {
        var rest = self.scanner
        rest.index = 0
        var words: [Word] = []
        var isQuoted = false
        while let next = rest.peek() {
            if next == "\"" { isQuoted.toggle() }
            guard !isQuoted, let word = rest.word() else {
                rest.index += 1
                continue
            }
            let end = rest.index + word.count
            if !["et", "and", "a", "au", "to"].contains(word.text) { words.append(Word(text: word.text, range: rest.index..<end)) }
            rest.index = end
        }
        return words
    }

    /// Tells that a rule of "mar" was taken for one of March: people may mean Tuesday. `Mar 09:00-12:00`, as the language has it, leaves no doubt.
    mutating func doubtMarch(_ rule: Rule, at start: Int, isExact: Bool) {
        let isSpelled = start + 3 <= scanner.characters.count && String(scanner.characters[start..<start + 3]) == "Mar"
        guard rule.dates == [.months(year: nil, StepRange(first: 3, last: 3))], !(isSpelled && isExact) else { return }
        let hasDays = !rule.weekdays.isEmpty || !rule.holidays.isEmpty
        guard !hasDays || wordsOutsideOfQuotes().contains(where: { Lexicon.isFrenchWeekday($0.text) }) else { return }
        scanner.warn(.march, at: start)
    }
}
