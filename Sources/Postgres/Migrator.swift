/// One step of the schema: a file of SQL, applied once and never changed.
public struct Migration: Sendable, Equatable {
    /// Its place in the order; files are named by it (`0001_registry.sql`).
    public let number: Int
    public let name: String
    /// Statements without parameters, run in one transaction: it is applied whole or not at all.
    public let sql: String
    /// The checksums (SHA-256 in hexadecimal) that the file had before it was corrected so that more servers take it, and makes the same: a database that it
    /// was applied to is not told that it was changed.
    public let formerly: [String]

    public init(number: Int, name: String, sql: String, formerly: [String] = []) {
        self.number = number
        self.name = name
        self.sql = sql
        self.formerly = formerly
    }
}

/// Brings the schema forward, one migration after the other, each in a transaction.
///
/// Several nodes may start it at once: an advisory lock lets one apply a migration, and the others find it applied and go on.
public struct Migrator: Sendable {
    private let database: Database
    private let migrations: [Migration]

    /// How long one migration may take.
    private static let deadline: Duration = .seconds(3600)
    /// The key of the advisory lock; any number that nobody else takes.
    private static let lock = 7_310_579_617_312_001

    /// - Parameter migrations: All of them, in any order; their numbers differ.
    public init(database: Database, migrations: [Migration]) {
        self.database = database
        self.migrations = migrations.sorted { $0.number < $1.number }
    }

    /// A migration, and when it was applied.
    public struct Status: Sendable, Equatable {
        public let number: Int
        public let name: String
        /// nil while it waits to be applied.
        public let appliedAt: Timestamp?
    }

    /// Applies what has not been applied yet.
    ///
    /// - Returns: What this call applied; another node may have applied the rest.
    /// - Throws: ``MigrationError``, whose description says what to do.
    @discardableResult public func up() async throws(MigrationError) -> [Migration] {
        let applied = try await prepare()
        var done: [Migration] = []
        for migration in migrations where !applied.contains(where: { $0.number == migration.number }) {
            if try await apply(migration) { done.append(migration) }
        }
        return done
    }

    /// What is applied and what waits, without changing anything.
    public func status() async throws(MigrationError) -> [Status] {
        let applied = try await database.transaction(readOnly: true) { tx throws(MigrationError) in
            guard try await tx.value("SELECT to_regclass('schema_migrations') IS NOT NULL", as: Bool.self) == true else {
                return [Applied]()
            }
            return try await tx.query("SELECT \(Applied.columns) FROM schema_migrations ORDER BY number", as: Applied.self)
        }
        try await check(applied)
        return migrations.map { migration in
            Status(
                number: migration.number, name: migration.name, appliedAt: applied.first { $0.number == migration.number }?.appliedAt)
        }
    }

    /// Whether the database has exactly the migrations that this program knows, by their numbers: one short statement, for a check that is made every
    /// few seconds. (``status()`` compares the texts, too.)
    public func isCurrent() async throws(PostgresError) -> Bool {
        try await database.values("SELECT number FROM schema_migrations ORDER BY number", as: Int.self) == migrations.map(\.number)
    }

    /// Makes the table of what has been applied, reads it, and compares it with the files.
    private func prepare() async throws(MigrationError) -> [Applied] {
        for (one, next) in zip(migrations, migrations.dropFirst()) where one.number == next.number {
            throw .sameNumber(one.number, one.name, next.name)
        }
        let applied = try await database.transaction(deadline: Migrator.deadline) { tx throws(MigrationError) in
            try await tx.execute("SELECT pg_advisory_xact_lock(\(Migrator.lock))")
            try await tx.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number     integer PRIMARY KEY,
                    name       text NOT NULL,
                    checksum   text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """)
            return try await tx.query("SELECT \(Applied.columns) FROM schema_migrations ORDER BY number", as: Applied.self)
        }
        try await check(applied)
        return applied
    }

    private func check(_ applied: [Applied]) async throws(MigrationError) {
        let checksums: [String]
        do throws(PostgresError) {
            checksums = try await database.values(
                """
                SELECT encode(sha256(convert_to(sql, 'UTF8')), 'hex') FROM unnest(\(migrations.map(\.sql))) WITH ORDINALITY AS file (sql, place)
                 ORDER BY place
                """, as: String.self)
        } catch {
            throw .database(error)
        }
        for row in applied {
            guard let index = migrations.firstIndex(where: { $0.number == row.number }) else { throw .newerDatabase(row.number, row.name) }
            if checksums[index] != row.checksum, !migrations[index].formerly.contains(row.checksum) { throw .changed(row.number, row.name) }
        }
        // A file with a lower number than one that is applied would run in another order elsewhere.
        if let last = applied.last,
            let late = migrations.first(where: { file in
                file.number < last.number && !applied.contains { $0.number == file.number }
            })
        {
            throw .late(late.number, late.name, after: last.number)
        }
    }

    /// - Returns: Whether it was this call that applied it.
    private func apply(_ migration: Migration) async throws(MigrationError) -> Bool {
        do throws(PostgresError) {
            return try await database.transaction(deadline: Migrator.deadline) { tx throws(PostgresError) in
                try await tx.execute("SELECT pg_advisory_xact_lock(\(Migrator.lock))")
                let isApplied = try await tx.value(
                    "SELECT EXISTS (SELECT FROM schema_migrations WHERE number = \(migration.number))", as: Bool.self)
                if isApplied == true { return false }
                try await tx.run(script: migration.sql)
                try await tx.execute(
                    """
                    INSERT INTO schema_migrations (number, name, checksum)
                    VALUES (\(migration.number), \(migration.name), encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex'))
                    """)
                return true
            }
        } catch {
            throw error.kind == .server ? .failed(migration.number, migration.name, error) : .database(error)
        }
    }
}

/// A line of `schema_migrations`.
private struct Applied: RowDecodable {
    let number: Int
    let name: String
    let checksum: String
    let appliedAt: Timestamp

    static let columns: SQL = "number, name, checksum, applied_at"

    init(row: borrowing Row) throws(PostgresError) {
        number = try row["number"]
        name = try row["name"]
        checksum = try row["checksum"]
        appliedAt = try row["applied_at"]
    }
}

/// Why the schema cannot be brought forward, in words that say what to do.
public enum MigrationError: Error, Equatable {
    /// A file is not what it was when it was applied.
    case changed(Int, String)
    /// The database has a migration that this program does not.
    case newerDatabase(Int, String)
    /// A file is numbered before one that has been applied already.
    case late(Int, String, after: Int)
    case sameNumber(Int, String, String)
    /// The server refused a file; nothing of it was kept.
    case failed(Int, String, PostgresError)
    case database(PostgresError)
}

extension MigrationError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self = .database(error)
    }
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .changed(let number, let name):
            "migration \(number) (\(name)) was changed after it had been applied. Put the file back as it was, and write the change as a new migration."
        case .newerDatabase(let number, let name):
            "the database has migration \(number) (\(name)), which this program does not know. Install the version that wrote it, or a newer one."
        case .late(let number, let name, let after):
            "migration \(number) (\(name)) comes before \(after), which has been applied already. Give it a number after \(after)."
        case .sameNumber(let number, let one, let other):
            "two migrations have the number \(number): \(one) and \(other). Give one of them another number."
        case .failed(let number, let name, let error):
            "migration \(number) (\(name)) failed, and nothing of it was kept. Correct what it met and start again: "
                + "\(error)\(error.message.map { "; \($0)" } ?? "")"
        case .database(let error):
            "the schema could not be brought forward. Check that the server can be reached, and start again: "
                + "\(error)\(error.message.map { "; \($0)" } ?? "")"
        }
    }
}
