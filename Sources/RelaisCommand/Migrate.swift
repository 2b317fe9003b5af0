import ArgumentParser
import Foundation
import Postgres
import Relais

/// `relais migrate`: the schema of the database.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the schema of the database forward, or says where it stands.", subcommands: [Up.self, Status.self])

    /// `relais migrate up`
    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Applies what has not been applied yet; may be run on several nodes at once.")
        @OptionGroup var flags: DatabaseFlags
        @Flag(help: "Print JSON.") var json = false

        private struct Applied: Encodable {
            let number: Int
            let name: String
        }

        func run() async throws {
            try await flags.withDatabase { database in
                let applied: [Migration]
                do throws(MigrationError) {
                    applied = try await Migrator(database: database, migrations: migrations).up()
                } catch {
                    throw Failed("\(error)")
                }
                if json { return try printJSON(applied.map { Applied(number: $0.number, name: $0.name) }) }
                for migration in applied { print("applied \(migration.number) \(migration.name)") }
                if applied.isEmpty { print("up to date") }
            }
        }
    }

    /// `relais migrate status`
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says what is applied and what waits. Exit 1 when something waits.")
        @OptionGroup var flags: DatabaseFlags
        @Flag(help: "Print JSON.") var json = false

        private struct Line: Encodable {
            let number: Int
            let name: String
            let applied: Bool
        }

        func run() async throws {
            try await flags.withDatabase { database in
                let status: [Migrator.Status]
                do throws(MigrationError) {
                    status = try await Migrator(database: database, migrations: migrations).status()
                } catch {
                    throw Failed("\(error)")
                }
                if json {
                    try printJSON(status.map { Line(number: $0.number, name: $0.name, applied: $0.appliedAt != nil) })
                } else {
                    for line in status { print("\(line.number) \(line.name): \(line.appliedAt == nil ? "waits" : "applied")") }
                }
                if status.contains(where: { $0.appliedAt == nil }) { throw Failed("something waits to be applied: relais migrate up") }
            }
        }
    }
}

extension DatabaseFlags {
    /// Runs `body` with the database that flags, environment or file name, and closes it.
    func withDatabase<Value>(_ body: (Database) async throws -> Value) async throws -> Value {
        let reader = try SettingReader(flags: given, file: config)
        guard let url = try reader.databaseURL() else {
            throw WrongUse("RELAIS_DATABASE_URL (--database-url) is not set. Give it, as postgresql://user@host/relais.")
        }
        let database = Database(url, limit: 4)
        do {
            let value = try await body(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}

/// Prints a value as one line of JSON on standard output.
func printJSON(_ value: some Encodable) throws(Failed) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    encoder.dateEncodingStrategy = .custom { date, encoder in
        var container = encoder.singleValueContainer()
        try container.encode(date.rfc3339)
    }
    do {
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    } catch { throw Failed("this cannot be printed as JSON") }
}
