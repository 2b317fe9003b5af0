import Postgres

/// An entry of an import's report, as it is kept: a row that was left out, something that was not taken as it stood, or a place that took other values.
public struct ImportNote: Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case rejected, warning, change
    }

    public let kind: Kind
    let position: Int64
    private let note: JSONValue
}

extension ImportNote: Encodable {
    public func encode(to encoder: any Encoder) throws {
        guard case .object(var members) = note else { return try note.encode(to: encoder) }
        members["kind"] = .string(kind.rawValue)
        try JSONValue.object(members).encode(to: encoder)
    }
}

extension ImportNote: RowDecodable {
    public static let columns: SQL = "kind, position, note"

    public init(row: borrowing Row) throws(PostgresError) {
        kind = try row["kind"]
        position = try row["position"]
        let note: JSON<JSONValue> = try row["note"]
        self.note = note.value
    }
}

/// How far an import is, which is written with each piece: what it goes on with after an interruption.
struct ImportProgress: Sendable {
    var report = ImportReport()
    /// Records of the file that have been dealt with.
    var records = 0
    /// Entries that are kept, by kind.
    var notes: [ImportNote.Kind: Int] = [:]
}

extension Session where Failure == RegistryError {
    /// Keeps what came of a piece, and how far the import is with it.
    func keep(_ piece: ImportReport, in progress: inout ImportProgress, of id: FileImport.ID) {
        keep(piece.rejected, as: .rejected, in: &progress, of: id)
        keep(piece.warnings, as: .warning, in: &progress, of: id)
        keep(piece.changes, as: .change, in: &progress, of: id)
        later("UPDATE imports SET records = \(progress.records), report = \(JSON(progress.report.counts)) WHERE id = \(id)")
    }

    private func keep<Entry: Encodable & Sendable>(
        _ entries: [Entry], as kind: ImportNote.Kind, in progress: inout ImportProgress, of id: FileImport.ID
    ) {
        let kept = Array(entries.prefix(max(0, ImportReport.kept - progress.notes[kind, default: 0])))
        if kept.isEmpty { return }
        progress.notes[kind, default: 0] += kept.count
        later(
            """
            INSERT INTO import_notes (import_id, kind, note)
            SELECT \(id), \(kind), note FROM jsonb_array_elements(\(JSON(kept))) WITH ORDINALITY AS entries (note, place) ORDER BY place
            """)
    }

    /// How far an import is that was interrupted.
    func progress(of begun: FileImport) async throws(RegistryError) -> ImportProgress {
        var progress = ImportProgress()
        progress.report = begun.report ?? ImportReport()
        progress.report.id = begun.id
        progress.records = begun.records
        for kind in ImportNote.Kind.allCases {
            progress.notes[kind] = try await value(
                "SELECT count(*) FROM import_notes WHERE import_id = \(begun.id) AND kind = \(kind)", as: Int.self)
        }
        progress.report.take(
            rejected: try await notes(of: begun.id, .rejected), warnings: try await notes(of: begun.id, .warning),
            changes: try await notes(of: begun.id, .change))
        return progress
    }

    private func notes<Entry: Decodable & Sendable>(of id: FileImport.ID, _ kind: ImportNote.Kind) async throws(RegistryError) -> [Entry] {
        try await values(
            """
            SELECT note FROM import_notes WHERE import_id = \(id) AND kind = \(kind) ORDER BY position LIMIT \(ImportReport.longest)
            """, as: JSON<Entry>.self
        ).map(\.value)
    }
}

extension Database {
    /// The report of an import row by row, in the order of the file.
    public func notes(
        of id: FileImport.ID, kind: ImportNote.Kind? = nil, _ paging: Paging
    ) async throws(PostgresError) -> Page<ImportNote> {
        var conditions: [SQL] = ["import_id = \(id)"]
        if let kind { conditions.append("kind = \(kind)") }
        if let after = paging.after { conditions.append("position > \(Int64(after.number(0)))") }
        let found = try await query(
            "SELECT \(ImportNote.columns) FROM import_notes WHERE \(.all(conditions)) ORDER BY position LIMIT \(paging.limit + 1)",
            as: ImportNote.self)
        return Page(found, paging) { [String($0.position)] }
    }
}
