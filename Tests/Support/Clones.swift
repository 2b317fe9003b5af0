import Foundation
import Postgres
import Relais

/// A copy of the template, and the pool that reaches it.
struct Clone: Sendable {
    let name: String
    let conninfo: String
    let database: Database
}

/// Makes clones of one migrated template, lends at most 8 at a time in the order of asking, and empties them when they come back.
actor Clones {
    static let shared = Clones()

    private static let limit = 8
    private static let prefix = "relais_test_"

    private struct Template: Sendable {
        let name: String
        let admin: Database
        /// Deletes every row of the tables that the migrations left empty; nil when they left none.
        let emptying: SQL?
    }

    private var template: Task<Template, any Error>?
    private var free: [Clone] = []
    private var made = 0
    private var numbered = 0
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var fresh = 0
    private var freshQueue: [CheckedContinuation<Void, Never>] = []

    func borrow() async throws -> Clone {
        if made - free.count >= Clones.limit {
            await withCheckedContinuation { queue.append($0) }
        } else if free.isEmpty {
            made += 1
            do {
                return try await make()
            } catch {
                made -= 1
                passOn()
                throw error
            }
        }
        if let clone = free.popLast() { return clone }
        return try await borrow()
    }

    /// Empties a clone and lends it to whoever waits; one that cannot be emptied is dropped.
    func giveBack(_ clone: Clone) async {
        do {
            if let emptying = try await prepared().emptying {
                try await clone.database.transaction { tx throws(PostgresError) in
                    try await tx.execute(["SET LOCAL session_replication_role = replica", emptying])
                }
            }
            free.append(clone)
        } catch {
            made -= 1
            await drop(clone)
        }
        passOn()
    }

    private func passOn() {
        if !queue.isEmpty { queue.removeFirst().resume() }
    }

    /// Makes a clone for one test case alone, at most 8 at a time; ``discard(_:)`` has to follow.
    func borrowFresh() async throws -> Clone {
        if fresh == Clones.limit {
            await withCheckedContinuation { freshQueue.append($0) }
        } else {
            fresh += 1
        }
        do {
            return try await make()
        } catch {
            passOnFresh()
            throw error
        }
    }

    func discard(_ clone: Clone) async {
        await drop(clone)
        passOnFresh()
    }

    private func passOnFresh() {
        if freshQueue.isEmpty { fresh -= 1 } else { freshQueue.removeFirst().resume() }
    }

    private func make() async throws -> Clone {
        let template = try await prepared()
        numbered += 1
        let name = "\(template.name)_\(numbered)"
        try await template.admin.execute(SQL(stringLiteral: "CREATE DATABASE \(name) TEMPLATE \(template.name) STRATEGY file_copy"))
        let conninfo = try TestServer.conninfo(database: name)
        return Clone(name: name, conninfo: conninfo, database: Database(conninfo, limit: 8, patience: .seconds(30)))
    }

    private func drop(_ clone: Clone) async {
        await clone.database.close()
        _ = try? await prepared().admin.execute(SQL(stringLiteral: "DROP DATABASE IF EXISTS \(clone.name) WITH (FORCE)"))
    }

    private func prepared() async throws -> Template {
        if let template { return try await template.value }
        let task = Task { try await Clones.makeTemplate() }
        template = task
        return try await task.value
    }

    private static func makeTemplate() async throws -> Template {
        let admin = Database(
            try TestServer.conninfo(database: "postgres"), limit: 4, patience: .seconds(60), statementDeadline: .seconds(120))
        try await removeLeftovers(admin)
        let name = "\(prefix)\(ProcessInfo.processInfo.processIdentifier)"
        try await admin.execute(SQL(stringLiteral: "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'"))
        let database = Database(try TestServer.conninfo(database: name), limit: 2)
        try await Migrator(database: database, migrations: migrations).up()
        let tables = try await database.values(
            """
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
             ORDER BY 1
            """, as: String.self)
        var emptied: [SQL] = []
        for table in tables {
            let isEmpty = try await database.value(SQL(stringLiteral: "SELECT NOT EXISTS (SELECT FROM \(table))"), as: Bool.self)
            if isEmpty == true { emptied.append(SQL(stringLiteral: "t\(emptied.count) AS (DELETE FROM \(table))")) }
        }
        // The versions of the seeded skills stay, and with them nothing that a test made.
        let seeded = try await database.value("SELECT coalesce(max(position), 0) FROM row_versions", as: Int.self) ?? 0
        emptied.append(SQL(stringLiteral: "t\(emptied.count) AS (DELETE FROM row_versions WHERE position > \(seeded))"))
        await database.close()
        let emptying: SQL? = emptied.isEmpty ? nil : "WITH \(.joined(emptied, by: ", ")) SELECT"
        return Template(name: name, admin: admin, emptying: emptying)
    }

    /// Drops what test processes that are no more have left behind.
    private static func removeLeftovers(_ admin: Database) async throws {
        let names = try await admin.values("SELECT datname::text FROM pg_database WHERE datname LIKE \(prefix + "%")", as: String.self)
        for name in names {
            guard let process = name.dropFirst(prefix.count).split(separator: "_").first.flatMap({ Int32($0) }) else { continue }
            if kill(process, 0) == 0 { continue }
            _ = try? await admin.execute(SQL(stringLiteral: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
        }
    }
}
