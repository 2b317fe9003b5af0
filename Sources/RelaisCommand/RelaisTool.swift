import ArgumentParser
import Foundation

/// The command `relais`. A new subcommand is a file of its own, and stands in the list below.
struct RelaisTool: AsyncParsableCommand {
    /// The API's, in `openapi.yaml`.
    static let version = "0.1.0"
    static let configuration = CommandConfiguration(
        commandName: "relais",
        abstract: "Registry and referral desk of a digital-mediation network.",
        discussion:
            "relais serve --embedded DIR runs everything, with a private PostgreSQL in DIR. Exit status: 0 done, 1 failed, 2 wrong use.",
        version: version,
        subcommands: [Serve.self, Migrate.self, TokenCommand.self, Import.self, Export.self, Duplicates.self, Hours.self, Demo.self])

    /// Parses the arguments and runs what they ask for: errors on standard error, exit 0 done, 1 failed, 2 wrong use.
    static func begin() async -> Never {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Foundation.exit(0)
        } catch let error as any CommandFailure {
            complain(error.description)
            Foundation.exit(error.exitStatus)
        } catch {
            let status = exitCode(for: error)
            guard status == .validationFailure else { exit(withError: error) }
            complain(fullMessage(for: error), prefix: "")
            Foundation.exit(2)
        }
    }

    /// Says something on standard error.
    static func complain(_ message: String, prefix: String = "relais: ") {
        FileHandle.standardError.write(Data((prefix + message + "\n").utf8))
    }
}

/// An error that ends the command with words for people.
protocol CommandFailure: Error, CustomStringConvertible {
    var exitStatus: Int32 { get }
}

/// Wrong use or wrong input: exit 2.
struct WrongUse: CommandFailure {
    let description: String
    var exitStatus: Int32 { 2 }

    init(_ description: String) { self.description = description }
}

/// It was right to ask, and it did not work: exit 1.
struct Failed: CommandFailure {
    let description: String
    var exitStatus: Int32 { 1 }

    init(_ description: String) { self.description = description }
}
