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

    /// - Throws: Every setting that is wrong, each with its name, its value unless it is secret, and what would be right.
    init(_ reader: SettingReader) throws(WrongUse) {
        var wrong: [String] = []
        func take<Value>(_ standard: Value, _ read: () throws(WrongUse) -> Value) -> Value {
            do throws(WrongUse) { return try read() } catch {
                wrong.append(error.description)
                return standard
            }
        }
        databaseURL = take(nil) { () throws(WrongUse) in try reader.databaseURL() }
        let address = take(("127.0.0.1", 8080)) { () throws(WrongUse) in
            try reader.value(.listen, "an address and a port, as 127.0.0.1:8080 or [::1]:8080", Self.address) ?? ("127.0.0.1", 8080)
        }
        let (host, port) = address
        (self.host, self.port) = address
        let own = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        publicURL = take(own) { () throws(WrongUse) in
            try reader.value(.publicURL, "an http or https address without query, as https://relais.example.org", Self.publicURL) ?? own
        }
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        logLevel = take(.info) { () throws(WrongUse) in
            try reader.value(.logLevel, "one of \(levels)", Logger.Level.init(rawValue:)) ?? .info
        }
        logFormat = take(.standard) { () throws(WrongUse) in
            try reader.value(.logFormat, "json or text", LogFormat.init(rawValue:)) ?? .standard
        }
        keyring = take(nil) { () throws(WrongUse) in
            try reader.value(.secretKeys, "one or several keys separated by commas, each of 32 characters or more") { text in
                Keyring(text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) })
            }
        }
        func count(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
            take(range.lowerBound) { () throws(WrongUse) in try reader.integer(setting, in: range) }
        }
        poolSize = count(.poolSize, in: 1...500)
        limits = RateLimits(
            token: count(.rateLimit, in: 0...10_000_000), visitor: count(.rateLimitVisitors, in: 0...10_000_000),
            publicRequests: count(.rateLimitRequests, in: 0...10_000_000))
        trustedProxies = take([]) { () throws(WrongUse) in
            try reader.value(.trustedProxies, "addresses or ranges separated by commas, as 10.0.0.0/8,::1") { text -> [AddressRange]? in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
                let ranges = parts.compactMap(AddressRange.init)
                return ranges.count == parts.count ? ranges : nil
            } ?? []
        }
        if !wrong.isEmpty { throw WrongUse(wrong.joined(separator: "\n")) }
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
