import ArgumentParser
import Foundation
import Postgres
import Relais
import RelaisWeb

/// `relais export`: the registry into files.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes the registry on standard output.", subcommands: [Places.self])

    /// `relais export places`
    struct Places: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the places that are not archived, as they are at one moment.",
            discussion: """
                csv: the national standard 1.0.2, every column in its order; imported again it changes nothing. What a spreadsheet would take for a \
                formula has an apostrophe before it, which an import takes off. ndjson: a line for each place, as the API gives it. geojson: one \
                FeatureCollection.
                """)
        @OptionGroup var flags: DatabaseFlags
        @Option(help: "csv, ndjson or geojson.") var format: PlaceFormat = .csv
        @Option(help: "Only the places of this source.") var source: String?

        func run() async throws {
            try await flags.withDatabase { database in
                var writer = PlaceWriter(format)
                let output = FileHandle.standardOutput
                var failure: (any Error)?
                func write(_ bytes: [UInt8]) {
                    if failure != nil { return }
                    do { try output.write(contentsOf: bytes) } catch { failure = error }
                }
                write(writer.head)
                do throws(PostgresError) {
                    if format == .csv, source == nil { warn(of: try await database.sharedSourceIDs()) }
                    try await database.eachPlace(of: source) { write(writer.write($0)) }
                } catch {
                    throw Failed(databaseWords(error))
                }
                write(writer.tail)
                if let failure { throw Failed("The file is not complete: \(failure.localizedDescription)") }
            }
        }

        private func warn(of shared: Int) {
            if shared == 0 { return }
            RelaisTool.complain(
                "\(shared) ids are those of places of several sources; the standard wants each once: use --source.", prefix: "warning: ")
        }
    }
}

extension PlaceFormat: ExpressibleByArgument {}
