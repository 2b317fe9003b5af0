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
        /// The file ends within the row.
        static let truncated = "truncated"

        let code: String
        let message: String
    }

    /// In small letters: people write the names of columns as they like.
    let header: [String]
    /// Rows below the header, without those that say nothing.
    let rows: [Row]

    /// - Parameter required: Columns that must be there.
    init(_ text: String, required: [String]) throws(ImportRefusal) {
        var reader = CSVReader(required: required)
        reader.add(Array(text.utf8))
        reader.end()
        var rows: [Row] = []
        while let row = try reader.row() { rows.append(row) }
        header = reader.header
        self.rows = rows
    }
}

/// Takes rows off a text that comes piece by piece, byte by byte: all that matters to CSV is ASCII.
///
/// The separator is the one (comma, semicolon, tab or bar) by which the first row has most of the columns that are required.
struct CSVReader: Sendable {
    private(set) var header: [String] = []
    private let required: [String]
    private var separator = UInt8(ascii: ",")
    private var bytes: [UInt8] = []
    private var position = 0
    private var number = 0
    private var hasEnded = false

    /// The most bytes of a row: beyond it a quote must have been left open.
    private static let longest = 1 << 20

    private struct Record {
        let number: Int
        var fields: [String] = []
        /// Lines of the file that the row takes.
        var lines = 1
        /// The text ended within quotes.
        var isOpen = false
        /// Something follows a closing quote.
        var isMisquoted = false

        /// An empty line, or one of empty fields, as spreadsheets write below a table.
        var saysNothing: Bool {
            !isOpen && !isMisquoted && fields.allSatisfy { field in field.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
        }
    }

    init(required: [String]) { self.required = required }

    /// Adds the next piece of the text.
    mutating func add(_ piece: [UInt8]) {
        if position > 0 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes += piece
    }

    /// Says that there is no more text.
    mutating func end() { hasEnded = true }

    /// The next row below the header that says anything.
    ///
    /// - Returns: `nil` when the rest of the text is needed for it, or there is none.
    mutating func row() throws(ImportRefusal) -> CSV.Row? {
        if header.isEmpty { try readHeader() }
        if header.isEmpty { return nil }
        while let record = try record() {
            if record.saysNothing { continue }
            // A quote left open in the last line is a cut; one that swallowed lines leaves no way to tell the rows after it.
            if record.isOpen, record.lines > 1 { throw openQuote(record) }
            return CSV.Row(number: record.number, fields: record.fields, fault: fault(of: record))
        }
        return nil
    }

    private func openQuote(_ record: Record) -> ImportRefusal {
        let column = header.dropFirst(record.fields.count - 1).first ?? "\(record.fields.count)"
        return ImportRefusal("Row \(record.number), column \(column): a quote is opened and never closed. Close it, or double it.")
    }

    /// Passes over what stands above the header: lines that say nothing, and `sep=;`, which Excel takes for itself and does not number.
    private mutating func passOverTop() throws(ImportRefusal) {
        var ahead = self
        while let record = try ahead.record() {
            let text = record.fields.joined(separator: ",").lowercased()
            let isForExcel = text.hasPrefix("sep=") && text.utf8.count <= 5
            // The separator is not known yet.
            guard isForExcel || text.allSatisfy({ $0.isWhitespace || ",;|".contains($0) }) else { return }
            if isForExcel { ahead.number -= 1 }
            self = ahead
        }
    }

    private mutating func readHeader() throws(ImportRefusal) {
        try passOverTop()
        var best: (count: Int, separator: UInt8)?
        for candidate in [",", ";", "\t", "|"].compactMap({ Character($0).asciiValue }) {
            var trial = self
            trial.separator = candidate
            guard let record = try trial.record() else { return try refuseIfEmpty() }
            let count = Set(Self.names(record)).intersection(required).count
            if count > best?.count ?? -1 { best = (count, candidate) }
        }
        separator = best?.separator ?? separator
        guard let record = try record() else { return }
        header = Self.names(record)
        try check(header)
    }

    private func refuseIfEmpty() throws(ImportRefusal) {
        if hasEnded { throw ImportRefusal("The file is empty.") }
    }

    private static func names(_ record: Record) -> [String] { record.fields.map { $0.trimming { $0.isWhitespace }.lowercased() } }

    /// Says which columns are missing.
    private func check(_ header: [String]) throws(ImportRefusal) {
        let missing = required.filter { !header.contains($0) }
        if missing.isEmpty {
            if let double = header.first(where: { name in header.count { $0 == name } > 1 && !name.isEmpty }) {
                throw ImportRefusal("The column \(double) is there twice.")
            }
            return
        }
        let names = header.prefix(40).joined(separator: ", ")
        let word =
            missing.count == 1 ? "The column \(missing[0]) is missing." : "These columns are missing: \(missing.joined(separator: ", "))."
        throw ImportRefusal("\(word) The first row must name the columns; it says: \(String(names.prefix(400)))")
    }

    private func fault(of record: Record) -> CSV.Fault? {
        let (count, columns) = (record.fields.count, header.count)
        if record.isOpen {
            return CSV.Fault(code: CSV.Fault.truncated, message: "The file ends within this row, in a quoted text: it looks cut off.")
        }
        if record.isMisquoted {
            return CSV.Fault(code: "quote", message: "After a closing quote only a separator may follow. A quote in a text is doubled.")
        }
        if count == columns { return nil }
        if hasEnded, position >= bytes.count, count < columns {
            return CSV.Fault(
                code: CSV.Fault.truncated, message: "The file ends within this row: \(count) of \(columns) fields. It looks cut off.")
        }
        return CSV.Fault(code: "columns", message: "This row has \(count) fields, and the header \(columns).")
    }

    /// The next row as it stands; one that the text so far may not hold whole is read again when more has come.
    private mutating func record() throws(ImportRefusal) -> Record? {
        let start = position
        if start >= bytes.count { return nil }
        var record = Record(number: number + 1)
        read(&record)
        if position >= bytes.count, !hasEnded {
            if bytes.count - start > Self.longest { throw openQuote(record) }
            position = start
            return nil
        }
        number += 1
        return record
    }

    private mutating func read(_ record: inout Record) {
        while true {
            record.fields.append(field(&record))
            guard position < bytes.count else { return }
            let end = bytes[position]
            position += 1
            if end == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
            if end != separator { return }
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

    private func isEnd(_ byte: UInt8) -> Bool { byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}

extension StringProtocol {
    /// The text without what `isOuter` says of its two ends.
    func trimming(_ isOuter: (Character) -> Bool) -> SubSequence {
        let start = drop(while: isOuter)
        guard let end = start.lastIndex(where: { !isOuter($0) }) else { return start[start.startIndex..<start.startIndex] }
        return start[...end]
    }
}
