import Foundation
import Logging
import Relais
import RelaisWeb

/// What the operator decided, read and found right.
struct Settings: Sendable {
    /// `nil` when there is none, which only `--embedded` allows.
    let databaseURL: String?
    let host: String
    let port: Int
    let publicURL: String
    let logLevel: Logger.Level
    let logFormat: LogFormat
    /// `nil`: the database keeps one.
    let keyring: Keyring?
    let poolSize: Int
    let limits: RateLimits
    let trustedProxies: [AddressRange]

    /// - Throws: The first setting that is wrong, with its name, its value unless it is secret, and what would be right.
    init(_ reader: SettingReader) throws(WrongUse) {
        databaseURL = reader.text(.databaseURL)
        let address =
            try reader.value(.listen, "an address and a port, as 127.0.0.1:8080 or [::1]:8080", Self.address) ?? ("127.0.0.1", 8080)
        (host, port) = address
        publicURL =
            try reader.value(.publicURL, "an http or https address without query, as https://relais.example.org", Self.publicURL)
            ?? "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        logLevel =
            try reader.value(
                .logLevel, "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))", Logger.Level.init(rawValue:)) ?? .info
        logFormat = try reader.value(.logFormat, "json or text", LogFormat.init(rawValue:)) ?? .standard
        keyring = try reader.value(.secretKeys, "one or several keys separated by commas, each of 32 characters or more") { text in
            Keyring(text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) })
        }
        poolSize = try reader.integer(.poolSize, in: 1...500)
        limits = RateLimits(
            token: try reader.integer(.rateLimit, in: 0...10_000_000), visitor: try reader.integer(.rateLimitVisitors, in: 0...10_000_000),
            publicRequests: try reader.integer(.rateLimitRequests, in: 0...10_000_000))
        trustedProxies =
            try reader.value(.trustedProxies, "addresses or ranges separated by commas, as 10.0.0.0/8,::1") { text -> [AddressRange]? in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
                let ranges = parts.compactMap(AddressRange.init)
                return ranges.count == parts.count ? ranges : nil
            } ?? []
    }

    private static func address(_ text: String) -> (String, Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) } else if host.contains(":") { return nil }
        return host.isEmpty || host.contains(where: \.isWhitespace) ? nil : (host, port)
    }

    private static func publicURL(_ text: String) -> String? {
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https", let host = url.host, !host.isEmpty,
            url.query == nil,
            url.fragment == nil
        else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
