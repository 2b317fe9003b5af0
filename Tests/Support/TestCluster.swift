import Foundation

/// A PostgreSQL of a test's own, with the durability that PostgreSQL has by default: for tests that kill it, stop it, or set it up in
/// their way. It lives in a temporary directory and is stopped at the end, whatever happens.
public struct TestCluster: Sendable {
    /// Where data, log and socket are.
    public let directory: String
    /// Reaches it through its socket, as superuser.
    public let conninfo: String
    /// The port it listens on, on 127.0.0.1 too when it was asked to.
    public let port: Int

    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    /// How `pg_ctl stop` ends the sessions.
    public enum Stop: String, Sendable { case fast, immediate }

    /// Runs `body` with a cluster.
    ///
    /// - Parameters:
    ///   - settings: Lines of `postgresql.conf`.
    ///   - port: To listen on 127.0.0.1 as well; see ``freePort()``.
    public static func with<Value>(
        settings: [String] = [], port: Int? = nil, prepare: (TestCluster) async throws -> Void = { _ in },
        _ body: (TestCluster) async throws -> Value
    ) async throws -> Value {
        let directory = "/tmp/relais-cluster-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if getuid() == 0 { try await run("/bin/chown", ["postgres", directory]) }
        let cluster = TestCluster(
            directory: directory, conninfo: "host=\(directory) port=\(port ?? 5432) user=postgres dbname=postgres", port: port ?? 5432)
        let result: Result<Value, any Error>
        do {
            try await cluster.runBinary("initdb", ["-D", cluster.data, "-A", "trust", "-U", "postgres", "--locale=C.UTF-8"])
            let lines =
                settings + [
                    "port = \(cluster.port)", "unix_socket_directories = '\(directory)'",
                    "listen_addresses = '\(port == nil ? "" : "127.0.0.1")'",
                ]
            let configuration = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(cluster.data)/postgresql.conf"))
            try configuration.seekToEnd()
            try configuration.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
            try configuration.close()
            try await prepare(cluster)
            try await cluster.start()
            result = .success(try await body(cluster))
        } catch {
            result = .failure(error)
        }
        try? await cluster.stop(.immediate)
        try? FileManager.default.removeItem(atPath: directory)
        return try result.get()
    }

    /// The directory of `initdb`.
    public var data: String { "\(directory)/data" }

    public func start() async throws {
        try await runBinary("pg_ctl", ["-D", data, "-l", "\(directory)/log", "-w", "-t", "60", "start"])
    }

    public func stop(_ mode: Stop = .fast) async throws {
        try await runBinary("pg_ctl", ["-D", data, "-m", mode.rawValue, "-w", "-t", "60", "stop"])
    }

    /// A port of 127.0.0.1 that was free a moment ago.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isNamed else { throw Failure(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Runs a program of PostgreSQL's; PostgreSQL refuses to be root, so that root becomes `postgres` for it.
    private func runBinary(_ name: String, _ arguments: [String]) async throws {
        let path = "\(try TestCluster.binaries())/\(name)"
        if getuid() == 0 {
            try await TestCluster.run("/usr/sbin/runuser", ["-u", "postgres", "--", path] + arguments)
        } else {
            try await TestCluster.run(path, arguments)
        }
    }

    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw Failure(description: "no PostgreSQL server under \(root): apt-get install postgresql")
        }
        return "\(root)/\(newest)/bin"
    }

    /// Runs a program to its end and throws when it fails.
    public static func run(_ path: String, _ arguments: [String]) async throws {
        // Not Foundation's `Process`: it takes a child for alive as long as anything that the child started is.
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            Thread {
                do {
                    continuation.resume(returning: try spawnAndWait(path, arguments))
                } catch {
                    continuation.resume(throwing: error)
                }
            }.start()
        }
        guard status == 0 else {
            throw Failure(description: "\(path) \(arguments.joined(separator: " ")) ended with \(status)")
        }
    }
}

/// Starts a program without input or output, and waits for its end.
private func spawnAndWait(_ path: String, _ arguments: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, mode) in [(0 as Int32, O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
    }
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let refusal = posix_spawn(&process, path, &actions, nil, &words, environ)
    guard refusal == 0 else { throw TestCluster.Failure(description: "\(path) could not be started: errno \(refusal)") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
}
