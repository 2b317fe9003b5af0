import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Postgres
import Relais
import ServiceLifecycle
import Support
import Testing

@testable import RelaisWeb

@Suite("A database that is away")
struct DatabaseAwayTests {
    /// Nothing listens there.
    static let nowhere = "host=127.0.0.1 port=1 user=nobody dbname=nothing connect_timeout=2"

    @Test func isA503ThatSaysWhenToComeBack() async throws {
        let web = try TestWeb(Database(Self.nowhere, limit: 2, patience: .seconds(2)))
        #expect(try await web.send(.get, "/health/live").status == .ok)
        let token = TokenSecret.random().text
        for answer in [
            try await web.send(.get, "/health/ready"), try await web.send(.get, "/api/v1/tokens", token: token),
            try await web.send(.post, "/api/v1/tokens", token: token, json: "{}"),
        ] {
            #expect(answer.problem == "503 /problems/unavailable")
            #expect(answer.headers[.retryAfter].flatMap(Int.init) ?? 0 > 0)
            for word in ["127.0.0.1", "SELECT", "port", ".swift"] { #expect(!answer.text.contains(word)) }
        }
        await web.parts.database.close()
    }

    @Test(.freshDatabase) func isUsedAgainWhenItComesBack() async throws {
        let own = OwnDatabase.current
        let web = try TestWeb(Database(OwnDatabase.conninfo, limit: 2, patience: .seconds(2)))
        let admin = try await web.token(.admin).secret
        #expect(try await web.send(.get, "/api/v1/tokens", token: admin).status == .ok)
        let name = try #require(try await own.value("SELECT current_database()::text", as: String.self))
        let postgres = Database(try TestServer.conninfo(database: "postgres"), limit: 1)
        try await postgres.execute("UPDATE pg_database SET datallowconn = false WHERE datname = \(name)")
        try await postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
        var away: [String] = []
        for _ in 0..<3 {
            web.parts.tokens.forget()
            away.append(try await web.send(.get, "/api/v1/tokens", token: admin).problem)
        }
        #expect(away == Array(repeating: "503 /problems/unavailable", count: 3))
        try await postgres.execute("UPDATE pg_database SET datallowconn = true WHERE datname = \(name)")
        var status = HTTPResponse.Status.serviceUnavailable
        for _ in 0..<100 where status != .ok {
            status = try await web.send(.get, "/api/v1/tokens", token: admin).status
            if status != .ok { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(status == .ok)
        await web.parts.database.close()
        await postgres.close()
    }

    @Test(.freshDatabase) func anOldSchemaIsNotReady() async throws {
        let web = try TestWeb()
        #expect(try await web.send(.get, "/health/ready").status == .ok)
        try await OwnDatabase.current.execute("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
        // What was well is believed for a second.
        try await Task.sleep(for: HealthRoutes.trust)
        let ready = try await web.send(.get, "/health/ready")
        #expect(ready.problem == "503 /problems/unavailable")
        #expect(ready.json["detail"].string?.contains("relais migrate up") == true)
    }
}

@Suite("Stopping the server", .database)
struct StoppingTests {
    @Test func aRequestThatHasBegunIsFinished() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let database = OwnDatabase.current
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = try buildApplication(web.parts, host: "127.0.0.1", port: 0) { port.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [application], logger: web.parts.logger))
        async let running: Void = group.run()
        let listening = try #require(await ports.first { _ in true })

        // The request waits for a lock; the server is told to stop; the lock is let go.
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        async let holding: Void = database.transaction { tx throws(PostgresError) in
            try await tx.execute("LOCK TABLE tokens IN EXCLUSIVE MODE")
            hold.yield()
            _ = await released.first { _ in true }
        }
        _ = await held.first { _ in true }
        async let answer = request(port: listening, token: admin)
        try await Task.sleep(for: .milliseconds(300))
        await group.triggerGracefulShutdown()
        try await Task.sleep(for: .milliseconds(300))
        release.yield()
        #expect(try await answer == 201)
        try await holding
        try await running
        #expect(try await database.value("SELECT count(*) FROM tokens WHERE name = 'late'", as: Int.self) == 1)
    }

    private func request(port: Int, token: String) async throws -> Int {
        try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            let answer = try await client.execute(
                .init(
                    "/api/v1/tokens", method: .post, authority: "127.0.0.1",
                    headers: [.contentType: "application/json", .authorization: "Bearer \(token)"],
                    body: ByteBuffer(string: #"{"name": "late", "role": "admin"}"#)))
            return answer.status.code
        }
    }

    /// What never reaches the front door is answered like all else, also when most of it is still on its way.
    @Test(arguments: [
        ("a long header", "GET /health/live HTTP/1.1\r\nHost: a\r\nX-Long: ", 17 << 14, "431 headers-too-large"),
        ("a long address", "GET /", 17 << 14, "431 headers-too-large"),
        ("a length below zero", "POST /api/v1/requests HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 0, "400 malformed"),
        ("no HTTP", "this is no HTTP\r\n\r\n", 0, "400 malformed"),
    ])
    func aRequestThatCannotBeReadIsTold(name: String, text: String, longBy: Int, problem: String) async throws {
        let answer = try await answer(to: text + String(repeating: "x", count: longBy), patience: .seconds(20)).lowercased()
        let parts = problem.split(separator: " ")
        #expect(answer.hasPrefix("http/1.1 \(parts[0]) "))
        #expect(answer.contains("x-request-id: ") && answer.contains("content-type: application/problem+json"))
        #expect(answer.contains("\"type\":\"/problems/\(parts[1])\""))
    }

    /// What a server of its own writes to a client that says this, until it closes the connection.
    private func answer(to text: String, patience: TimeAmount, readingAfter pause: TimeInterval = 0) async throws -> String {
        let web = try TestWeb()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = try buildApplication(web.parts, host: "127.0.0.1", port: 0, patience: patience) { port.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [application], logger: web.parts.logger))
        async let running: Void = group.run()
        let listening = try #require(await ports.first { _ in true })
        let answer = try await SlowClient.answer(port: listening, saying: text, readingAfter: pause)
        await group.triggerGracefulShutdown()
        try await running
        return answer
    }

    static let brokenChunk =
        "POST /api/v1/requests HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"

    @Test(arguments: [
        "GET /health/live HTTP/1.1\r\nHost: a\r\n", "POST /api/v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{", brokenChunk,
    ])
    func aRequestThatNeverEndsIsClosed(beginning: String) async throws {
        // Whoever is told what is wrong is not closed before, however busy the machine is.
        let isTold = beginning == Self.brokenChunk
        let start = ContinuousClock.now
        let answer = try await answer(to: beginning, patience: isTold ? .seconds(20) : .milliseconds(300))
        #expect(!answer.contains("HTTP/1.1 500"))
        if isTold {
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("/problems/malformed"))
        } else {
            // The time that is usual outside of tests is a minute.
            #expect(start.duration(to: .now) < .seconds(30))
        }
    }

    /// Asks for far more than the kernel takes for somebody who reads nothing.
    @Test func anAnswerThatNobodyReadsIsClosed() async throws {
        let one = "GET /api/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
        let size = try await TestWeb().send(.get, "/api/openapi.json").body.readableBytes
        let asked = (24 << 20) / size
        var received = 0
        // A busy machine may take long to fill what the kernel takes; then it is asked again, and waited longer.
        for pause in [5, 20, 60] as [TimeInterval] {
            let answer = try await answer(to: String(repeating: one, count: asked), patience: .milliseconds(300), readingAfter: pause)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            received = answer.utf8.count
            if received < asked * size { break }
        }
        #expect(received < asked * size)
    }
}
