import ArgumentParser
import Foundation
import Postgres
import Relais

/// `relais token`: who may talk to the program.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes tokens.", subcommands: [Create.self, List.self, Revoke.self])

    /// `relais token create`
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints it, alone, on standard output. It is shown this once.",
            discussion: "A manager or prescriber needs --structure, a mediator --mediator, a tool at least one --scope.")
        @OptionGroup var flags: DatabaseFlags
        @Option(help: "admin, coordinator, manager, mediator, prescriber or tool.") var role: String
        @Option(help: "What people call it.") var name: String
        @Option(help: "The id of the structure that a manager or prescriber speaks for.") var structure: String?
        @Option(help: "The id of the mediator whom it stands for.") var mediator: String?
        @Option(help: "What a tool may do: \(Scope.allCases.map(\.rawValue).joined(separator: ", ")). Several, or separated by commas.")
        var scope: [String] = []
        @Option(
            help: "The last day on which it is good (2026-12-31, to the end of that day in Paris), or an instant to come, with its offset.")
        var expires: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let draft = try draft()
            let issued = try await flags.withDatabase { database in
                do throws(AccountError) {
                    return try await database.transaction { tx throws(AccountError) in
                        try await AccountDesk(generators: .system).issue(draft, by: .system, in: tx) { _ in .random() }
                    }
                } catch {
                    throw Self.failure(error)
                }
            }
            if json { try printJSON(issued) } else { print(issued.secret) }
        }

        /// Why no token was made, in words of the flags.
        static func failure(_ error: AccountError) -> any Error {
            switch error {
            case .unknownStructure: WrongUse("--structure: there is no structure with this id.")
            case .unknownMediator: WrongUse("--mediator: there is no mediator with this id.")
            // All else that can be wrong was told when the flags were read.
            case .invalid:
                WrongUse("--expires: this is over. It must be today, a later day (2026-12-31) or an instant that is still to come.")
            case .database(let error): Failed(databaseWords(error))
            case .unknown, .refused, .forbidden: Failed("the token could not be made: \(error)")
            }
        }

        func draft() throws(WrongUse) -> TokenDraft {
            guard let role = Caller.Role.ofTokens.first(where: { $0.rawValue == role }) else {
                throw WrongUse(
                    "--role \(role): there is no such role. It is one of \(Caller.Role.ofTokens.map(\.rawValue).joined(separator: ", ")).")
            }
            var scopes: [Scope] = []
            for text in scope.flatMap({ $0.split(separator: ",").map(String.init) }) {
                guard let scope = Scope(rawValue: text) else {
                    throw WrongUse(
                        "--scope \(text): there is no such scope. Near ones: \(nearest(text, among: Scope.allCases.map(\.rawValue)).joined(separator: ", "))."
                    )
                }
                if !scopes.contains(scope) { scopes.append(scope) }
            }
            let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
            guard (1...200).contains(name.count) else { throw WrongUse("--name: this must have from 1 to 200 characters.") }
            do throws(InvalidInput) {
                return try TokenDraft(
                    name: name, role: role, structure: try id(structure, "--structure"), mediator: try id(mediator, "--mediator"),
                    scopes: scopes,
                    expiresAt: try expiry())
            } catch {
                let lines = error.problems.map { problem in
                    let flag =
                        "--"
                        + (problem.pointer == "/scopes"
                            ? "scope" : problem.pointer.hasPrefix("/") ? String(problem.pointer.dropFirst()) : problem.pointer)
                    return "\(flag): \(Self.words[problem.code] ?? problem.message)"
                }
                throw WrongUse(lines.joined(separator: "\nrelais: "))
            }
        }

        private static let words = [
            "required": "a token of this role needs it.", "not_for_role": "a token of this role does not have it.",
        ]

        private func id<Entity>(_ text: String?, _ flag: String) throws(InvalidInput) -> Identifier<Entity>? {
            guard let text else { return nil }
            guard let id = Identifier<Entity>(text) else {
                throw InvalidInput(String(flag.dropFirst(2)), "format", "this must be an id: a UUID.")
            }
            return id
        }

        private func expiry() throws(InvalidInput) -> Date? {
            guard let expires else { return nil }
            if let instant = Date(rfc3339: expires) { return instant }
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt
            guard expires.utf8.count == 10, let midnight = Date(rfc3339: expires + "T00:00:00Z") else {
                throw InvalidInput("expires", "format", "this must be a date that exists, as 2026-12-31, or an instant with its offset.")
            }
            var utc = Calendar(identifier: .gregorian)
            utc.timeZone = .gmt
            let parts = utc.dateComponents([.year, .month, .day], from: midnight)
            let next = calendar.date(from: parts).flatMap { calendar.date(byAdding: .day, value: 1, to: $0) }
            return next
        }
    }

    /// `relais token list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tokens, without their secrets.")
        @OptionGroup var flags: DatabaseFlags
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let tokens = try await flags.withDatabase { database in
                do throws(PostgresError) {
                    var tokens: [Token] = []
                    var paging = Paging(limit: Paging.largest)
                    while true {
                        let page = try await database.tokens(paging)
                        tokens += page.items
                        guard let next = page.next else { return tokens }
                        paging = Paging(limit: Paging.largest, after: next)
                    }
                } catch { throw Failed(databaseWords(error)) }
            }
            if json { return try printJSON(tokens) }
            for token in tokens {
                let bound = token.structure.map { " structure \($0)" } ?? token.mediator.map { " mediator \($0)" } ?? ""
                let end = token.revokedAt.map { " revoked \($0.rfc3339)" } ?? token.expiresAt.map { " expires \($0.rfc3339)" } ?? ""
                print("\(token.id) \(token.role.rawValue)\(bound)\(end) \(token.name)")
            }
        }
    }

    /// `relais token revoke ID`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revokes a token for good, on every node at once.")
        @OptionGroup var flags: DatabaseFlags
        @Argument(help: "The id of the token, as the list shows it.") var id: String

        func run() async throws {
            guard let id = Token.ID(id) else { throw WrongUse("\(id): this must be the id of a token: a UUID.") }
            try await flags.withDatabase { database in
                do throws(AccountError) {
                    try await database.transaction { tx throws(AccountError) in
                        try await AccountDesk(generators: .system).revoke(id, by: .system, in: tx)
                    }
                } catch .unknown {
                    throw WrongUse("there is no token \(id).")
                } catch .database(let error) {
                    throw Failed(databaseWords(error))
                } catch {
                    throw Failed("the token could not be revoked: \(error)")
                }
            }
        }
    }
}

/// What to do about an error of the database, for an operator, who may read the server's words.
func databaseWords(_ error: PostgresError) -> String {
    switch error.kind {
    case .unavailable:
        "the database does not answer. Check RELAIS_DATABASE_URL and that PostgreSQL runs: \(error.message ?? error.description)"
    case .server where error.sqlState == "42P01" || error.sqlState == "42703":
        "the database is not up to date. Run `relais migrate up` first."
    default: "the database refused: \(error.message ?? error.description)"
    }
}
