import Foundation
import Postgres

/// An import of a file, as the registry remembers it.
public struct FileImport: Sendable, Identifiable {
    public typealias ID = Identifier<FileImport>

    public enum Status: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case waiting, running, done, failed
        /// To be undone, or half undone.
        case undoing
        case undone
    }

    /// Whether it changes the registry.
    public enum Mode: String, Sendable, CaseIterable, Codable {
        case dryRun = "dry_run"
        case apply
    }

    public let id: ID
    /// The file's name, as it was given.
    public let file: String?
    /// The source of the records that name none, as it was given.
    public let source: String?
    public let status: Status
    public let isDryRun: Bool
    public let isPartial: Bool
    /// Records that have been dealt with so far.
    public let records: Int
    /// Records of the file; `nil` until it has been looked over.
    public let total: Int?
    /// Why it failed, or why an undoing could not be done.
    public let failure: String?
    public let createdAt: Date
    public let finishedAt: Date?
    public let undoneAt: Date?
    /// Until it is done, the counts so far.
    public internal(set) var report: ImportReport?
    /// What its undoing has done so far.
    public let undoing: UndoReport?

    public var mode: Mode { isDryRun ? .dryRun : .apply }

    /// As lists tell it: the counts of the report alone.
    public var inBrief: FileImport {
        var brief = self
        brief.report = report?.counts
        return brief
    }
}

extension FileImport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, file, source, status, mode
        case isPartial = "partial"
        case records, total, failure
        case createdAt = "created_at"
        case finishedAt = "finished_at"
        case undoneAt = "undone_at"
        case report
        case undoing = "undo"
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(id, forKey: .id)
        try out.encode(file, forKey: .file)
        try out.encode(source, forKey: .source)
        try out.encode(status, forKey: .status)
        try out.encode(mode, forKey: .mode)
        try out.encode(isPartial, forKey: .isPartial)
        try out.encode(records, forKey: .records)
        try out.encode(total, forKey: .total)
        try out.encode(failure, forKey: .failure)
        try out.encode(createdAt, forKey: .createdAt)
        try out.encode(finishedAt, forKey: .finishedAt)
        try out.encode(undoneAt, forKey: .undoneAt)
        try out.encode(report, forKey: .report)
        try out.encode(undoing, forKey: .undoing)
    }
}

extension FileImport: RowDecodable {
    public static let columns: SQL =
        """
        id, file, source, status, dry_run, partial, records, total, failure, created_at, finished_at, undone_at, report,
        undoing
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        file = try row["file"]
        source = try row["source"]
        status = try row["status"]
        isDryRun = try row["dry_run"]
        isPartial = try row["partial"]
        records = try row["records"]
        total = try row["total"]
        failure = try row["failure"]
        createdAt = try row["created_at"]
        finishedAt = try row["finished_at"]
        undoneAt = try row["undone_at"]
        let report: JSON<ImportReport>? = try row["report"]
        self.report = report?.value
        let undoing: JSON<UndoReport>? = try row["undoing"]
        self.undoing = undoing?.value
    }
}
