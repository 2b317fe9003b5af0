import Foundation
import Subprocess
import SystemPackage

/// A PostgreSQL server installed on this machine: where its programs are, and its major version.
struct PostgresInstallation: Sendable, Equatable {
    /// The oldest major version that Relais runs on.
    static let oldest = 15

    let directory: String
    let major: Int

    /// Every installation found, newest first: `RELAIS_POSTGRES_BIN`, Debian's `/usr/lib/postgresql/*/bin`, then `PATH`.
    static func all(environment: [String: String] = ProcessInfo.processInfo.environment) async -> [PostgresInstallation] {
        var places: [String] = []
        if let given = environment["RELAIS_POSTGRES_BIN"], !given.isEmpty { places.append(given) }
        let debian = "/usr/lib/postgresql"
        places += ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).map { "\(debian)/\($0)/bin" }
        // A link in PATH leads to the directory that holds all the programs.
        places += (environment["PATH"] ?? "").split(separator: ":").map { path in
            URL(fileURLWithPath: "\(path)/postgres").resolvingSymlinksInPath().deletingLastPathComponent().path
        }
        var found: [PostgresInstallation] = []
        for place in places where !found.contains(where: { $0.directory == place }) {
            guard ["initdb", "pg_ctl", "postgres"].allSatisfy({ FileManager.default.isExecutableFile(atPath: "\(place)/\($0)") }),
                let major = await major(of: place), major >= oldest
            else { continue }
            found.append(PostgresInstallation(directory: place, major: major))
        }
        return found.sorted { $0.major > $1.major }
    }

    private static func major(of directory: String) async -> Int? {
        let result = try? await Subprocess.run(
            .path(FilePath("\(directory)/postgres")), arguments: ["--version"], output: .string(limit: 1024))
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "postgres (PostgreSQL) 18beta1"
        let words = result?.standardOutput.split(separator: " ") ?? []
        return words.lazy.compactMap { Int($0.prefix { $0.isNumber }) }.first
    }

    /// Runs one of its programs as `owner`, and waits for it without holding a thread.
    ///
    /// In a session of its own: a Ctrl-C on the terminal must reach Relais only, which stops PostgreSQL once its own last statement has ended.
    func run(_ program: String, _ arguments: [String], as owner: ClusterOwner, in directory: String, input: String = "")
        async throws(EmbeddedClusterError)
    {
        let command = owner.command("\(self.directory)/\(program)", arguments)
        var options = PlatformOptions()
        options.createSession = true
        let status: TerminationStatus
        let output: String
        do {
            let result = try await Subprocess.run(
                command.executable, arguments: command.arguments, environment: .inherit.updating(Self.neutral),
                workingDirectory: FilePath(directory), platformOptions: options, input: .string(input), output: .string(limit: 1 << 20),
                error: .combinedWithOutput)
            status = result.terminationStatus
            output = result.standardOutput
        } catch {
            throw .programFailed(program, says: "\(error)")
        }
        guard status.isSuccess else { throw .programFailed(program, says: output.isEmpty ? "\(status)" : output) }
    }

    /// The caller's own PostgreSQL settings would otherwise reach the private cluster; messages in English are what the log readers know.
    private static let neutral: [Environment.Key: String?] = [
        "PGDATA": nil, "PGHOST": nil, "PGPORT": nil, "PGUSER": nil, "PGDATABASE": nil, "PGOPTIONS": nil, "PGSERVICE": nil,
        "PGPASSWORD": nil, "PG_COLOR": "never", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8",
    ]
}
