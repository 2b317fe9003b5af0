import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("What a body may be", .database)
struct BodyTests {
    static let json: HTTPFields = [.contentType: "application/json"]

    @Test(arguments: [
        #"{"name": "a", "role": "#, #"{"name": "a" "role": 1}"#, #"{"name": "a",}"#, "{'name': 1}", "nonsense", #"{"a": 01}"#,
        #"{"a": 1e999}"#,
        #"{"a": "\ud800"}"#, #"{"a": 1} {"b": 2}"#, "{\"a\": \"line\nbreak\"}", #"{"a": 1, "a": 2}"#,
        String(repeating: "[", count: 33) + String(repeating: "]", count: 33), String(repeating: "[", count: 100_000), "",
    ])
    func whatIsNotJSONIs400(body: String) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, body: ByteBuffer(string: body), headers: Self.json)
        #expect(answer.problem == "400 /problems/malformed")
    }

    @Test func brokenUTF8Is400AndSaysWhere() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let body = ByteBuffer(bytes: Array("{\"name\":\n  \"caf".utf8) + [0xe9] + Array("\"}".utf8))
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, body: body, headers: Self.json)
        #expect(answer.problem == "400 /problems/malformed")
        #expect(answer.json["detail"].string?.contains("Line 2, byte 3") == true)
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "", "json"])
    func anotherTypeIs415(type: String) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, json: "{}", headers: [.contentType: type])
        #expect(answer.problem == "415 /problems/unsupported-media-type")
        #expect(answer.headers[.accept] == "application/json")
    }

    @Test(arguments: ["application/json; charset=utf-8", "Application/JSON"])
    func aParameterOrCaseDoesNotMatter(type: String) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(
            .post, "/api/v1/tokens", token: admin, json: #"{"name": "a", "role": "admin"}"#, headers: [.contentType: type])
        #expect(answer.status == .created)
    }

    @Test(arguments: [1 << 20, 10_000_000]) func tooMuchIs413(bytes: Int) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let body = ByteBuffer(repeating: UInt8(ascii: " "), count: bytes + 1)
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, body: body, headers: Self.json)
        #expect(answer.problem == "413 /problems/too-large")
    }

    @Test func nestingIsCountedInLevels() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSONValue(parsing: deep.utf8) }
    }
}
