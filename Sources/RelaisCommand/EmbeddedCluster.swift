import Foundation
import Subprocess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The private PostgreSQL of `relais serve --embedded DIR`: made, started and stopped by Relais, with PostgreSQL's own durability.
///
/// ```
/// DIR/lock            held by the one `relais serve` that works here, for as long as it lives
/// DIR/settings.conf   what differs from PostgreSQL's defaults; written at each start
/// DIR/data/           the cluster, and its log/
/// DIR/socket/         the Unix socket, the only way in
/// DIR/conninfo        how libpq gets there: RELAIS_DATABASE_URL="$(cat DIR/conninfo)" relais token create …
/// ```
/// Nobody but its owner (and root) gets to the socket, so it asks for no password; it listens on no network, not even on loopback.
struct EmbeddedCluster: Sendable {
    /// How libpq reaches the database `relais`, as its owner.
    let conninfo: String

    private let installation: PostgresInstallation
    private let owner: ClusterOwner
    private let data: String
    private let socket: String
    private let temporarySocket: Bool
    private let lock: ClusterLock

    /// Makes the cluster if `directory` is new or empty, recovers what a killed server left, starts PostgreSQL and waits until it answers.
    ///
    /// - Parameter progress: told what is being done, at least every eight seconds.
    static func start(in directory: String, progress: @escaping @Sendable (String) -> Void = { _ in }) async throws(EmbeddedClusterError)
        -> EmbeddedCluster
    {
        let home = URL(fileURLWithPath: directory).standardizedFileURL.path
        // pg_ctl hands the path to a shell, in double quotes.
        guard !home.contains(where: { "\"$`\\\n".contains($0) }) else {
            throw .unusable(home, why: "PostgreSQL takes no quote, $ or \\ in a path")
        }
        let owner = try ClusterOwner.current()
        try await prepare(home, for: owner)
        let lock = try ClusterLock(home)
        let data = "\(home)/data"
        let isNew = !FileManager.default.fileExists(atPath: "\(data)/PG_VERSION")
        let installation = try await installation(for: data, isNew: isNew)

        let (socket, isTemporary) = socketDirectory(in: home)
        try owner.makePrivateDirectory(socket)
        try write(settings(socket: socket), to: "\(home)/settings.conf")
        let cluster = EmbeddedCluster(
            conninfo: "host=\(quoted(socket)) port=5432 user=relais dbname=relais", installation: installation, owner: owner, data: data,
            socket: socket, temporarySocket: isTemporary, lock: lock)
        var attempts = 1
        if isNew {
            progress("Making a PostgreSQL \(installation.major) cluster in \(home)")
            try await cluster.initialise()
        } else {
            // The children of a postmaster that was killed hold its shared memory for a moment longer.
            if FileManager.default.fileExists(atPath: "\(data)/postmaster.pid") { attempts = 4 }
            try await cluster.endWhatIsLeft(progress)
        }
        progress("Starting PostgreSQL \(installation.major) in \(home)")
        try await cluster.launch(attempts: attempts, progress)
        try write(cluster.conninfo + "\n", to: "\(home)/conninfo")
        return cluster
    }

    /// Stops PostgreSQL: sessions are ended, a checkpoint is written, the next start needs no recovery. Not given up when the task is cancelled.
    func stop() async throws(EmbeddedClusterError) {
        // The task that stops is often a cancelled one, and a cancelled task's subprocess would be killed; a task of its own is not.
        let result = await Task { () async -> Result<Void, EmbeddedClusterError> in
            do throws(EmbeddedClusterError) {
                try await control("stop", "--mode", "fast", "--timeout", "120")
                return .success(())
            } catch {
                return .failure(error)
            }
        }.value
        if temporarySocket { try? FileManager.default.removeItem(atPath: socket) }
        lock.release()
        try result.get()
    }

    /// Starts PostgreSQL again when it dies (killed, out of memory), until the task is cancelled. What it had acknowledged is then there again.
    func keepRunning(progress: @escaping @Sendable (String) -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            guard !Task.isCancelled, !isRunning else { continue }
            progress("PostgreSQL is gone: starting it again")
            do throws(EmbeddedClusterError) { try await launch(attempts: 4, progress) } catch { progress("\(error)") }
        }
    }

    private var isRunning: Bool {
        let file = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
        return file?.split(separator: "\n").first.flatMap { pid_t($0) }.map(isOurs) ?? false
    }

    /// Gives up the directory and leaves PostgreSQL running, as a server that is killed does: for tests of the next start.
    func forget() { lock.release() }

    // MARK: - Steps

    private static func prepare(_ home: String, for owner: ClusterOwner) async throws(EmbeddedClusterError) {
        do {
            try FileManager.default.createDirectory(
                atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: owner.isAnother ? 0o711 : 0o700])
            let inside = try FileManager.default.contentsOfDirectory(atPath: home)
            let ours = ["lock", "settings.conf", "conninfo", "data", "data.new", "socket"]
            // A file that somebody put beside a cluster that is there (a dump of it, say) is in nobody's way.
            guard inside.contains("data") || inside.allSatisfy(ours.contains) else { throw EmbeddedClusterError.notEmpty(home) }
        } catch let error as EmbeddedClusterError {
            throw error
        } catch {
            throw .unusable(home, why: error.localizedDescription)
        }
        guard await owner.canEnter(home) else { throw .unreachable(home, owner: owner.name) }
    }

    /// A cluster is opened by the major version that made it, and by no other.
    private static func installation(for data: String, isNew: Bool) async throws(EmbeddedClusterError) -> PostgresInstallation {
        let installed = await PostgresInstallation.all()
        guard let newest = installed.first else { throw .noPostgres }
        guard !isNew else { return newest }
        let made = (try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8)).flatMap { Int($0.filter(\.isNumber)) } ?? 0
        guard let fitting = installed.first(where: { $0.major == made }) else {
            throw .wrongMajor(directory: data, made: made, installed: installed.map(\.major))
        }
        return fitting
    }

    /// A socket's path ends at 107 bytes, a directory's at 4095: below a long one, the socket is in /tmp, under a name that stays the same.
    private static func socketDirectory(in home: String) -> (path: String, isTemporary: Bool) {
        let path = "\(home)/socket"
        guard path.utf8.count + "/.s.PGSQL.5432".utf8.count > 107 else { return (path, false) }
        let hash = home.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }  // FNV-1a
        return ("/tmp/relais-\(String(hash, radix: 36))", true)
    }

    private static func settings(socket: String) -> String {
        """
        # Written by relais at each start. Settings of your own: ALTER SYSTEM, or data/postgresql.conf.
        listen_addresses = ''
        unix_socket_directories = '"\(socket.replacing("'", with: "''"))"'
        unix_socket_permissions = 0700
        max_connections = 200
        timezone = 'UTC'
        # A week of logs; without details, which would quote what people wrote.
        logging_collector = on
        log_directory = 'log'
        log_filename = 'postgresql-%a.log'
        log_truncate_on_rotation = on
        log_rotation_age = 1d
        log_error_verbosity = terse

        """
    }

    /// Everything happens beside, and the last step is a rename: an interrupted start leaves no half of a cluster.
    private func initialise() async throws(EmbeddedClusterError) {
        let fresh = data + ".new"
        try? FileManager.default.removeItem(atPath: fresh)
        try owner.makePrivateDirectory(fresh)
        try await installation.run(
            "initdb",
            [
                "--pgdata", fresh, "--username", "postgres", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums",
                "--auth-local", "trust", "--auth-host", "reject",
            ], as: owner, in: fresh)
        // Relais owns its database and nothing else; `psql -U postgres` through the same socket is there for the rest.
        try await installation.run(
            "postgres", ["--single", "-D", fresh, "-c", "logging_collector=off", "postgres"], as: owner, in: fresh,
            input: "CREATE ROLE relais LOGIN;\nCREATE DATABASE relais OWNER relais;\n")
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(fresh)/postgresql.conf"))
            try file.seekToEnd()
            try file.write(contentsOf: Data("\ninclude = '../settings.conf'\n".utf8))
            try file.close()
            try FileManager.default.moveItem(atPath: fresh, toPath: data)
        } catch {
            throw .unusable(data, why: error.localizedDescription)
        }
    }

    /// We hold the lock, so a PostgreSQL that still runs here was left by a server that was killed; and a `postmaster.pid` may
    /// name a process that is somebody else's by now, after which PostgreSQL would refuse to start.
    private func endWhatIsLeft(_ progress: (String) -> Void) async throws(EmbeddedClusterError) {
        let file = "\(data)/postmaster.pid"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let process = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return }
        if isOurs(process) {
            progress("Stopping the PostgreSQL that a killed server left here (process \(process))")
            try await control("stop", "--mode", "fast", "--timeout", "120")
        } else if kill(process, 0) == 0 {
            unlink(file)
        }
    }

    /// A postmaster works in its data directory. (Without /proc, being alive has to do.)
    private func isOurs(_ process: pid_t) -> Bool {
        guard FileManager.default.fileExists(atPath: "/proc/self/cwd") else { return kill(process, 0) == 0 }
        let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
        return place == URL(fileURLWithPath: data).resolvingSymlinksInPath().path
    }

    private func launch(attempts: Int, _ progress: @escaping @Sendable (String) -> Void) async throws(EmbeddedClusterError) {
        let stillThere = Task {
            for seconds in stride(from: 8, through: Int.max, by: 8) {
                try await Task.sleep(for: .seconds(8))
                progress("PostgreSQL is still starting, \(seconds) s (after a crash it first reads its log again)")
            }
        }
        defer { stillThere.cancel() }
        for attempt in 1...attempts {
            do throws(EmbeddedClusterError) {
                return try await control("start", "--timeout", "900", "--log", "\(data)/start.log")
            } catch {
                guard attempt < attempts else { break }
                try? await Task.sleep(for: .seconds(attempt))
                if Task.isCancelled { break }
            }
        }
        if temporarySocket { try? FileManager.default.removeItem(atPath: socket) }
        throw .doesNotStart(log: lastWords())
    }

    private func control(_ arguments: String...) async throws(EmbeddedClusterError) {
        try await installation.run("pg_ctl", ["--pgdata", data, "--wait", "--silent"] + arguments, as: owner, in: data)
    }

    private func lastWords() -> String {
        let logs =
            ["\(data)/start.log"]
            + ((try? FileManager.default.contentsOfDirectory(atPath: "\(data)/log")) ?? []).map { "\(data)/log/\($0)" }
        func changed(_ path: String) -> Date {
            (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date ?? .distantPast
        }
        let latest = logs.max { changed($0) < changed($1) }
        let text = latest.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        return text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }

    private static func write(_ text: String, to path: String) throws(EmbeddedClusterError) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw .unusable(path, why: error.localizedDescription)
        }
    }

    /// A value as libpq's key=value strings want it.
    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
