import Foundation
import Postgres
import Support
import Testing

@Suite("A server of one's own", .serialized)
struct ServerTests {
    @Test func stoppedAndStartedAgainItIsThereAgain() async throws {
        try await TestCluster.with { cluster async throws -> Void in
            let database = Database(cluster.conninfo, limit: 4)
            try await database.execute("CREATE TABLE things (id int)")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await database.execute("SELECT pg_sleep(0.05)") } }
            }
            try await cluster.stop()
            let down = await #expect(throws: PostgresError.self) { try await database.execute("SELECT 1") }
            #expect(down?.kind == .unavailable)
            try await cluster.start()
            for number in 0..<8 {
                try await database.execute("INSERT INTO things VALUES (\(number))")
            }
            #expect(try await database.value("SELECT count(*) FROM things", as: Int.self) == 8)
            await database.close()
        }
    }

    @Test func aListenerComesBackAndSaysSo() async throws {
        try await TestCluster.with { cluster async throws -> Void in
            let database = Database(cluster.conninfo, limit: 4)
            var heard = database.notifications(on: "news").makeAsyncIterator()
            #expect(await heard.next() == .resumed)
            try await database.execute("SELECT pg_notify('news', 'one')")
            #expect(await heard.next() == .message("one"))
            try await cluster.stop(.immediate)
            try await cluster.start()
            #expect(await heard.next() == .resumed)
            try await database.execute("SELECT pg_notify('news', 'two')")
            #expect(await heard.next() == .message("two"))
            await database.close()
            #expect(await heard.next() == nil)
        }
    }

    /// A commit that waits for a standby which never comes obeys no deadline of the server's.
    @Test func aCommitWithoutItsStandbyHasAnUnknownOutcome() async throws {
        let settings = ["synchronous_standby_names = 'nobody'"]
        try await TestCluster.with(settings: settings) { cluster async throws -> Void in
            let database = Database(cluster.conninfo, limit: 4, statementDeadline: .milliseconds(200))
            let admin = Database("\(cluster.conninfo) options='-c synchronous_commit=local'", limit: 1)
            try await admin.execute("CREATE TABLE things (id int)")

            // Its own deadline: the connection is dropped.
            let start = ContinuousClock.now
            let expired = await #expect(throws: PostgresError.self) { try await insert(1, database) }
            #expect(expired?.kind == .commitOutcomeUnknown)
            #expect((.seconds(3)..<(.seconds(20))).contains(ContinuousClock.now - start))

            // The server does not know that nobody waits for it any more.
            let release: SQL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            try await admin.execute(release)

            // A cancelled task does not cancel its COMMIT.
            let task = Task { try await insert(2, database) }
            try await waitForCommit(admin)
            task.cancel()
            try await Task.sleep(for: .milliseconds(300))
            try await waitForCommit(admin)

            // Somebody else cancels it: the server says COMMIT, and warns.
            try await admin.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active' AND wait_event = 'SyncRep'"
            )
            let warned = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(warned?.kind == .commitOutcomeUnknown)

            // A statement that is its own transaction.
            let alone = Task { try await database.execute("INSERT INTO things VALUES (3)") }
            let aloneError = await #expect(throws: PostgresError.self) { try await alone.value }
            #expect(aloneError?.kind == .commitOutcomeUnknown)

            // The backend ends during COMMIT.
            let ended = Task { try await insert(4, database) }
            try await waitForCommit(admin)
            try await admin.execute(release)
            let endedError = await #expect(throws: PostgresError.self) { try await ended.value }
            #expect(endedError?.kind == .commitOutcomeUnknown)

            try await admin.execute(release)
            // All of them are there, locally: unknown is what the outcome was.
            #expect(try await admin.value("SELECT count(*) FROM things", as: Int.self) == 4)
        }
    }

    private func insert(_ id: Int, _ database: Database) async throws(PostgresError) {
        try await database.transaction { tx throws(PostgresError) in
            try await tx.execute("INSERT INTO things VALUES (\(id))")
        }
    }

    private func waitForCommit(_ admin: Database) async throws {
        for _ in 0..<500 {
            let waiting = try await admin.value(
                "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'SyncRep'", as: Int.self)
            if waiting == 1 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no COMMIT waits for its standby")
    }

    @Test func ofSeveralHostsTheOneThatWritesIsFound() async throws {
        try await TestCluster.with(settings: ["default_transaction_read_only = on"]) { reading async throws -> Void in
            try await TestCluster.with { writing async throws -> Void in
                let silentPort = try TestCluster.freePort()
                let database = Database(
                    """
                    host=127.0.0.1,\(reading.directory),\(writing.directory) port=\(silentPort),5432,5432 user=postgres dbname=postgres
                    target_session_attrs=read-write
                    """)
                #expect(try await database.value("SHOW unix_socket_directories", as: String.self) == writing.directory)
                await database.close()
            }
        }
    }

    @Test func overTLSTheServersCertificateIsChecked() async throws {
        let port = try TestCluster.freePort()
        try await TestCluster.with(settings: ["ssl = on"], port: port) { cluster in
            let (key, certificate) = ("\(cluster.data)/server.key", "\(cluster.data)/server.crt")
            try await TestCluster.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out",
                    certificate,
                ])
            if getuid() == 0 { try await TestCluster.run("/bin/chown", ["postgres", key, certificate]) }
            try await TestCluster.run("/bin/chmod", ["600", key])
        } _: { cluster async throws -> Void in
            let base = "host=localhost hostaddr=127.0.0.1 port=\(port) user=postgres dbname=postgres"
            let trusting = Database("\(base) sslmode=verify-full sslrootcert=\(cluster.data)/server.crt")
            #expect(try await trusting.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: Bool.self) == true)
            let text = String(repeating: "0123456789", count: 1_000_000)
            #expect(try await trusting.value("SELECT \(text)", as: String.self) == text)
            // Large answers come in many records; what TLS holds back of one must be read too.
            let sizes = try await withThrowingTaskGroup(of: Int?.self) { group in
                for size in [1, 8_191, 16_383, 16_385, 100_000, 10_000_000] {
                    group.addTask { try await trusting.value("SELECT repeat('x', \(size)::int)", as: String.self)?.utf8.count }
                }
                return try await group.reduce(into: []) { $0.append($1 ?? -1) }.sorted()
            }
            #expect(sizes == [1, 8_191, 16_383, 16_385, 100_000, 10_000_000])
            await trusting.close()
            let wary = Database("\(base) sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt")
            let error = await #expect(throws: PostgresError.self) { try await wary.execute("SELECT 1") }
            #expect(error?.kind == .unavailable)
        }
    }
}
