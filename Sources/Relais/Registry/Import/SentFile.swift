import Foundation
import Postgres

/// A file that comes in to be imported, kept in pieces until it has been: whichever node carries the import out reads it from the database.
///
/// ```swift
/// var sent = SentFile(id, in: database, generators)
/// for try await chunk in body { try await sent.write(chunk) }
/// try await sent.finish()                                            // then ImportDesk.ask(id, …)
/// ```
public struct SentFile: Sendable {
    /// Bytes of a piece.
    private static let piece = 1 << 18
    /// Pieces of which there never was an import are kept so long.
    private static let patience: TimeInterval = 86_400

    public let id: FileImport.ID
    /// Bytes that have come in.
    public private(set) var count = 0
    private var pending: [UInt8] = []
    private let database: Database
    private let generators: Generators

    public init(_ id: FileImport.ID, in database: Database, _ generators: Generators) {
        self.id = id
        self.database = database
        self.generators = generators
    }

    public mutating func write(_ bytes: some Collection<UInt8>) async throws(PostgresError) {
        pending.append(contentsOf: bytes)
        count += bytes.count
        if pending.count >= Self.piece { try await keep() }
    }

    public mutating func finish() async throws(PostgresError) {
        if !pending.isEmpty { try await keep() }
    }

    private mutating func keep() async throws(PostgresError) {
        try await database.execute(
            "INSERT INTO import_files (import_id, start, bytes, at) VALUES (\(id), \(count - pending.count), \(pending), \(generators.now()))"
        )
        pending.removeAll(keepingCapacity: true)
    }

    /// Takes away what has come in, unless there is an import of it; and what has been left behind by others.
    public func forgetIfUnused() async throws(PostgresError) {
        let before = generators.now().addingTimeInterval(-Self.patience)
        try await database.execute(
            """
            DELETE FROM import_files f WHERE (import_id = \(id) OR at < \(before)) AND NOT EXISTS (SELECT FROM imports i WHERE i.id = f.import_id)
            """)
    }
}

extension Database {
    /// The file of an import that was asked for.
    func sentFile(of id: FileImport.ID) -> ImportSource {
        ImportSource { [self] offset async throws(ImportRefusal) in
            do throws(PostgresError) {
                let piece = try await first(
                    "SELECT start, bytes FROM import_files WHERE import_id = \(id) AND start <= \(offset) ORDER BY start DESC LIMIT 1",
                    as: SentPiece.self)
                return piece.map { Array($0.bytes.dropFirst(offset - $0.start)) } ?? []
            } catch { throw ImportRefusal(error) }
        }
    }
}

private struct SentPiece: RowDecodable {
    static let columns: SQL = "start, bytes"
    let start: Int
    let bytes: [UInt8]

    init(row: borrowing Row) throws(PostgresError) {
        start = try row["start"]
        bytes = try row["bytes"]
    }
}
