import Foundation
import Postgres

extension Database {
    /// Runs `body` while no other import is at work, on no node. Holds a connection meanwhile.
    ///
    /// - Throws: ``RegistryError/Conflict/importRunning`` at once when one is.
    func aloneInImports<Value: Sendable>(_ body: () async throws(RegistryError) -> Value) async throws(RegistryError) -> Value {
        try await transaction { tx throws(RegistryError) in
            let isAlone = try await tx.value("SELECT pg_try_advisory_xact_lock(hashtext('relais import places'))", as: Bool.self)
            guard isAlone == true else { throw .conflict(.importRunning) }
            guard try await tx.exists("SELECT FROM communes") else {
                throw .invalid(InvalidInput("", "no_communes", "There are no communes yet. Import them first: relais import communes FILE"))
            }
            return try await body()
        }
    }

    /// Notes that an import begins; one that was at work before, and that no job goes on with, must have been interrupted.
    func begin(
        _ id: FileImport.ID, _ options: PlaceImport.Options, total: Int, by caller: Caller, at now: Date
    ) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in
            try await tx.execute([
                """
                UPDATE imports SET status = 'failed', failure = 'It was interrupted.', finished_at = \(now)
                 WHERE status = 'running'
                   AND NOT EXISTS (SELECT FROM jobs WHERE kind = \(Job.Kind.bringImport) AND subject = imports.id::text AND dead_at IS NULL)
                """,
                """
                INSERT INTO imports (id, file, source, status, dry_run, partial, total, actor_role, actor, created_at)
                VALUES (\(id), \(options.file), \(options.source), 'running', \(options.isDryRun), \(options.isPartial), \(total),
                        \(caller.role), \(caller.token), \(now))
                """,
            ])
            try await tx.publish(Event("import.started", id), by: caller, at: now)
        }
    }

    /// Notes that an import which waits begins, or that one which was interrupted goes on.
    ///
    /// - Returns: The import and who asked for it; `nil` when there is nothing left to do.
    func resume(_ id: FileImport.ID, at now: Date) async throws(RegistryError) -> (FileImport, Caller)? {
        try await transaction { tx throws(RegistryError) in
            let found = try await tx.first(
                "SELECT \(FileImport.columns) FROM imports WHERE id = \(id) AND status IN ('waiting', 'running') FOR UPDATE",
                as: FileImport.self)
            guard let found, let asker = try await tx.asker(of: id) else { return nil }
            if found.status == .waiting {
                try await tx.execute("UPDATE imports SET status = 'running' WHERE id = \(id)")
                try await tx.publish(Event("import.started", id), by: asker, at: now)
            }
            return (found, asker)
        }
    }

    func note(total: Int, of id: FileImport.ID) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in tx.later("UPDATE imports SET total = \(total) WHERE id = \(id)") }
    }

    func finish(_ id: FileImport.ID, _ report: ImportReport, at now: Date) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in
            try await tx.execute(
                "UPDATE imports SET status = 'done', report = \(JSON(report)), finished_at = \(now) WHERE id = \(id) AND status = 'running'"
            )
            tx.later("DELETE FROM import_files WHERE import_id = \(id)")
            let counts: EventData = [
                "created": .number(report.created), "updated": .number(report.updated), "vanished": .number(report.vanished),
                "rejected": .number(report.rejectedRows),
            ]
            try await tx.publish(Event("import.done", id, counts), by: .system, at: now)
        }
    }

    func fail(_ id: FileImport.ID, _ error: RegistryError, at now: Date) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in
            let failed = try await tx.execute(
                """
                UPDATE imports SET status = 'failed', failure = \(error.wordsForImport), finished_at = \(now)
                 WHERE id = \(id) AND status IN ('waiting', 'running')
                """)
            tx.later("DELETE FROM import_files WHERE import_id = \(id)")
            if failed > 0 { try await tx.publish(Event("import.failed", id), by: .system, at: now) }
        }
    }

    /// Who asked for an undoing that is not done yet; `nil` when there is none.
    func undoer(of id: FileImport.ID) async throws(RegistryError) -> Caller? {
        try await transaction { tx throws(RegistryError) in
            try await tx.first(
                "SELECT undoer_role AS actor_role, undoer AS actor FROM imports WHERE id = \(id) AND status = 'undoing' AND undoer_role IS NOT NULL",
                as: Asker.self)?.caller
        }
    }

    /// Notes that an undoing cannot be done: the import stands as it is.
    func giveUpUndoing(_ id: FileImport.ID, _ error: RegistryError) async throws(RegistryError) {
        var report = UndoReport(id: id)
        report.failure = error.wordsForImport
        try await transaction { [report] tx throws(RegistryError) in
            try await tx.execute(
                """
                UPDATE imports SET status = CASE WHEN failure IS NULL THEN 'done' ELSE 'failed' END, undoing = \(JSON(report))
                 WHERE id = \(id) AND status = 'undoing'
                """)
        }
    }

    /// The imports, the latest first.
    public func imports(_ paging: Paging = Paging()) async throws(PostgresError) -> Page<FileImport> {
        let before: [SQL] = paging.after?.id(of: FileImport.self).map { ["id < \($0)"] } ?? []
        let found = try await query(
            "SELECT \(FileImport.columns) FROM imports WHERE \(.all(before)) ORDER BY id DESC LIMIT \(paging.limit + 1)",
            as: FileImport.self)
        return Page(found.map(\.inBrief), paging) { [$0.id.description] }
    }

    public func fileImport(_ id: FileImport.ID) async throws(PostgresError) -> FileImport? {
        try await first("SELECT \(FileImport.columns) FROM imports WHERE id = \(id)", as: FileImport.self)
    }
}

extension RegistryError {
    /// Why an import or its undoing failed, for people.
    var wordsForImport: String {
        switch self {
        case .invalid(let input): input.problems.map(\.message).joined(separator: " ")
        case .conflict(let conflict): conflict.words
        case .database(let error): error.message.map { "\(error.description); \($0)" } ?? error.description
        default: "\(self)"
        }
    }
}

/// Who asked for an import.
private struct Asker: RowDecodable {
    static let columns: SQL = "actor_role, actor"
    let caller: Caller

    init(row: borrowing Row) throws(PostgresError) { caller = Caller(try row["actor_role"], token: try row["actor"]) }
}

extension Session where Failure == RegistryError {
    /// An import that waits.
    func insert(
        _ id: FileImport.ID, _ options: PlaceImport.Options, by caller: Caller, at now: Date
    ) async throws(RegistryError) -> FileImport {
        try await inserted(
            """
            INSERT INTO imports (id, file, source, status, dry_run, partial, actor_role, actor, created_at)
            VALUES (\(id), \(options.file), \(options.source), 'waiting', \(options.isDryRun), \(options.isPartial), \(caller.role), \(caller.token),
                    \(now))
            RETURNING \(FileImport.columns)
            """, as: FileImport.self)
    }

    /// Notes who wants an import undone; `nil` when there is none.
    func askUndoing(of id: FileImport.ID, by caller: Caller) async throws(RegistryError) -> FileImport? {
        try await first(
            """
            UPDATE imports SET status = 'undoing', undoer_role = \(caller.role), undoer = \(caller.token) WHERE id = \(id)
            RETURNING \(FileImport.columns)
            """, as: FileImport.self)
    }

    func asker(of id: FileImport.ID) async throws(RegistryError) -> Caller? {
        try await first("SELECT \(Asker.columns) FROM imports WHERE id = \(id)", as: Asker.self)?.caller
    }
}
