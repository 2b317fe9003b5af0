import Foundation

/// The server that tests run on, given by `bin/test`.
public enum TestServer {
    /// Tests were started without a server.
    public struct Missing: Error, CustomStringConvertible {
        public let description =
            "RELAIS_TEST_DATABASE_URL is not set. Run the tests with bin/test, which starts a private PostgreSQL for them."
    }

    /// The conninfo of a database of the server's.
    public static func conninfo(database: String) throws -> String {
        guard let base = ProcessInfo.processInfo.environment["RELAIS_TEST_DATABASE_URL"], !base.isEmpty else { throw Missing() }
        guard let scheme = base.range(of: "://") else { return "\(base) dbname=\(database)" }
        let parts = base[scheme.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return "\(base[..<scheme.upperBound])\(authority)/\(database)" + (parts.count > 1 ? "?\(parts[1])" : "")
    }
}
