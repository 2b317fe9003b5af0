import ArgumentParser
import Foundation
import Postgres
import Relais

/// `relais import`: files into the registry.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings places, communes or EPCI into the registry from a file.",
        discussion: """
            Rows that cannot be read are reported and left out, the others go in; run it again after correcting them. The same file a second time \
            changes nothing. Exit 0 when the file was imported (see "rejected"), 1 when the database failed, 2 when the file is not one that can be \
            read.
            """,
        subcommands: [Places.self, Communes.self, Epci.self, Undo.self])

    /// `relais import places`
    struct Places: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in places: the national standard 1.0.2 or its older form 0.1, as CSV or JSON, recognised by its content.")
        @OptionGroup var flags: DatabaseFlags
        @OptionGroup var report: ReportFlags
        @Argument(help: "The file.") var file: String
        @Flag(help: "Tell what would happen, field by field, and write nothing.") var dryRun = false
        @Flag(help: "The file holds a part of its sources only: do not mark what is not in it as vanished.") var partial = false
        @Option(help: "The source of the records that name none.") var source: String?

        func run() async throws {
            if let source, !(1...200).contains(source.unicodeScalars.count) {
                throw WrongUse("--source must have from 1 to 200 characters.")
            }
            let handle = try open(file)
            let places = try await refusing(file) { () async throws(ImportRefusal) in
                try await PlaceFile(
                    ImportSource { [handle] offset throws(ImportRefusal) in
                        do {
                            try handle.seek(toOffset: UInt64(offset))
                            return Array(try handle.read(upToCount: 1 << 18) ?? Data())
                        } catch { throw ImportRefusal("this file cannot be read to its end.") }
                    })
            }
            var options = PlaceImport.Options()
            options.isDryRun = dryRun
            options.isPartial = partial
            options.source = source
            options.file = URL(filePath: file).lastPathComponent
            let bar = ProgressBar(of: places.count)
            let result = try await flags.inRegistry { [options] database throws(RegistryError) in
                try await PlaceImport(database, .system).run(places, options, by: .system) { count, _ in bar.show(count) }
            }
            bar.clear()
            try report.print(result)
        }
    }

    /// `relais import undo`
    struct Undo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts back what was there before an import of places.",
            discussion: "What was changed since by somebody stays. The latest import of a place is undone first.")
        @OptionGroup var flags: DatabaseFlags
        @Argument(help: "The import, as its report names it.") var id: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            guard let id = FileImport.ID(id) else { throw WrongUse("\(id) is no id of an import: it is a UUID.") }
            let result = try await flags.inRegistry { database throws(RegistryError) in
                try await PlaceImport(database, .system).undo(id, by: .system)
            }
            if json { return try printJSON(result) }
            print("\(result.removed) removed, \(result.restored) restored, \(result.kept) kept as they have become since")
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
            let communes = try await refusing(file) { () throws(ImportRefusal) in try CommuneFile(bytes) }
            let result = try await flags.inRegistry { database throws(RegistryError) in
                try await database.transaction(attempts: 3) { tx throws(RegistryError) in
                    try await CommuneImport().run(communes, by: .system, in: tx)
                }
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
            let epci = try await refusing(file) { () throws(ImportRefusal) in try EpciFile(bytes) }
            let result = try await flags.inRegistry { database throws(RegistryError) in
                try await database.transaction(attempts: 3) { tx throws(RegistryError) in
                    try await EpciImport().run(epci, dryRun: dryRun, by: .system, in: tx)
                }
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
                + "\(report.warningCount) warnings" + (report.kept > 0 ? ", \(report.kept) with corrections kept" : "")
                + (report.vanished > 0 ? ", \(report.vanished) vanished from their source" : "")
                + ((report.returned ?? 0) > 0 ? ", \(report.returned ?? 0) are at their source again" : ""))
        for change in report.changes {
            for field in change.fields {
                let mark = field.isCorrected ? " (over a correction made here)" : ""
                let values = "[\(field.before ?? "")] -> [\(field.after ?? "")]\(mark)"
                Swift.print("changed   row \(change.row), \(change.place), \(field.member): \(values)")
            }
        }
        for note in report.rejected { Swift.print("rejected  \(line(note))") }
        for note in report.warnings { Swift.print("warning   \(line(note))") }
        let left = report.updated - report.changes.count + report.warningCount - report.warnings.count
        if left > 0 { Swift.print("… and \(left) more changes and warnings") }
        if let id = report.id { Swift.print("import \(id): relais import undo \(id)") }
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

private func open(_ file: String) throws(WrongUse) -> FileHandle {
    guard let handle = FileHandle(forReadingAtPath: file) else { throw WrongUse("\(file): this file cannot be read.") }
    return handle
}

private func refusing<Value>(_ file: String, _ read: () async throws(ImportRefusal) -> Value) async throws(WrongUse) -> Value {
    do throws(ImportRefusal) { return try await read() } catch { throw WrongUse("\(file): \(error)") }
}

extension DatabaseFlags {
    /// Runs something of the registry, and tells its failures in the command's words.
    fileprivate func inRegistry<Value: Sendable>(_ body: (Database) async throws(RegistryError) -> Value) async throws -> Value {
        try await withDatabase { database in
            do throws(RegistryError) {
                return try await body(database)
            } catch .invalid(let input) {
                throw WrongUse(input.problems.map(\.message).joined(separator: "\nrelais: "))
            } catch .database(let error) {
                throw Failed(databaseWords(error))
            } catch .unknown {
                throw WrongUse("There is no such import.")
            } catch .conflict(let conflict) {
                throw Failed(conflict.words)
            } catch {
                throw Failed("this failed: \(error)")
            }
        }
    }
}

/// A line on a terminal's standard error that tells how far a long work is. Elsewhere it shows nothing.
final class ProgressBar {
    private let total: Int
    private let start = Date()
    private let isShown = isatty(STDERR_FILENO) == 1

    init(of total: Int) { self.total = max(total, 1) }

    func show(_ done: Int) {
        guard isShown else { return }
        let part = min(1, Double(done) / Double(total))
        let filled = Int(part * 30)
        let rate = Int(Double(done) / max(0.001, Date().timeIntervalSince(start)))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        write("\r\(bar) \(Int(part * 100)) %  \(done) of \(total), \(rate) a second ")
    }

    func clear() {
        if isShown { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
