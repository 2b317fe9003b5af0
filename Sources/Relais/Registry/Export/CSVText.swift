/// Writes rows of CSV (RFC 4180): commas, CR LF, and quotes only where they are needed.
///
/// A cell that a spreadsheet would take for a formula has an apostrophe before it (CWE-1236): whoever opens the file did not write it. Numbers and
/// telephones begin with a sign, too, and stay as they are. A text that has such an apostrophe of its own gets a second one, so that
/// ``unguarded(_:)`` gives back every text as it was.
public enum CSVText {
    private static let apostrophe = UInt8(ascii: "'")

    public static func append(_ fields: [String], to bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(field: guarded(field), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(field: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        guard field.utf8.contains(where: { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0a || $0 == 0x0d }) else {
            return bytes.append(contentsOf: field.utf8)
        }
        bytes.append(quote)
        for byte in field.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    /// A text as a cell that no spreadsheet takes for a formula.
    static func guarded(_ text: String) -> String { isFormula(text) ? "'" + text : text }

    /// The text of a cell that ``guarded(_:)`` made. A cell without an apostrophe before a formula is the text itself, whoever wrote it.
    static func unguarded(_ cell: String) -> String {
        cell.utf8.first == apostrophe && isFormula(cell) ? String(cell.dropFirst()) : cell
    }

    /// Whether a text would be a formula without the apostrophes before it.
    private static func isFormula(_ text: String) -> Bool {
        let bare = text.utf8.drop { $0 == apostrophe }
        guard let first = bare.first else { return false }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return true
        // A hyphen alone stands for nothing, and one before a space begins a list, as people write them.
        case UInt8(ascii: "-") where [nil, UInt8(ascii: " ")].contains(bare.dropFirst().first): return false
        case UInt8(ascii: "+"), UInt8(ascii: "-"): return !isNumber(bare.dropFirst())
        default: return false
        }
    }

    /// What may follow a sign: digits, with what stands among those of a telephone, or of a number (`4.39`, `1e-05`).
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, isDigit(first) else { return false }
        return text.allSatisfy { isDigit($0) || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ".") } || Double(Substring(text)) != nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
