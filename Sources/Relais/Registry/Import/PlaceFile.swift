import Foundation

/// A file of places, in either of the forms that are in use: the national standard 1.0.2, or the older 0.1; as CSV or as JSON (an array, or lines).
///
/// Which one it is shows in the file itself: its encoding, its first character, and the names of its columns. It is looked over whole before anything
/// is made of it, then read record by record: what is in memory does not grow with it.
public struct PlaceFile: Sendable {
    /// One record: its columns by name.
    struct Record: Sendable {
        let row: Int
        let fields: [String: String]
    }

    let form: PlaceForm
    /// The members of a place that its columns tell of: what is no column says nothing, which an empty cell does.
    let told: Set<String>
    let warnings: [ImportReport.Note]
    /// How many records there are, those that cannot be read included.
    public let count: Int
    private let source: ImportSource
    private let encoding: FileEncoding
    private let isJSON: Bool

    /// Columns without which nothing can be made of a file: those that the standard requires.
    static let required = ["id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj"]
    /// Those of them without which a record does not go in.
    private static let needed = ["id", "nom", "commune", "code_postal", "adresse"]
    /// Unknown columns that are told one by one.
    private static let mostUnknown = 50

    public init(_ bytes: [UInt8]) async throws(ImportRefusal) { try await self.init(ImportSource(bytes)) }

    /// Looks over all of the file.
    public init(_ source: ImportSource) async throws(ImportRefusal) {
        self.source = source
        encoding = try await FileEncoding(of: source)
        var warnings = encoding.warning.map { [ImportReport.Note(row: 1, code: "encoding", message: $0)] } ?? []
        var first = FileTextPieces(source, encoding)
        let head = try await first.next() ?? []
        let start = head.first { $0 != 0x20 && !(0x09...0x0d).contains($0) }
        isJSON = start == UInt8(ascii: "[") || start == UInt8(ascii: "{")

        var reader = Reader(FileTextPieces(source, encoding), isJSON: isJSON)
        var columns: Set<String> = []
        var count = 0
        while let piece = try await reader.next(Self.piece) {
            count += piece.records.count + piece.rejected.count
            if isJSON { for record in piece.records where columns.count < 10_000 { columns.formUnion(record.fields.keys) } }
        }
        self.count = count
        if !isJSON { columns = Set(reader.header) }
        form = PlaceForm.of(columns)
        told = form.members(of: columns)
        let missing = isJSON && !columns.isEmpty ? Self.needed.filter { !columns.contains($0) } : []
        if !missing.isEmpty {
            throw ImportRefusal(
                "No record has \(missing.joined(separator: ", ")). Records need these members; the file has: "
                    + String(columns.sorted().joined(separator: ", ").prefix(400)))
        }
        let unknown = columns.subtracting(form.columns).sorted()
        if unknown.count > Self.mostUnknown {
            let message = "\(unknown.count) columns are not of the standard, and are passed over; the first are named."
            warnings.append(ImportReport.Note(row: 1, code: "unknown_column", message: message))
        }
        for name in unknown.prefix(Self.mostUnknown) {
            let near = nearest(name, among: form.columns, limit: 2).joined(separator: ", ")
            let message = "This column is not one of the standard, and is passed over. Near ones: \(near)."
            warnings.append(ImportReport.Note(row: 1, field: name, code: "unknown_column", message: message))
        }
        self.warnings = warnings
    }

    private static let piece = 500

    /// Reads the records from the first on.
    var reader: Reader { Reader(FileTextPieces(source, encoding), isJSON: isJSON) }

    /// Reads records piece by piece.
    struct Reader: Sendable {
        private var pieces: FileTextPieces
        private let isJSON: Bool
        private var csv = CSVReader(required: PlaceFile.required)
        private var json = JSONItems()
        private var hasEnded = false
        private var count = 0

        fileprivate init(_ pieces: FileTextPieces, isJSON: Bool) {
            self.pieces = pieces
            self.isJSON = isJSON
        }

        fileprivate var header: [String] { csv.header }

        /// The next records, `limit` at most, with those that cannot be read as such; `nil` at the end.
        mutating func next(_ limit: Int) async throws(ImportRefusal) -> (records: [Record], rejected: [ImportReport.Note])? {
            var records: [Record] = []
            var rejected: [ImportReport.Note] = []
            while records.count + rejected.count < limit {
                if try one(&records, &rejected) { continue }
                if hasEnded { break }
                if let piece = try await pieces.next() {
                    if isJSON { json.add(piece) } else { csv.add(piece) }
                } else {
                    hasEnded = true
                    json.end()
                    csv.end()
                }
            }
            return records.isEmpty && rejected.isEmpty ? nil : (records, rejected)
        }

        /// Reads one record.
        ///
        /// - Returns: Whether there was one in what has been read of the file.
        private mutating func one(_ records: inout [Record], _ rejected: inout [ImportReport.Note]) throws(ImportRefusal) -> Bool {
            guard isJSON else {
                guard let row = try csv.row() else { return false }
                if let fault = row.fault {
                    rejected.append(ImportReport.Note(row: row.number, code: fault.code, message: fault.message))
                } else {
                    let pairs = zip(csv.header, row.fields).lazy.map { ($0, CSVText.unguarded($1.trimmed)) }.filter { !$1.isEmpty }
                    records.append(Record(row: row.number, fields: Dictionary(pairs) { first, _ in first }))
                }
                return true
            }
            guard let item = try json.item() else { return false }
            count += 1
            if case .object(let members) = item {
                // The file itself is this object. (Later lines are records, right or wrong.)
                if count == 1, !json.isArray, !PlaceForm.isRecord(members) {
                    let names = members.keys.sorted().prefix(10).joined(separator: ", ")
                    throw ImportRefusal(
                        "The file begins with an object that is no record (\(names.prefix(400))): expected an array of records, "
                            + "or a record in each line.")
                }
                // A member that is there without a value says so, as an empty cell does.
                let pairs = members.lazy.map { (Self.column($0.key), Self.text($0.value) ?? "") }
                records.append(Record(row: count, fields: Dictionary(pairs) { first, _ in first }))
            } else {
                rejected.append(ImportReport.Note(row: count, code: "type", message: "This must be an object, and is \(item.kind)."))
            }
            return true
        }

        /// A name as it is known: capitals and spaces around it do not matter, as in the header of a table.
        private static func column(_ name: String) -> String {
            let isPlain = name.utf8.allSatisfy { (0x21..<0x80).contains($0) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            return isPlain ? name : name.trimmed.lowercased()
        }

        private static func text(_ value: JSONValue) -> String? {
            switch value {
            case .string(let text):
                let trimmed = text.trimmed
                return trimmed.isEmpty ? nil : trimmed
            case .number(let number): return Int(exactly: number).map { "\($0)" } ?? "\(number)"
            case .bool(let flag): return "\(flag)"
            case .null: return nil
            // Lists are written as files write them.
            case .array(let items): return items.compactMap(text).joined(separator: "|")
            case .object: return nil
            }
        }
    }
}
