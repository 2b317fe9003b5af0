import ArgumentParser
import Foundation
import Relais

/// `relais demo`: something to look at.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts an invented network into an empty database.",
        discussion: """
            Forty places, sixty mediators and three hundred requests in communes of the Loire, with three months of history. Nobody in it exists. The \
            same seed gives the same network. A server may run on the database meanwhile.
            """)

    @OptionGroup var flags: DatabaseFlags
    @Option(help: "Any whole number from 0.") var seed: UInt64 = 42
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let reader = try SettingReader(flags: flags.given, file: flags.config)
        let given = try Settings(reader).keyring
        let report = try await flags.withDatabase { database in
            do {
                let keyring = if let given { given } else { try await Keyring.kept(in: database) }
                return try await DemoLoader(database: database, keyring: keyring, seed: seed, end: Generators.system.now()).load {
                    filed, all in
                    RelaisTool.complain("\(filed) of \(all) requests filed", prefix: "")
                }
            } catch let refusal as DemoLoader.Refusal {
                throw WrongUse(refusal.description)
            } catch {
                throw Failed("the demo network could not be loaded: \(error)")
            }
        }
        if json { return try printJSON(report) }
        print("\(report.structures) structures, \(report.places) places, \(report.mediators) mediators in \(report.communes) communes")
        print("requests: \(line(report.requests))")
        print("referrals: \(line(report.referrals))")
    }

    private func line(_ states: [String: Int]) -> String {
        states.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
