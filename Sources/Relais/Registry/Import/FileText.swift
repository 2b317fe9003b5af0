import Foundation

/// The text of a file from wherever: UTF-8, with or without a byte order mark, or Windows-1252, which old spreadsheets write.
struct FileText {
    let text: String
    /// What should be told of the encoding; `nil` for UTF-8.
    let warning: String?

    init(_ bytes: [UInt8]) throws(ImportRefusal) {
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            throw ImportRefusal("The file is in UTF-16. Save it as UTF-8.")
        }
        let content = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
        if content.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) { throw ImportRefusal("The file is empty.") }
        if let text = String(validating: content, as: UTF8.self) {
            self.text = text
            warning = nil
            return
        }
        // Bytes that no UTF-8 has, beside more letters of several bytes that only UTF-8 has: a damaged file, not an old one.
        let (letters, faults, line) = Self.survey(content)
        guard letters <= faults, let text = String(data: Data(content), encoding: .windowsCP1252) else {
            throw ImportRefusal(
                "The file is neither UTF-8 nor Windows-1252: line \(line) has bytes that are not valid UTF-8. Save it as UTF-8.")
        }
        self.text = text
        warning = "The file is not UTF-8: it was read as Windows-1252 (Latin-1). Save it as UTF-8 if accents look wrong."
    }

    /// How many letters of several bytes are whole, how many sequences are broken, and in which line the first broken one is.
    private static func survey(_ bytes: ArraySlice<UInt8>) -> (letters: Int, faults: Int, line: Int) {
        var (letters, faults, line, firstLine) = (0, 0, 1, 0)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue("\n"): line += 1
            case .scalarValue(let scalar): letters += scalar.isASCII ? 0 : 1
            case .error:
                faults += 1
                if firstLine == 0 { firstLine = line }
            case .emptyInput: return (letters, faults, firstLine)
            }
        }
    }
}
