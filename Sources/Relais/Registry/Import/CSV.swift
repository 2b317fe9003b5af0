/// A table in CSV (RFC 4180): the first row names the columns.
///
/// A reader of our own, because a report must say row and column: SwiftCSV 0.10 gives dictionaries without row numbers, stops at the first fault,
/// and takes a quote that is left open for the end of the file.
struct CSV {
    struct Row: Equatable {
        /// As a spreadsheet numbers it: the header is row 1.
        let number: Int
        let fields: [String]
        /// Why the row cannot be used.
        let fault: Fault?
    }

    struct Fault: Equatable {
        let code: String
        let message: String
    }

    let header: [String]
    /// Rows below the header, without empty lines.
    let rows: [Row]

    /// - Parameter required: Columns that must be there.
    init(_ text: String, required: [String]) throws(ImportRefusal) {
        var reader = Reader(text)
        guard let first = reader.row() else { throw ImportRefusal("The file is empty.") }
        header = first.fields.map { String($0.trimming { $0.isWhitespace }) }
        try Self.check(header, required: required)
        var rows: [Row] = []
        while let record = reader.row() {
            if record.fields == [""] { continue }
            // A quote left open in the last line is a cut; one that swallowed lines leaves no way to tell the rows after it.
            if record.isOpen, record.lines > 1 {
                let column = header.dropFirst(record.fields.count - 1).first ?? "\(record.fields.count)"
                throw ImportRefusal("Row \(record.number), column \(column): a quote is opened and never closed. Close it, or double it.")
            }
            let fault = Self.fault(of: record, columns: header.count, isLast: reader.isAtEnd)
            rows.append(Row(number: record.number, fields: record.fields, fault: fault))
        }
        self.rows = rows
    }

    /// Says which columns are missing; when it is because of the separator, which one was expected and which one was found.
    private static func check(_ header: [String], required: [String]) throws(ImportRefusal) {
        let missing = required.filter { !header.contains($0) }
        if missing.isEmpty {
            if let double = header.first(where: { name in header.count { $0 == name } > 1 && !name.isEmpty }) {
                throw ImportRefusal("The column \(double) is there twice.")
            }
            return
        }
        if header.count <= 2, let whole = header.first {
            let others: [(separator: Character, name: String)] = [(";", "semicolons (;)"), ("\t", "tabs"), ("|", "bars (|)")]
            let found = others.first { other in
                let names = whole.split(separator: other.separator).map { $0.filter { $0 != "\"" } }
                return names.count > 1 && names.contains { required.contains($0) }
            }
            if let found { throw ImportRefusal("Columns must be separated by commas (,), and are separated by \(found.name) here.") }
        }
        let names = header.prefix(40).joined(separator: ", ")
        let word =
            missing.count == 1 ? "The column \(missing[0]) is missing." : "These columns are missing: \(missing.joined(separator: ", "))."
        throw ImportRefusal("\(word) The first row must name the columns; it says: \(String(names.prefix(400)))")
    }

    private static func fault(of record: Reader.Record, columns: Int, isLast: Bool) -> Fault? {
        let count = record.fields.count
        if record.isOpen { return Fault(code: "truncated", message: "The file ends within this row, in a quoted text: it looks cut off.") }
        if record.isMisquoted {
            return Fault(code: "quote", message: "After a closing quote only a separator may follow. A quote in a text is doubled.")
        }
        if count == columns { return nil }
        if isLast, count < columns {
            return Fault(code: "truncated", message: "The file ends within this row: \(count) of \(columns) fields. It looks cut off.")
        }
        return Fault(code: "columns", message: "This row has \(count) fields, and the header \(columns).")
    }
}

/// Takes rows off a text, byte by byte: all that matters to CSV is ASCII.
private struct Reader {
    struct Record {
        let number: Int
        var fields: [String] = []
        /// Lines of the file that the row takes.
        var lines = 1
        /// The text ended within quotes.
        var isOpen = false
        /// Something follows a closing quote.
        var isMisquoted = false
    }

    private let bytes: [UInt8]
    private var position = 0
    private var number = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func row() -> Record? {
        if isAtEnd { return nil }
        number += 1
        var record = Record(number: number)
        while true {
            record.fields.append(field(&record))
            guard position < bytes.count else { return record }
            let end = bytes[position]
            position += 1
            if end == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
            if end != UInt8(ascii: ",") { return record }
        }
    }

    /// A field; stops at the separator or line end after it.
    private mutating func field(_ record: inout Record) -> String {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return quoted(&record) }
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quoted(_ record: inout Record) -> String {
        var value: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\"") else {
                if byte == UInt8(ascii: "\n") { record.lines += 1 }
                value.append(byte)
                continue
            }
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                while position < bytes.count, !isEnd(bytes[position]) {
                    record.isMisquoted = true
                    position += 1
                }
                return String(decoding: value, as: UTF8.self)
            }
            value.append(byte)
            position += 1
        }
        record.isOpen = true
        return String(decoding: value, as: UTF8.self)
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}

extension StringProtocol {
    /// The text without what `isOuter` says of its two ends.
    func trimming(_ isOuter: (Character) -> Bool) -> SubSequence {
        let start = drop(while: isOuter)
        guard let end = start.lastIndex(where: { !isOuter($0) }) else { return start[start.startIndex..<start.startIndex] }
        return start[...end]
    }
}
