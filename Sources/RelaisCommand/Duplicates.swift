import ArgumentParser
import Foundation
import Postgres
import Relais

/// `relais duplicates`: which places of the registry may be one.
struct Duplicates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks for places that are in the registry twice, and says why.",
        discussion: """
            Compares names, addresses, distances, SIRET and contacts over the whole base. What is found is kept for GET /duplicates, where staff merges \
            the pairs or says that they are two; pairs that are known to be two are left out.
            """)
    @OptionGroup var flags: DatabaseFlags
    @Option(help: "How many pairs to print, the likest first.") var limit = 50
    @Flag(help: "Print JSON: all pairs.") var json = false

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit: this must be 1 or more.") }
    }

    func run() async throws {
        let report = try await flags.withDatabase { database in
            do throws(RegistryError) {
                return try await database.transaction(attempts: 3, deadline: .seconds(120)) { tx throws(RegistryError) in
                    try await DuplicateDesk(.system).search(by: .system, in: tx)
                }
            } catch .database(let error) {
                throw Failed(databaseWords(error))
            } catch .conflict(let conflict) {
                throw Failed(conflict.words)
            } catch {
                throw Failed("the search failed: \(error)")
            }
        }
        if json { return try printJSON(report) }
        print("\(report.places) places, \(report.pairs.count) pairs")
        for pair in report.pairs.prefix(limit) {
            print(String(format: "%.3f  ", pair.likeness.score) + words(pair.first))
            print("       " + words(pair.second))
            print("       " + pair.likeness.reasons.map { $0.weight < 0 ? "but \($0)" : "\($0)" }.joined(separator: ", "))
        }
        let rest = report.pairs.count - limit
        if rest > 0 { print("and \(rest) more: --limit \(report.pairs.count) shows all") }
    }

    private func words(_ side: PlaceSide) -> String { "\(side.id)  \(side.name), \(side.communeName)" }
}
