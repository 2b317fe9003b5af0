import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("History and bulk changes over the API", .database)
struct HistoryRoutesTests {
    private static let place = RegistryRoutesTests.place

    private func makePlace(_ web: TestWeb, _ token: String, name: String = "Médiathèque") async throws -> String {
        let made = try await web.send(.post, "/api/v1/places", token: token, json: Self.place.replacing("Médiathèque", with: name))
        return try #require(made.json["id"].string)
    }

    @Test func ofTwoManagersTheSecondIsToldWhatTheFirstChanged() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let address = "/api/v1/places/\(try await makePlace(web, staff))"
        let first = try await web.send(.patch, address, token: staff, json: #"{"phone": "+33477123456"}"#, headers: [.ifMatch: "\"1\""])
        #expect(first.status == .ok)
        let second = try await web.send(.patch, address, token: staff, json: #"{"name": "B"}"#, headers: [.ifMatch: "\"1\""])
        #expect(second.problem == "412 /problems/precondition-failed")
        #expect(second.json["since"] == .number(1) && second.json["changed"] == .array([.string("phone")]))
        #expect(second.json["changes"].array.map { $0["by"].string } == ["coordinator"])
        // The values are in the entry itself, for those who may see it.
        #expect(!second.text.contains("+33477123456"))
        let archive = try await web.send(.delete, address, token: staff, headers: [.ifMatch: "\"1\""])
        #expect(archive.problem == "412 /problems/precondition-failed")
        #expect(try await web.send(.delete, address, token: staff, headers: [.ifMatch: "\"2\""]).status == .noContent)
    }

    @Test func theHistoryIsReadUndoneAndRestored() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try await makePlace(web, staff)
        let address = "/api/v1/places/\(id)"
        web.clock.move(by: 60)
        _ = try await web.send(.patch, address, token: staff, json: #"{"phone": "+33477123456"}"#, headers: [.ifMatch: "*"])
        let history = try await web.send(.get, "\(address)/history?limit=1", token: staff)
        #expect(history.status == .ok && history.json["items"].array.count == 1)
        let change = history.json["items"].array[0]
        #expect(change["version"] == .number(2) && change["by"]["role"].string == "coordinator" && change["undoes"] == .null)
        #expect(change["changes"].array.map { $0["member"].string } == ["phone"])
        let next = try #require(history.json["next_cursor"].string)
        let rest = try await web.send(.get, "\(address)/history?limit=1&cursor=\(next)", token: staff)
        #expect(rest.json["items"].array.map { $0["version"] } == [.number(1)] && rest.json["next_cursor"] == .null)

        let undone = try await web.send(.post, "\(address)/history/2/undo", token: staff, headers: [.ifMatch: "\"2\""])
        #expect(undone.status == .ok && undone.json["phone"] == .null && undone.headers[.eTag] == "\"3\"")
        let again = try await web.send(.post, "\(address)/history/2/undo", token: staff)
        #expect(again.problem == "409 /problems/conflict" && again.json["code"].string == "changed_afterwards")
        #expect(again.json["members"] == .array([.string("phone")]))
        #expect(try await web.send(.post, "\(address)/history/9/undo", token: staff).status == .notFound)
        #expect(try await web.send(.post, "\(address)/history/last/undo", token: staff).status == .notFound)
        #expect(try await web.send(.post, "\(address)/history/99999999999/undo", token: staff).status == .notFound)
        #expect(
            try await web.send(.post, "\(address)/history/2/undo", token: staff, json: #"{"why": 1}"#).errors == ["/why unknown_member"])

        #expect(try await web.send(.post, "\(address)/restore", token: staff).json["code"].string == "not_archived")
        _ = try await web.send(.delete, address, token: staff)
        let restored = try await web.send(.post, "\(address)/restore", token: staff)
        #expect(restored.status == .ok && restored.json["archived_at"] == .null && restored.headers[.eTag] == "\"5\"")
        #expect(try await web.send(.get, "/api/v1/places").json["items"].array.count == 1)
    }

    /// Whoever says that any version is meant waits for the others, and is not told to try again.
    @Test func anyVersionIsAnyVersionAlsoWhenManyWriteAtOnce() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let address = "/api/v1/places/\(try await makePlace(web, staff))"
        try await withThrowingTaskGroup(of: TestResponse.self) { group in
            for number in 0..<6 {
                let patch = #"{"summary": "\#(number)"}"#
                group.addTask { try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "*"]) }
                group.addTask { try await web.send(.post, "\(address)/confirm", token: staff, json: "{}") }
            }
            for try await answer in group { #expect(answer.status == .ok) }
        }
        #expect(try await web.send(.get, address).headers[.eTag] == "\"13\"")
    }

    @Test func whatCannotBeSetBackIsNoMistakeOfWhoAsks() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let structure = try await web.makeStructure()
        let address = "/api/v1/places/\(try await makePlace(web, staff))"
        for patch in [#"{"structure": "\#(structure)"}"#, #"{"structure": null}"#] {
            #expect(try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "*"]).status == .ok)
        }
        #expect(try await web.send(.delete, "/api/v1/structures/\(structure)", token: staff).status == .noContent)
        let undone = try await web.send(.post, "\(address)/history/3/undo", token: staff)
        #expect(undone.problem == "409 /problems/conflict" && undone.json["code"].string == "cannot_be_set_back")
        #expect(undone.json["detail"].string?.contains("/structure") == true && undone.json["errors"] == .null)
    }

    @Test func aMediatorsHistoryTellsWhoConfirmedIt() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let structure = try await web.makeStructure()
        let made = try await web.send(
            .post, "/api/v1/mediators", token: staff, json: #"{"structure": "\#(structure)", "name": "Camille", "modes": ["remote"]}"#)
        let address = try #require(made.headers[.location])
        web.clock.move(by: 60)
        let confirmed = try await web.send(.post, "\(address)/confirm", token: staff, json: "{}")
        let history = try await web.send(.get, "\(address)/history?limit=1", token: staff)
        let changes = history.json["items"].array[0]["changes"].array
        #expect(changes.map { $0["member"].string } == ["confirmed_as", "confirmed_at", "confirmed_by"])
        #expect(changes[0]["after"].string == "coordinator")
        let now = try #require(confirmed.json["confirmed_at"].string)
        let past = try await web.send(.get, "\(address)?as_of=\(now)", token: staff)
        for member in ["confirmed_at", "confirmed_by", "confirmed_as", "stale_from", "quality"] {
            #expect(past.json[member] == confirmed.json[member], "\(member)")
        }
    }

    @Test func thePastIsForThoseWhoMayReadTheHistory() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try await makePlace(web, staff)
        let address = "/api/v1/places/\(id)"
        let made = Date(timeIntervalSince1970: 1_773_000_000)
        web.clock.move(by: 3600)
        _ = try await web.send(.patch, address, token: staff, json: #"{"name": "Autre"}"#, headers: [.ifMatch: "*"])
        let then = "\(address)?as_of=\((made + 60).rfc3339)"
        let past = try await web.send(.get, then, token: staff)
        #expect(past.json["name"].string == "Médiathèque" && past.headers[.eTag] == "\"1\"")
        #expect(try await web.send(.get, "\(address)?as_of=\((made + 3600).rfc3339)", token: staff).json["name"].string == "Autre")
        #expect(try await web.send(.get, "\(address)?as_of=\((made - 60).rfc3339)", token: staff).problem == "404 /problems/not-found")
        #expect(try await web.send(.get, "\(address)?as_of=yesterday", token: staff).errors == ["as_of format"])

        #expect(try await web.send(.get, then).problem == "401 /problems/unauthenticated")
        #expect(try await web.send(.get, "\(address)/history").problem == "401 /problems/unauthenticated")
        let manager = try await web.token(.manager).secret
        for path in [then, "\(address)/history"] {
            #expect(try await web.send(.get, path, token: manager).problem == "403 /problems/forbidden")
        }
        #expect(try await web.send(.post, "\(address)/history/2/undo", token: manager).problem == "403 /problems/forbidden")
        #expect(try await web.send(.post, "\(address)/restore", token: manager).problem == "403 /problems/forbidden")
        #expect(try await web.send(.get, "/api/v1/events", token: manager).problem == "403 /problems/forbidden")
        let nowhere = "/api/v1/places/0198c2f4-0000-7000-8000-000000000000"
        #expect(try await web.send(.get, "\(nowhere)/history", token: staff).problem == "404 /problems/not-found")
        for kind in ["structures", "mediators", "places"] {
            #expect(try await web.send(.get, "/api/v1/\(kind)/42/history", token: staff).problem == "404 /problems/not-found")
        }
        let skill = try await web.send(.get, "/api/v1/skills/usage-securise/history", token: staff)
        #expect(skill.status == .ok && skill.json["items"].array.count == 1)
    }

    @Test func aMediatorsPastIsReadByItself() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let token = try await web.token(.mediator)
        let id = try #require(try await web.parts.database.value("SELECT id::text FROM mediators", as: String.self))
        try await web.parts.database.execute("INSERT INTO mediator_capacities (mediator_id) SELECT id FROM mediators")
        let address = "/api/v1/mediators/\(id)"
        _ = try await web.send(.patch, address, token: staff, json: #"{"email": "jo@example.org"}"#, headers: [.ifMatch: "*"])
        let own = try await web.send(.get, "\(address)/history", token: token.secret)
        #expect(own.status == .ok && own.text.contains("jo@example.org"))
        let past = try await web.send(.get, "\(address)?as_of=2100-01-01T00:00:00Z", token: token.secret)
        #expect(past.json["email"].string == "jo@example.org")
        // Its limits are told; what it held is not.
        guard case .object(let limits) = past.json["capacity"] else {
            Issue.record("\(past.text)")
            return
        }
        #expect(Set(limits.keys) == ["agreed_open", "agreed_weekly", "declared_open", "declared_weekly", "valid_until"])
        let other = try await web.token(.mediator).secret
        #expect(try await web.send(.get, "\(address)/history", token: other).problem == "403 /problems/forbidden")
        let prescriber = try await web.token(.prescriber).secret
        #expect(try await web.send(.get, "\(address)/history", token: prescriber).problem == "403 /problems/forbidden")
    }

    @Test func manyAreChangedWithOneReport() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (a, b) = (try await makePlace(web, staff, name: "A"), try await makePlace(web, staff, name: "B"))
        let body =
            #"[{"id": "\#(a)", "etag": "\"1\"", "patch": {"phone": "+33477123456"}}, {"id": "\#(b)", "etag": "\"1\"", "patch": {"phone": "12"}}]"#
        let none = try await web.send(.patch, "/api/v1/places?atomic=true", token: staff, json: body)
        #expect(none.problem == "422 /problems/invalid" && none.json["code"].string == "none_done")
        #expect(try await web.send(.get, "/api/v1/places/\(a)").headers[.eTag] == "\"1\"")
        let some = try await web.send(.patch, "/api/v1/places", token: staff, json: body)
        #expect(some.status == .ok && some.json["done"] == .number(1) && some.json["failed"] == .number(1))
        let items = some.json["items"].array
        #expect(items.map { $0["status"] } == [.number(200), .number(422)])
        #expect(items[0]["etag"].string == "\"2\"" && items[0]["problem"] == .null)
        #expect(items[1]["problem"]["errors"].array.map { $0["pointer"].string } == ["/1/patch/phone"])

        // All that is wrong with the form is told, and nothing is done.
        let wrong = try await web.send(
            .patch, "/api/v1/places", token: staff,
            json:
                #"[{"id": "x", "etag": "*", "patch": {}}, {"etag": "*", "action": "burn"}, {"id": "\#(a)", "etag": "*", "action": "archive", "patch": {}}, {"id": "\#(a)", "etag": "*", "patch": 1, "colour": 2}]"#
        )
        #expect(wrong.problem == "422 /problems/invalid")
        #expect(
            Set(wrong.errors).isSuperset(of: [
                "/0/id format", "/1/action unknown_code", "/1/id required", "/2/patch type", "/3/colour unknown_member", "/3/id duplicate",
                "/3/patch type",
            ]), "\(wrong.errors)")
        let bare = try await web.send(.patch, "/api/v1/places", token: staff, json: #"[{"id": "\#(a)", "patch": {}}]"#)
        #expect(bare.problem == "428 /problems/precondition-required")
        for body in ["[]", "{}", "[1]"] {
            #expect(try await web.send(.patch, "/api/v1/places", token: staff, json: body).problem == "422 /problems/invalid", "\(body)")
        }
        let many = "[" + Array(repeating: #"{"id": "x", "etag": "*"}"#, count: 201).joined(separator: ",") + "]"
        #expect(try await web.send(.patch, "/api/v1/places", token: staff, json: many).errors == [" length"])

        // A manager is refused what is not its own, one by one.
        let manager = try await web.token(.manager).secret
        let foreign = try await web.send(
            .patch, "/api/v1/places", token: manager, json: #"[{"id": "\#(a)", "etag": "*", "action": "archive"}]"#)
        #expect(foreign.json["items"].array.map { $0["status"] } == [.number(403)])
        #expect(try await web.send(.patch, "/api/v1/places", json: "[]").problem == "401 /problems/unauthenticated")
        let archived = try await web.send(
            .patch, "/api/v1/places", token: staff,
            json: #"[{"id": "\#(a)", "etag": "\"2\"", "action": "archive"}, {"id": "\#(b)", "etag": "\"9\"", "action": "archive"}]"#)
        #expect(archived.json["items"].array.map { $0["status"] } == [.number(200), .number(412)])
    }
}
