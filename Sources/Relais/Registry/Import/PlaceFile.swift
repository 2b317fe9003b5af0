import Foundation

/// A file of places, in either of the forms that are in use: the national standard 1.0.2, or the older 0.1; as CSV or as JSON.
///
/// Which one it is shows in the file itself: its first character, and the names of its columns.
public struct PlaceFile: Sendable {
    /// One record: its columns by name, those that say something.
    struct Record: Sendable {
        let row: Int
        let fields: [String: String]
    }

    let form: PlaceForm
    let records: [Record]
    /// Rows that cannot be read as records.
    let rejected: [ImportReport.Note]
    let warnings: [ImportReport.Note]

    /// How many records there are.
    public var count: Int { records.count }

    /// Columns without which nothing can be made of a file: those that the standard requires.
    static let required = ["id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj"]

    public init(_ bytes: [UInt8]) throws(ImportRefusal) {
        let file = try FileText(bytes)
        var warnings = file.warning.map { [ImportReport.Note(row: 1, code: "encoding", message: $0)] } ?? []
        var rejected: [ImportReport.Note] = []
        let start = file.text.first { !$0.isWhitespace }
        let columns: Set<String>
        if start == "[" || start == "{" {
            (records, rejected) = try Self.json(file.text)
            columns = Set(records.flatMap(\.fields.keys))
        } else {
            let csv = try CSV(file.text, required: Self.required)
            columns = Set(csv.header)
            records = csv.rows.filter { $0.fault == nil }.map { row in
                let pairs = zip(csv.header, row.fields).map { ($0, String($1.trimming { $0.isWhitespace })) }
                return Record(row: row.number, fields: Dictionary(pairs.filter { !$1.isEmpty }) { first, _ in first })
            }
            for row in csv.rows {
                guard let fault = row.fault else { continue }
                rejected.append(ImportReport.Note(row: row.number, code: fault.code, message: fault.message))
            }
        }
        form = PlaceForm.of(columns)
        for name in columns.subtracting(form.columns).sorted() {
            let near = nearest(name, among: form.columns, limit: 2).joined(separator: ", ")
            let message = "This column is not one of the standard, and is passed over. Near ones: \(near)."
            warnings.append(ImportReport.Note(row: 1, field: name, code: "unknown_column", message: message))
        }
        self.rejected = rejected
        self.warnings = warnings
    }

    /// An array of objects whose members are texts or numbers.
    private static func json(_ text: String) throws(ImportRefusal) -> (records: [Record], rejected: [ImportReport.Note]) {
        let value: JSONValue
        do throws(InvalidJSON) { value = try JSONValue(parsing: text.utf8) } catch {
            throw ImportRefusal("The file is not valid JSON: line \(error.line), byte \(error.column): \(error.message)")
        }
        guard case .array(let items) = value else { throw ImportRefusal("The file must be an array of objects, and is \(value.kind).") }
        var records: [Record] = []
        var rejected: [ImportReport.Note] = []
        for (index, item) in items.enumerated() {
            guard case .object(let members) = item else {
                rejected.append(ImportReport.Note(row: index + 1, code: "type", message: "This must be an object, and is \(item.kind)."))
                continue
            }
            records.append(Record(row: index + 1, fields: members.compactMapValues(Self.text)))
        }
        return (records, rejected)
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text):
            let trimmed = text.trimming { $0.isWhitespace }
            return trimmed.isEmpty ? nil : String(trimmed)
        case .number(let number): return Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .bool(let flag): return "\(flag)"
        case .null: return nil
        // Lists are written as files write them.
        case .array(let items): return items.compactMap(text).joined(separator: "|")
        case .object: return nil
        }
    }
}
