import Foundation
import Postgres

/// An import of a file, as the registry remembers it.
public struct FileImport: Sendable, Identifiable, Encodable {
    public typealias ID = Identifier<FileImport>

    public enum Status: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case waiting, running, done, failed, undone
    }

    public let id: ID
    /// The file's name, as it was given.
    public let file: String?
    public let status: Status
    public let isDryRun: Bool
    public let isPartial: Bool
    /// Records that have been looked at so far.
    public let records: Int
    public let failure: String?
    public let createdAt: Date
    public let finishedAt: Date?
    public let undoneAt: Date?
    /// `nil` until it is done.
    public let report: ImportReport?

    private enum CodingKeys: String, CodingKey {
        case id, file, status
        case isDryRun = "dry_run"
        case isPartial = "partial"
        case records, failure
        case createdAt = "created_at"
        case finishedAt = "finished_at"
        case undoneAt = "undone_at"
        case report
    }
}

extension FileImport: RowDecodable {
    public static let columns: SQL =
        "id, file, status, dry_run, partial, records, failure, created_at, finished_at, undone_at, report"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        file = try row["file"]
        status = try row["status"]
        isDryRun = try row["dry_run"]
        isPartial = try row["partial"]
        records = try row["records"]
        failure = try row["failure"]
        createdAt = try row["created_at"]
        finishedAt = try row["finished_at"]
        undoneAt = try row["undone_at"]
        let report: JSON<ImportReport>? = try row["report"]
        self.report = report?.value
    }
}
