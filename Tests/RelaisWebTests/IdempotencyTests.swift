import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Repeating a request", .database)
struct IdempotencyTests {
    let database = OwnDatabase.current
    let body = #"{"name": "a name that nobody else has", "role": "admin"}"#

    @Test func fiftyAtOnceHaveOneEffectAndOneAnswer() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    while true {
                        let answer = try await web.send(
                            .post, "/api/v1/tokens", token: admin, json: body, headers: [.idempotencyKey: "\"one\""])
                        guard answer.status == .conflict else { return answer }
                        #expect(answer.problem == "409 /problems/repeat-in-flight")
                        #expect(answer.headers[.retryAfter] == "1")
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 50)
        #expect(
            Set(answers.map { "\($0.status.code) \($0.headers[.location] ?? "") \($0.headers[.contentType] ?? "") \($0.text)" }).count == 1)
        #expect(answers.first?.status == .created)
        #expect(try await database.value("SELECT count(*) FROM tokens WHERE name = 'a name that nobody else has'", as: Int.self) == 1)
        #expect(try await database.value("SELECT count(*) FROM idempotency_keys", as: Int.self) == 1)
    }

    @Test func theSameKeyForAnotherRequestIsRefused() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let key: HTTPFields = [.idempotencyKey: "k"]
        #expect(try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: key).status == .created)
        let other = try await web.send(.post, "/api/v1/tokens", token: admin, json: #"{"name": "b", "role": "admin"}"#, headers: key)
        #expect(other.problem == "422 /problems/idempotency-key-reused")
        #expect(try await database.value("SELECT count(*) FROM tokens", as: Int.self) == 2)
    }

    @Test func aKeyIsTheCallersOwn() async throws {
        let web = try TestWeb()
        let key: HTTPFields = [.idempotencyKey: "k"]
        let one = try await web.send(.post, "/api/v1/tokens", token: try await web.token(.admin).secret, json: body, headers: key)
        let other = try await web.send(.post, "/api/v1/tokens", token: try await web.token(.admin).secret, json: body, headers: key)
        #expect(one.status == .created)
        #expect(other.status == .created)
        #expect(one.json["id"] != other.json["id"])
    }

    @Test func quotedAndBareAreTheSameKey() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let one = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: [.idempotencyKey: "\"k-1\""])
        let other = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: [.idempotencyKey: "k-1"])
        #expect(one.text == other.text)
    }

    @Test func itIsForgottenAfterADay() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let key: HTTPFields = [.idempotencyKey: "k"]
        let one = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: key)
        web.clock.move(by: 24 * 3600 - 1)
        #expect(try await database.forgetRepeats(before: web.parts.generators.now()) == 0)
        #expect(try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: key).text == one.text)
        web.clock.move(by: 2)
        let later = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: key)
        #expect(later.status == .created)
        #expect(later.json["id"] != one.json["id"])
        web.clock.move(by: 24 * 3600 + 1)
        #expect(try await database.forgetRepeats(before: web.parts.generators.now()) == 1)
    }

    @Test func arefusalIsNotKept() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let structure = Structure.ID(web.parts.generators.newID())
        let json = #"{"name": "a", "role": "manager", "structure": "\#(structure)"}"#
        let refused = try await web.send(.post, "/api/v1/tokens", token: admin, json: json, headers: [.idempotencyKey: "k"])
        #expect(refused.status == .unprocessableContent)
        try await database.execute("INSERT INTO structures (id, name, created_at, updated_at) VALUES (\(structure), 'EPN', now(), now())")
        let made = try await web.send(.post, "/api/v1/tokens", token: admin, json: json, headers: [.idempotencyKey: "k"])
        #expect(made.status == .created)
    }

    @Test func theTableAloneTellsNothing() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        _ = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: [.idempotencyKey: "a-key-of-the-client"])
        let text = try await database.value(
            "SELECT encode(answer, 'escape') || encode(key_hash, 'escape') FROM idempotency_keys", as: String.self)
        let kept = try #require(text)
        for secret in ["nobody else", "a-key-of-the-client", "relais_", "/api/v1"] { #expect(!kept.contains(secret)) }
    }

    @Test(arguments: ["", "\"", "\"\"", "\"a", "a\"b", "\"a\"b\"", "a b", "é", "\"é\"", String(repeating: "x", count: 256), "\"a\\n\""])
    func aKeyThatIsNoneIsRefused(key: String) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, json: body, headers: [.idempotencyKey: key])
        #expect(answer.problem == "400 /problems/malformed")
    }

    @Test(arguments: [
        ("\"a\\\"b\"", "a\"b"), ("\"a b\"", "a b"), ("a.b-c", "a.b-c"),
        (String(repeating: "x", count: 255), String(repeating: "x", count: 255)),
    ])
    func aKeyIsRead(field: String, key: String) {
        #expect(Request.idempotencyKey(field) == key)
    }
}
