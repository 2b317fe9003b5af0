/// What people and programs write into the cells of a table, as it was meant.
enum DirtyValue {
    /// Whether a text stands for nothing: what programs write where they have no value.
    static func isNothing(_ value: String) -> Bool {
        guard let first = value.utf8.first else { return true }
        guard value.utf8.count <= 9, initials.contains(first) else { return false }
        return nothings.contains(value.lowercased())
    }

    private static let nothings = ["null", "nan", "n/a", "#n/a", "none", "undefined", "-", "[]", "{}"]
    private static let initials = Array("nNuU#-[{".utf8)

    /// - Parameter separators: ASCII, so that bytes can be compared: files have a hundred thousand records with a dozen of these each.
    static func split(_ value: String, on separators: String) -> [String] {
        if !value.utf8.contains(where: { byte in separators.utf8.contains(byte) }) {
            let whole = value.trimmed
            return whole.isEmpty ? [] : [whole]
        }
        return value.utf8.split { byte in separators.utf8.contains(byte) }.map { String(Substring($0)).trimmed }.filter { !$0.isEmpty }
    }

    /// Several labels: with bars, as the standard has it; with semicolons or line ends; or as a list of JSON, Python (`['a', 'b']`) or
    /// PostgreSQL (`{a,"b c"}`). Commas alone separate nothing here, for labels may hold one.
    static func labels(_ value: String) -> [String] {
        let ends = (value.utf8.first, value.utf8.last)
        guard ends == (UInt8(ascii: "["), UInt8(ascii: "]")) || ends == (UInt8(ascii: "{"), UInt8(ascii: "}")) else {
            return split(value, on: "|;\n\r")
        }
        let inner = value.dropFirst().dropLast()
        let marks: Set<Character> = ["\"", "'"]
        var labels: [String] = []
        var label = ""
        var quote: Character?
        for character in inner {
            if character == quote {
                quote = nil
            } else if quote == nil, marks.contains(character), label.allSatisfy(\.isWhitespace) {
                quote = character
                label = ""
            } else if quote == nil, character == "," {
                labels.append(label)
                label = ""
            } else {
                label.append(character)
            }
        }
        return (labels + [label]).map { String($0.trimming { $0.isWhitespace }) }.filter { !$0.isEmpty }
    }

    /// A semicolon may stand within an address: it ends one only where the next begins. An address without a scheme gets one.
    static func websites(_ value: String) -> [String] {
        let isMarked = value.utf8.contains(UInt8(ascii: ";"))
        return split(isMarked ? value.replacing(/\s*;\s*(?=https?:|www\.)/, with: "|") : value, on: "|\n").map {
            website($0, scheme: "http")
        }
    }

    /// - Parameter scheme: What an address that begins with `www.` gets.
    static func website(_ value: String, scheme: String) -> String { value.startsLower("www.") ? "\(scheme)://\(value)" : value }

    static func emails(_ value: String) -> [String] {
        split(value, on: "|;, \n\t<>").map { $0.startsLower("mailto:") ? String($0.dropFirst(7)) : $0 }
    }

    /// The numbers, as the standard wants them. Without any that looks like one, the text as it stands, so that it is told.
    static func telephones(_ value: String) -> [String] {
        if Form.phone.matches(value) { return [value] }
        if lacksZero(value, digits: 9) { return ["+33" + value] }
        let whole = telephone(value)
        if Form.phone.matches(whole) { return [whole] }
        let parts = split(value.replacing(" ou ", with: "|"), on: "|;,/").map(telephone).filter { Form.phone.matches($0) }
        return parts.isEmpty ? [whole] : parts
    }

    /// A French number as people write it, as the standard wants it: `04 77 12 34 56` is `+33477123456`.
    private static func telephone(_ value: String) -> String {
        // `(0)` is not dialled from abroad, and words in brackets say whose number it is.
        let isMarked = value.utf8.contains(UInt8(ascii: "("))
        let number = isMarked ? value.replacing("(0)", with: "").replacing(/\([^0-9()]*\)/, with: "") : value
        let bare = number.filter { !" .-/()\u{a0}\u{202f}".contains($0) }
        if bare.hasPrefix("00") { return "+" + bare.dropFirst(2) }
        if bare.hasPrefix("0"), bare.utf8.count == 10 { return "+33" + bare.dropFirst() }
        if bare.hasPrefix("33"), bare.utf8.count == 11 { return "+" + bare }
        return bare
    }

    /// Whether it has so many digits, the first of them not zero: what is left of a longer code when a spreadsheet takes it for a number.
    static func lacksZero(_ value: String, digits: Int) -> Bool {
        value.utf8.count == digits && value.utf8.first != UInt8(ascii: "0")
            && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// `02/04/2024`, and a day with an hour after it, as 2024-04-02.
    static func day(_ value: String) -> String {
        if value.utf8.count <= 10, !value.utf8.contains(UInt8(ascii: "/")) { return value }
        if value.utf8.count > 10, let end = value.firstIndex(where: { $0 == "T" || $0 == " " }), value[..<end].utf8.count == 10 {
            return day(String(value[..<end]))
        }
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 2, parts[1].count == 2, parts[2].count == 4 else { return value }
        return "\(parts[2])-\(parts[1])-\(parts[0])"
    }
}

extension String {
    /// Whether the text starts with `start`, which is in small letters of ASCII, in letters of either case.
    fileprivate func startsLower(_ start: StaticString) -> Bool {
        start.withUTF8Buffer { start in
            utf8.count >= start.count && zip(utf8, start).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 && UInt8(ascii: "a") <= $1) }
        }
    }
}
