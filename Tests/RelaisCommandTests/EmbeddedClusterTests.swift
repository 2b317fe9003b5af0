import Foundation
import Postgres
import Testing

@testable import RelaisCommand

@Suite("The private cluster")
struct EmbeddedClusterTests {
    /// A directory that PostgreSQL's user can get to, also when the tests run as root.
    private func withDirectory(_ name: String = "cluster", _ body: (String) async throws -> Void) async throws {
        let parent = "/tmp/relais-embedded-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: parent) }
        try await body("\(parent)/\(name)")
    }

    private func ask(_ conninfo: String, _ sql: SQL) async throws -> String? {
        let database = Database(conninfo, limit: 1)
        let answer = try await database.value(sql, as: String.self)
        await database.close()
        return answer
    }

    @Test func isMadeStartedStoppedAndFoundAgainWithItsData() async throws {
        try await withDirectory { directory in
            let first = try await EmbeddedCluster.start(in: directory)
            #expect(try await ask(first.conninfo, "SELECT current_user || ' ' || current_database()") == "relais relais")
            _ = try await ask(first.conninfo, "SELECT lo_create(4711)::text")
            try await first.stop()
            await #expect(throws: (any Error).self) { try await ask(first.conninfo, "SELECT '1'") }

            // A file beside the cluster is in nobody's way.
            try Data("--".utf8).write(to: URL(filePath: "\(directory)/backup.sql"))
            let second = try await EmbeddedCluster.start(in: directory)
            #expect(try await ask(second.conninfo, "SELECT oid::text FROM pg_largeobject_metadata") == "4711")
            try await second.stop()
        }
    }

    @Test func keepsWhatWasAcknowledgedAsPostgreSQLDoesByDefault() async throws {
        try await withDirectory { directory in
            let cluster = try await EmbeddedCluster.start(in: directory)
            for setting in ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"] {
                #expect(try await ask(cluster.conninfo, "SELECT current_setting(\(setting))") == "on", "\(setting)")
            }
            #expect(try await ask(cluster.conninfo, "SELECT current_setting('listen_addresses')") == "")
            try await cluster.stop()
        }
    }

    @Test func servesOneAtATime() async throws {
        try await withDirectory { directory in
            let cluster = try await EmbeddedCluster.start(in: directory)
            await #expect(throws: EmbeddedClusterError.inUse(directory: directory, by: "\(ProcessInfo.processInfo.processIdentifier)")) {
                try await EmbeddedCluster.start(in: directory)
            }
            try await cluster.stop()
        }
    }

    @Test func endsThePostgreSQLThatAKilledServerLeft() async throws {
        try await withDirectory { directory in
            let killed = try await EmbeddedCluster.start(in: directory)
            let before = try await ask(killed.conninfo, "SELECT pg_postmaster_start_time()::text")
            killed.forget()  // as the kernel does with a lock when its process is killed
            let next = try await EmbeddedCluster.start(in: directory)
            #expect(try await ask(next.conninfo, "SELECT pg_postmaster_start_time()::text") != before)
            try await next.stop()
        }
    }

    @Test func recoversAfterPostgreSQLWasKilled() async throws {
        try await withDirectory { directory in
            let killed = try await EmbeddedCluster.start(in: directory)
            _ = try await ask(killed.conninfo, "SELECT lo_create(4711)::text")
            let file = try String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8)
            let postmaster = try #require(file.split(separator: "\n").first.flatMap { pid_t($0) })
            kill(postmaster, SIGKILL)
            killed.forget()
            let next = try await EmbeddedCluster.start(in: directory)
            #expect(try await ask(next.conninfo, "SELECT oid::text FROM pg_largeobject_metadata") == "4711")
            try await next.stop()
        }
    }

    @Test func comesBackByItselfWhenItIsKilledWhileServing() async throws {
        try await withDirectory { directory in
            let cluster = try await EmbeddedCluster.start(in: directory)
            let watch = Task { await cluster.keepRunning { _ in } }
            let file = try String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8)
            let postmaster = try #require(file.split(separator: "\n").first.flatMap { pid_t($0) })
            kill(postmaster, SIGKILL)
            var answer: String?
            for _ in 0..<100 where answer == nil {
                try await Task.sleep(for: .milliseconds(300))
                answer = try? await ask(cluster.conninfo, "SELECT 'here'")
            }
            #expect(answer == "here")
            watch.cancel()
            await watch.value
            try await cluster.stop()
        }
    }

    @Test func isNotMisledByAProcessThatTookTheNumberOfAnOldOne() async throws {
        try await withDirectory { directory in
            try await EmbeddedCluster.start(in: directory).stop()
            try Data("\(getpid())\n\(directory)/data\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/data/postmaster.pid"))
            try await EmbeddedCluster.start(in: directory).stop()
        }
    }

    @Test func putsTheSocketOfALongPathElsewhere() async throws {
        try await withDirectory(String(repeating: "long", count: 30)) { directory in
            let cluster = try await EmbeddedCluster.start(in: directory)
            #expect(!cluster.conninfo.contains("long"))
            #expect(try await ask(cluster.conninfo, "SELECT current_database()::text") == "relais")
            try await cluster.stop()
        }
    }

    @Test func refusesADirectoryWithOtherThingsInIt() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: "\(directory)/photos", withIntermediateDirectories: true)
            await #expect(throws: EmbeddedClusterError.notEmpty(directory)) { try await EmbeddedCluster.start(in: directory) }
        }
    }

    @Test func saysWhichMajorVersionWouldBeRight() async throws {
        try await withDirectory { directory in
            try await EmbeddedCluster.start(in: directory).stop()
            try Data("9\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/data/PG_VERSION"))
            let error = await #expect(throws: EmbeddedClusterError.self) { try await EmbeddedCluster.start(in: directory) }
            #expect(error?.description.contains("was made by PostgreSQL 9") == true)
        }
    }
}
