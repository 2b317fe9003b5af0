import ArgumentParser
import Foundation

/// One thing that an operator decides. The one table (``all``) from which flags, environment, file, `--help` and documentation come.
struct Setting: Sendable {
    /// Words joined by hyphens: the flag is `--listen`, the variable `RELAIS_LISTEN`, the member of the file `listen`.
    let name: String
    /// What a value looks like, in help.
    let form: String
    /// What holds when nothing is said; empty: nothing, as `meaning` tells.
    let standard: String
    let meaning: String
    /// Never printed, not even to say that it is wrong.
    var isSecret = false

    var flag: String { "--\(name)" }
    var variable: String { "RELAIS_" + name.uppercased().replacingOccurrences(of: "-", with: "_") }
    var member: String { name.replacingOccurrences(of: "-", with: "_") }

    var help: ArgumentHelp {
        let standard = standard.isEmpty ? "" : " Default: \(standard)."
        return ArgumentHelp("\(meaning)\(standard) [\(variable)]", valueName: form)
    }
}

extension Setting {
    static let databaseURL = Setting(
        name: "database-url", form: "conninfo", standard: "",
        meaning: "Where PostgreSQL is: a libpq connection string or URI; several hosts are allowed. Not with --embedded.", isSecret: true)
    static let listen = Setting(
        name: "listen", form: "address:port", standard: "127.0.0.1:8080",
        meaning: "Where to take connections; port 0 takes any free one.")
    static let publicURL = Setting(
        name: "public-url", form: "url", standard: "",
        meaning:
            "The address under which the network reaches this server, as links for people have it; http:// and the address of --listen when not given."
    )
    static let logLevel = Setting(
        name: "log-level", form: "level", standard: "info",
        meaning: "What is logged: trace, debug, info, notice, warning, error or critical.")
    static let logFormat = Setting(
        name: "log-format", form: "format", standard: "",
        meaning: "json, or text for people; text on a terminal and json elsewhere when not given.")
    static let secretKeys = Setting(
        name: "secret-keys", form: "key,…", standard: "",
        meaning:
            "Keys from which links, codes and tokens are derived, separated by commas, each of 32 characters or more: the first one makes, all are accepted. "
            + "When not given, one is made and kept in the database.",
        isSecret: true)
    static let poolSize = Setting(
        name: "pool-size", form: "n", standard: "16", meaning: "Connections to PostgreSQL at most, 1 to 500.")
    static let rateLimit = Setting(
        name: "rate-limit", form: "n", standard: "6000", meaning: "Requests a minute with one token; 0: no limit.")
    static let rateLimitVisitors = Setting(
        name: "rate-limit-visitors", form: "n", standard: "600",
        meaning: "Requests a minute from one address without a token, and as many with tokens that are none; 0: no limit.")
    static let rateLimitRequests = Setting(
        name: "rate-limit-requests", form: "n", standard: "20",
        meaning: "Requests for help filed in ten minutes from one address without a token; 0: no limit.")
    static let trustedProxies = Setting(
        name: "trusted-proxies", form: "address,…", standard: "",
        meaning: "Addresses or ranges (10.0.0.0/8) of proxies whose X-Forwarded-For is believed, separated by commas; none when not given.")

    static let all: [Setting] = [
        databaseURL, listen, publicURL, logLevel, logFormat, secretKeys, poolSize, rateLimit, rateLimitVisitors, rateLimitRequests,
        trustedProxies,
    ]
}

/// The flags of a command that only needs the database.
struct DatabaseFlags: ParsableArguments {
    @Option(name: .customLong(Setting.databaseURL.name), help: Setting.databaseURL.help)
    var databaseURL: String?

    @Option(help: "A file of settings: a JSON object whose members are named like the variables, without RELAIS_ and in lower case.")
    var config: String?

    var given: [String: String] { databaseURL.map { [Setting.databaseURL.name: $0] } ?? [:] }
}

/// The flags of `serve`: every setting. Flags win over the environment, and the environment over the file.
struct SettingFlags: ParsableArguments {
    @OptionGroup var database: DatabaseFlags
    @Option(name: .customLong(Setting.listen.name), help: Setting.listen.help) var listen: String?
    @Option(name: .customLong(Setting.publicURL.name), help: Setting.publicURL.help) var publicURL: String?
    @Option(name: .customLong(Setting.logLevel.name), help: Setting.logLevel.help) var logLevel: String?
    @Option(name: .customLong(Setting.logFormat.name), help: Setting.logFormat.help) var logFormat: String?
    @Option(name: .customLong(Setting.secretKeys.name), help: Setting.secretKeys.help) var secretKeys: String?
    @Option(name: .customLong(Setting.poolSize.name), help: Setting.poolSize.help) var poolSize: String?
    @Option(name: .customLong(Setting.rateLimit.name), help: Setting.rateLimit.help) var rateLimit: String?
    @Option(name: .customLong(Setting.rateLimitVisitors.name), help: Setting.rateLimitVisitors.help) var rateLimitVisitors: String?
    @Option(name: .customLong(Setting.rateLimitRequests.name), help: Setting.rateLimitRequests.help) var rateLimitRequests: String?
    @Option(name: .customLong(Setting.trustedProxies.name), help: Setting.trustedProxies.help) var trustedProxies: String?

    var given: [String: String] {
        let flags: [(Setting, String?)] = [
            (.databaseURL, database.databaseURL), (.listen, listen), (.publicURL, publicURL), (.logLevel, logLevel),
            (.logFormat, logFormat),
            (.secretKeys, secretKeys), (.poolSize, poolSize), (.rateLimit, rateLimit), (.rateLimitVisitors, rateLimitVisitors),
            (.rateLimitRequests, rateLimitRequests), (.trustedProxies, trustedProxies),
        ]
        return Dictionary(uniqueKeysWithValues: flags.compactMap { setting, value in value.map { (setting.name, $0) } })
    }
}
