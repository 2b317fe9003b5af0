import ArgumentParser
import Foundation
import Postgres
import Relais

/// `relais import`: files into the registry.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings places, communes or EPCI into the registry from a file.",
        discussion: """
            A file goes in in one transaction. Rows that cannot be read are reported and left out, the others go in; run it again after \
            correcting them. The same file a second time changes nothing. Exit 0 when the file was imported (see "rejected"), 1 when the database \
            failed, 2 when the file is not one that can be read.
            """,
        subcommands: [Places.self, Communes.self, Epci.self])

    /// `relais import places`
    struct Places: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in places: the national standard 1.0.2 or its older form 0.1, as CSV or JSON, recognised by its content.")
        @OptionGroup var flags: DatabaseFlags
        @OptionGroup var report: ReportFlags
        @Argument(help: "The file.") var file: String
        @Flag(help: "Tell what would happen, and write nothing.") var dryRun = false

        func run() async throws {
            let bytes = try read(file)
            let places = try refusing(file) { () throws(ImportRefusal) in try PlaceFile(bytes) }
            let result = try await flags.importing { tx throws(RegistryError) in
                try await PlaceImport(.system).run(places, dryRun: dryRun, by: .system, in: tx)
            }
            try report.print(result)
        }
    }

    /// `relais import communes`
    struct Communes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in the communes, from CSV.",
            discussion: "Columns: code_insee, nom, codes_postaux (separated by |), latitude, longitude, population, departement, type.")
        @OptionGroup var flags: DatabaseFlags
        @OptionGroup var report: ReportFlags
        @Argument(help: "The file.") var file: String

        func run() async throws {
            let bytes = try read(file)
            let communes = try refusing(file) { () throws(ImportRefusal) in try CommuneFile(bytes) }
            let result = try await flags.importing { tx throws(RegistryError) in
                try await CommuneImport().run(communes, by: .system, in: tx)
            }
            try report.print(result)
        }
    }
}

extension Import {
    /// `relais import epci`
    struct Epci: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "epci", abstract: "Brings in which communes belong to which EPCI, from CSV. The communes come first.",
            discussion: "Columns: code_insee, siren_epci, nom_epci. Communes that the file does not have stay where they were.")
        @OptionGroup var flags: DatabaseFlags
        @OptionGroup var report: ReportFlags
        @Argument(help: "The file.") var file: String
        @Flag(help: "Tell what would happen, and write nothing.") var dryRun = false

        func run() async throws {
            let bytes = try read(file)
            let epci = try refusing(file) { () throws(ImportRefusal) in try EpciFile(bytes) }
            let result = try await flags.importing { tx throws(RegistryError) in
                try await EpciImport().run(epci, dryRun: dryRun, by: .system, in: tx)
            }
            try report.print(result)
        }
    }
}

/// How a report is shown.
struct ReportFlags: ParsableArguments {
    @Flag(help: "Print JSON.") var json = false

    func print(_ report: ImportReport) throws {
        if json { return try printJSON(report) }
        Swift.print(
            "\(report.created) created, \(report.updated) updated, \(report.unchanged) unchanged, \(report.rejectedRows) rejected, "
                + "\(report.warnings.count) warnings")
        for note in report.rejected { Swift.print("rejected  \(line(note))") }
        for note in report.warnings { Swift.print("warning   \(line(note))") }
    }

    private func line(_ note: ImportReport.Note) -> String {
        let place = note.field.map { "row \(note.row), \($0)" } ?? "row \(note.row)"
        return "\(place): \(note.message)" + (note.value.map { " [\($0)]" } ?? "")
    }
}

private func read(_ file: String) throws(WrongUse) -> [UInt8] {
    do {
        return Array(try Data(contentsOf: URL(filePath: file)))
    } catch {
        throw WrongUse("\(file): this file cannot be read.")
    }
}

private func refusing<Value>(_ file: String, _ read: () throws(ImportRefusal) -> Value) throws(WrongUse) -> Value {
    do throws(ImportRefusal) { return try read() } catch { throw WrongUse("\(file): \(error)") }
}

extension DatabaseFlags {
    /// Runs an import in one transaction, and tells its failures in the command's words.
    fileprivate func importing<Value: Sendable>(
        _ body: (Session<RegistryError>) async throws(RegistryError) -> Value
    ) async throws -> Value {
        try await withDatabase { database in
            do throws(RegistryError) {
                return try await database.transaction(attempts: 3) { tx throws(RegistryError) in try await body(tx) }
            } catch .invalid(let input) {
                throw WrongUse(input.problems.map(\.message).joined(separator: "\nrelais: "))
            } catch .database(let error) {
                throw Failed(databaseWords(error))
            } catch {
                throw Failed("the import failed, and nothing was kept: \(error)")
            }
        }
    }
}
