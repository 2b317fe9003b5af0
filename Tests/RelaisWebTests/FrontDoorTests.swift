import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import Relais
import Support
import Synchronization
import Testing

@testable import RelaisWeb

@Suite("The front door", .database)
struct FrontDoorTests {
    @Test func whatIsNotThereIsAProblem() async throws {
        let web = try TestWeb()
        for path in ["/nope", "/api/v1/nope", "/api/v1", "/"] {
            #expect(try await web.send(.get, path).problem == "404 /problems/not-found")
        }
        let admin = try await web.token(.admin).secret
        for id in ["7", "0198c2f4-0000-7000-8000-00000000000z", "%00", "0198c2f4-0000-7000-8000-000000000000"] {
            #expect(try await web.send(.get, "/api/v1/tokens/\(id)", token: admin).problem == "404 /problems/not-found")
            #expect(try await web.send(.delete, "/api/v1/tokens/\(id)", token: admin).problem == "404 /problems/not-found")
        }
    }

    @Test func anotherMethodIs405AndTheRightOnesAreNamed() async throws {
        let web = try TestWeb()
        let put = try await web.send(.put, "/api/v1/tokens")
        #expect(put.problem == "405 /problems/method-not-allowed")
        #expect(put.headers[.allow] == "GET, HEAD, POST")
        #expect(try await web.send(.post, "/api/v1/tokens/7").headers[.allow] == "DELETE, GET, HEAD")
        #expect(try await web.send(.options, "/health/live").headers[.allow] == "GET, HEAD")
    }

    @Test func headIsGetWithoutBody() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.head, "/api/v1/tokens", token: admin)
        #expect(answer.status == .ok)
        #expect(answer.body.readableBytes == 0)
    }

    @Test(arguments: [
        ("application/json", true), ("*/*", true), ("application/*;q=0.1, text/html", true), ("text/html", false),
        ("application/json;q=0, */*", false), ("image/png, application/xml", false), ("TEXT/html, Application/JSON", true),
    ])
    func onlyJSONIsGiven(accept: String, isTaken: Bool) async throws {
        let web = try TestWeb()
        let answer = try await web.send(.get, "/api/v1/tokens", headers: [.accept: accept])
        #expect(answer.status == (isTaken ? .unauthorized : .notAcceptable))
    }

    @Test func aKnownAnswerIsNotSentAgain() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin)
        let path = "/api/v1/tokens/\(admin.id)"
        let tag = try #require(try await web.send(.get, path, token: admin.secret).headers[.eTag])
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let answer = try await web.send(.get, path, token: admin.secret, headers: [.ifNoneMatch: known])
            #expect(answer.status == .notModified)
            #expect(answer.headers[.eTag] == tag)
            #expect(answer.body.readableBytes == 0)
        }
        #expect(try await web.send(.get, path, token: admin.secret, headers: [.ifNoneMatch: "\"x\""]).status == .ok)
    }

    @Test func aRequestKeepsItsIdentifier() async throws {
        let web = try TestWeb()
        #expect(try await web.send(.get, "/health/live", headers: [.xRequestID: "abc-1"]).headers[.xRequestID] == "abc-1")
        for bad in ["a b", String(repeating: "x", count: 129), "é", "\"a\""] {
            let given = try #require(try await web.send(.get, "/nope", headers: [.xRequestID: bad]).headers[.xRequestID])
            #expect(given != bad)
            #expect(given.count > 10)
        }
    }

    @Test func theLogTellsWhatHappenedAndNothingAboutAnybody() async throws {
        let log = RecordedLog()
        let web = try TestWeb(logger: log.logger)
        let admin = try await web.token(.admin)
        _ = try await web.send(
            .get, "/api/v1/tokens/\(admin.id)?name=Dupont", token: admin.secret,
            headers: [.xRequestID: "r-1", .traceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", .userAgent: "Dupont"])
        let line = try #require(log.lines.last)
        #expect(line["request_id"] == "r-1")
        #expect(line["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(line["route"] == "/api/v1/tokens/{id}")
        #expect(line["method"] == "GET")
        #expect(line["status"] == "400")
        #expect(line["token"] == "\(admin.id)")
        for line in log.lines {
            #expect(!line.values.contains { $0.contains("Dupont") || $0.contains(admin.secret) || $0.contains("name=") })
        }
    }

    @Test(arguments: [
        ("limit=0", ["limit format"]), ("limit=201", ["limit format"]), ("limit=x&cursor=y", ["cursor cursor", "limit format"]),
        ("revoked=yes", ["revoked format"]), ("revoked=true&revoked=true", ["revoked repeated"]), ("lmit=3", ["lmit unknown_parameter"]),
        ("a=%ff", ["a encoding"]), ("limit=", ["limit length"]), ("cursor=%7B%7D", ["cursor cursor"]), ("limit=1&", []),
        ("limit=+5", ["limit format"]),
        ("cursor=WyJpZCIsIngiXQ", ["cursor cursor"]),
        ("cursor=WyJuYW1lIiwiMDE5OGMyZjQtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0", ["cursor cursor"]),
    ])
    func allThatIsWrongWithAQueryIsTold(query: String, errors: [String]) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.get, "/api/v1/tokens?\(query)", token: admin)
        #expect(answer.errors == errors)
        #expect(answer.status == (errors.isEmpty ? .ok : .badRequest))
    }
}

/// A log that is kept for the test to read.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[[String: String]]>([])

    var lines: [[String: String]] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        init(log: RecordedLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var line = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
            line["message"] = "\(event.message)"
            let complete = line
            log.recorded.withLock { $0.append(complete) }
        }
    }
}
