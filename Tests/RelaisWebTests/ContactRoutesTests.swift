import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Contacts of a structure, by purpose", .database)
struct ContactRoutesTests {
    static let contacts = """
        [{"purpose": "general", "name": "Accueil", "phone": "+33477123456", "public": true},
         {"purpose": "referrals", "name": "Claude Martin", "email": "claude@example.org"}]
        """

    @Test func eachReadsThoseThatAreForIt() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let manager = try await web.token(.manager).secret
        let own = try #require(try await web.send(.get, "/api/v1/structures").json["items"].array.first?["id"].string)
        let address = "/api/v1/structures/\(own)"
        let body = #"{"contacts": \#(Self.contacts)}"#
        let changed = try await web.send(.patch, address, token: manager, json: body, headers: [.ifMatch: "\"1\""])
        #expect(changed.status == .ok && changed.json["contacts"].array.count == 2)
        #expect(changed.json["contacts"].array[1]["public"] == .bool(false) && changed.json["contacts"].array[1]["phone"] == .null)

        // A feed waits for every transaction of the cluster, those of other tests among them: for a minute at most.
        let feed = "/api/v1/structures?updated_since=2026-01-01T00:00:00Z"
        for _ in 0..<3000 where try await !web.send(.get, feed, token: staff).text.contains("Accueil") {
            try await Task.sleep(for: .milliseconds(20))
        }

        let others = try await web.token(.manager).secret
        let tool = try await web.token(.tool, scopes: [.readRegistry, .writeRegistry]).secret
        for token in [others, try await web.token(.prescriber).secret, try await web.token(.mediator).secret, tool, nil] {
            for path in [address, "/api/v1/structures", feed] {
                let answer = try await web.send(.get, path, token: token)
                #expect(answer.status == .ok && answer.text.contains("Accueil") && !answer.text.contains("laude"), "\(path)")
            }
        }
        for token in [staff, manager] {
            for path in [address, "/api/v1/structures", feed] {
                #expect(try await web.send(.get, path, token: token).text.contains("claude@example.org"), "\(path)")
            }
        }
        // What is written answers as what is read; and who does not read them all would take away what it does not see.
        let patch = #"{"phone": "+33477000000"}"#
        let byTool = try await web.send(.patch, address, token: tool, json: patch, headers: [.ifMatch: "\"2\""])
        #expect(byTool.status == .ok && byTool.json["contacts"].array.count == 1)
        let taken = try await web.send(.patch, address, token: tool, json: #"{"contacts": []}"#, headers: [.ifMatch: "*"])
        #expect(taken.problem == "403 /problems/forbidden" && taken.json["detail"].string?.contains("/contacts") == true)
        #expect(try await web.send(.post, "\(address)/confirm", token: tool, json: "{}").json["contacts"].array.count == 1)
        // The log says that they changed, and nothing of what they say.
        let data = try await web.parts.database.values("SELECT data::text FROM events WHERE kind LIKE 'structure.%'", as: String.self)
        #expect(data.contains { $0.contains("contacts") } && !data.contains { $0.contains("laude") })
    }

    @Test func theyAreKeptAndSetBack() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let tool = try await web.token(.tool).secret
        let made = try await web.send(
            .post, "/api/v1/structures", token: staff, json: #"{"name": "Centre social", "contacts": \#(Self.contacts)}"#)
        let address = try #require(made.headers[.location])
        let before = made.json["contacts"]
        web.clock.move(by: 60)
        let now = #"{"contacts": [{"purpose": "press", "email": "presse@example.org", "public": true}]}"#
        let changed = try await web.send(.patch, address, token: staff, json: now, headers: [.ifMatch: "\"1\""])
        #expect(changed.json["contacts"].array.map { $0["purpose"].string } == ["press"])
        let history = try await web.send(.get, "\(address)/history", token: staff)
        #expect(history.json["items"].array.first?["changes"].array.map { $0["member"].string } == ["contacts"])
        #expect(history.text.contains("claude@example.org"))
        // A tool reads the history, and not what is not for it.
        let byTool = try await web.send(.get, "\(address)/history", token: tool)
        #expect(byTool.status == .ok && !byTool.text.contains("laude") && !byTool.text.contains("contacts\""))
        let then = "?as_of=2026-03-08T20:00:30Z"
        #expect(try await web.send(.get, address + then, token: staff).json["contacts"] == before)
        // What was for everybody then was taken back since.
        #expect(try await web.send(.get, address + then, token: tool).json["contacts"] == .array([]))
        let undone = try await web.send(.post, "\(address)/history/2/undo", token: staff, json: "{}")
        #expect(undone.status == .ok && undone.json["contacts"] == before)
    }

    @Test(arguments: [
        (#"[{"purpose": "sales", "email": "a@example.org"}]"#, ["/contacts/0/purpose unknown_code"]),
        (#"[{"purpose": "press"}]"#, ["/contacts/0/email required"]),
        (#"[{"email": "a@example.org"}]"#, ["/contacts/0/purpose required"]),
        (
            #"[{"purpose": "press", "email": "a"}, {"purpose": "press", "phone": "04", "colour": 1}]"#,
            ["/contacts/0/email format", "/contacts/1/colour unknown_member", "/contacts/1/phone format"]
        ),
        (#"[{"purpose": "press", "phone": "+33477123456", "public": "yes"}]"#, ["/contacts/0/public type"]),
        (#"{"press": "a@example.org"}"#, ["/contacts type"]),
        ("[\((0...20).map { _ in #"{"purpose": "press", "email": "a@example.org"}"# }.joined(separator: ","))]", ["/contacts length"]),
    ])
    func allThatIsWrongIsTold(contacts: String, errors: [String]) async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let body = #"{"name": "Centre social", "contacts": \#(contacts)}"#
        let answer = try await web.send(.post, "/api/v1/structures", token: staff, json: body)
        #expect(answer.problem == "422 /problems/invalid")
        #expect(answer.errors == errors)
    }

    @Test func theirPurposesAreAVocabulary() async throws {
        let web = try TestWeb()
        let answer = try await web.send(.get, "/api/v1/vocabularies/contact_purposes")
        #expect(answer.json["entries"].array.map { $0["code"].string } == ["general", "referrals", "technical", "administrative", "press"])
    }
}
