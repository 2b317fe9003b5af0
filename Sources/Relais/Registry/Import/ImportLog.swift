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

    /// Notes that an import begins; one that was at work before must have been interrupted.
    func begin(_ id: FileImport.ID, _ options: PlaceImport.Options, by caller: Caller, at now: Date) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in
            try await tx.execute([
                "UPDATE imports SET status = 'failed', failure = 'It was interrupted.', finished_at = \(now) WHERE status = 'running'",
                """
                INSERT INTO imports (id, file, status, dry_run, partial, actor_role, actor, created_at)
                VALUES (\(id), \(options.file), 'running', \(options.isDryRun), \(options.isPartial), \(caller.role), \(caller.token), \(now))
                """,
            ])
            try await tx.publish(Event("import.started", id), by: caller, at: now)
        }
    }

    func finish(_ id: FileImport.ID, _ report: ImportReport, at now: Date) async throws(RegistryError) {
        try await transaction { tx throws(RegistryError) in
            try await tx.execute(
                "UPDATE imports SET status = 'done', report = \(JSON(report)), finished_at = \(now) WHERE id = \(id) AND status = 'running'"
            )
            let counts: EventData = [
                "created": .number(report.created), "updated": .number(report.updated), "vanished": .number(report.vanished),
                "rejected": .number(report.rejectedRows),
            ]
            try await tx.publish(Event("import.done", id, counts), by: .system, at: now)
        }
    }

    func fail(_ id: FileImport.ID, _ error: RegistryError, at now: Date) async throws(RegistryError) {
        let words =
            switch error {
            case .invalid(let input): input.problems.map(\.message).joined(separator: " ")
            case .database(let error): error.description
            default: "\(error)"
            }
        try await transaction { tx throws(RegistryError) in
            try await tx.execute(
                "UPDATE imports SET status = 'failed', failure = \(words), finished_at = \(now) WHERE id = \(id) AND status = 'running'")
        }
    }

    /// The imports, the latest first.
    public func imports(_ paging: Paging = Paging()) async throws(PostgresError) -> Page<FileImport> {
        let before: [SQL] = paging.after?.id(of: FileImport.self).map { ["id < \($0)"] } ?? []
        let found = try await query(
            "SELECT \(FileImport.columns) FROM imports WHERE \(.all(before)) ORDER BY id DESC LIMIT \(paging.limit + 1)",
            as: FileImport.self)
        return Page(found, paging) { [$0.id.description] }
    }

    public func fileImport(_ id: FileImport.ID) async throws(PostgresError) -> FileImport? {
        try await first("SELECT \(FileImport.columns) FROM imports WHERE id = \(id)", as: FileImport.self)
    }
}
