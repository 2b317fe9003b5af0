import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

/// Each changes a table that the migrations fill, so each has a database of its own.
@Suite("The policy over the API", .freshDatabase)
struct PolicyRoutesTests {
    static let current = "/api/v1/policies/current"

    @Test func itIsReadByThoseWhoWorkByIt() async throws {
        let web = try TestWeb()
        for role in [Caller.Role.admin, .coordinator, .manager, .mediator, .prescriber] {
            let answer = try await web.send(.get, Self.current, token: try await web.token(role).secret)
            #expect(answer.status == .ok && answer.headers[.eTag] == "\"1\"", "\(role)")
        }
        #expect(try await web.send(.get, Self.current).problem == "401 /problems/unauthenticated")
        let tool = try await web.token(.tool, scopes: [.readRequests]).secret
        let policy = try await web.send(.get, Self.current, token: tool)
        #expect(policy.json["version"] == .number(1) && policy.json["created_by"] == .null)
        #expect(policy.json["weights"] == .object(["skill_fit": .number(3), "proximity": .number(3), "balance": .number(2)]))
        #expect(policy.json["half_distance_m"] == .number(8000) && policy.json["answer_working_days"] == .number(3))
        #expect(policy.json["refusals_before_attention"] == .number(3) && policy.json["stale_after_days"] == .number(183))
        #expect(policy.json["offers_to_several"] == .bool(false) && policy.json["review_members"].array.contains(.string("place.address")))
        #expect(try await web.send(.get, Self.current, token: tool, headers: [.ifNoneMatch: "\"1\""]).status == .notModified)
        #expect(try await web.send(.get, "/api/v1/policies/1", token: tool).json == policy.json)
        for path in ["2", "0", "x", "99999999999"] {
            #expect(try await web.send(.get, "/api/v1/policies/\(path)", token: tool).problem == "404 /problems/not-found", "\(path)")
        }
    }

    @Test func anAdministratorMakesTheNextVersion() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin)
        let patch = #"{"answer_working_days": 2, "weights": {"balance": 4}, "review_members": ["place.phone", "place"]}"#
        #expect(try await web.send(.patch, Self.current, token: admin.secret, json: patch).problem == "428 /problems/precondition-required")
        let made = try await web.send(.patch, Self.current, token: admin.secret, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(made.status == .ok && made.headers[.eTag] == "\"2\"" && made.json["version"] == .number(2))
        #expect(made.json["weights"] == .object(["skill_fit": .number(3), "proximity": .number(3), "balance": .number(4)]))
        #expect(made.json["created_by"] == .object(["role": .string("admin"), "token": .string(admin.id.description)]))
        #expect(made.json["created_at"].string == "2026-03-08T20:00:00Z")
        let late = try await web.send(
            .patch, Self.current, token: admin.secret, json: #"{"answer_working_days": 5}"#, headers: [.ifMatch: "\"1\""])
        #expect(late.problem == "412 /problems/precondition-failed")
        // What changes nothing makes no version.
        let same = try await web.send(.patch, Self.current, token: admin.secret, json: patch, headers: [.ifMatch: "\"2\""])
        #expect(same.status == .ok && same.headers[.eTag] == "\"2\"")
        // Whoever reads it sees who made which, and the first as it was.
        let list = try await web.send(.get, "/api/v1/policies?limit=1", token: admin.secret)
        #expect(list.json["items"].array.map { $0["version"] } == [.number(2)])
        let rest = try await web.send(
            .get, "/api/v1/policies?limit=1&cursor=\(list.json["next_cursor"].string ?? "")", token: admin.secret)
        #expect(rest.json["items"].array.map { $0["answer_working_days"] } == [.number(3)] && rest.json["next_cursor"] == .null)
        let events = try await web.parts.database.values(
            "SELECT subject || ' ' || (data ->> 'changed') FROM events WHERE kind = 'policy.changed'", as: String.self)
        #expect(events == [#"2 ["answer_working_days", "review_members", "weights"]"#])
        // The database itself keeps a version as it was made.
        for change: SQL in ["UPDATE policies SET stale_after_days = 1", "DELETE FROM policies WHERE version = 1"] {
            await #expect { try await web.parts.database.execute(change) } throws: { ($0 as? PostgresError)?.constraint == "policy_stays" }
        }
    }

    @Test func nobodyElseChangesIt() async throws {
        let web = try TestWeb()
        for role in [Caller.Role.coordinator, .manager, .mediator, .prescriber, .tool] {
            let token = try await web.token(role, scopes: Scope.allCases).secret
            let answer = try await web.send(.patch, Self.current, token: token, json: #"{"stale_after_days": 9}"#, headers: [.ifMatch: "*"])
            #expect(answer.problem == "403 /problems/forbidden", "\(role)")
        }
        let visitor = try await web.send(.patch, Self.current, json: #"{"stale_after_days": 9}"#, headers: [.ifMatch: "*"])
        #expect(visitor.problem == "401 /problems/unauthenticated")
        #expect(try await web.parts.database.policy()?.version == 1)
    }

    @Test(arguments: [
        (#"{"answer_working_days": 0}"#, ["/answer_working_days range"]), (#"{"answer_working_days": 1.5}"#, ["/answer_working_days type"]),
        (#"{"refusals_before_attention": null}"#, ["/refusals_before_attention required"]),
        (#"{"half_distance_m": 5, "stale_after_days": 4000}"#, ["/half_distance_m range", "/stale_after_days range"]),
        (#"{"weights": {"balance": -1, "speed": 3}}"#, ["/weights/balance range", "/weights/speed unknown_member"]),
        (#"{"weights": {"skill_fit": 0, "proximity": 0, "balance": 0}}"#, ["/weights range"]),
        (#"{"weights": 3}"#, ["/weights type", "/weights/balance required", "/weights/proximity required", "/weights/skill_fit required"]),
        (#"{"review_members": ["place.adress", "structure.siret"]}"#, ["/review_members/0 unknown_code"]),
        (#"{"version": 7, "offers_to_several": "yes"}"#, ["/offers_to_several type", "/version unknown_member"]), ("[]", [" type"]),
    ])
    func allThatIsWrongIsTold(patch: String, errors: [String]) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.patch, Self.current, token: admin, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(answer.problem == "422 /problems/invalid" && answer.errors == errors, "\(answer.errors)")
    }

    @Test func ofTwoWhoChangeItAtOnceOneIsToldThatItCameSecond() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let statuses = await withTaskGroup(of: Int.self) { group in
            for days in 1...6 {
                group.addTask {
                    let body = #"{"stale_after_days": \#(days)}"#
                    return (try? await web.send(.patch, Self.current, token: admin, json: body, headers: [.ifMatch: "\"1\""]).status.code)
                        ?? 0
                }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }.sorted()
        }
        #expect(statuses == [200, 412, 412, 412, 412, 412])
        #expect(try await web.parts.database.value("SELECT count(*) FROM policies", as: Int.self) == 2)
    }

    @Test func whatItSaysHoldsAtOnce() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let manager = try await web.token(.manager).secret
        let own = try #require(try await web.send(.get, "/api/v1/structures").json["items"].array.first?["id"].string)
        let address = "/api/v1/structures/\(own)"
        let before = try await web.send(.get, address).json["stale_from"].string
        let patch = #"{"stale_after_days": 10, "review_members": ["structure.phone"]}"#
        #expect(try await web.send(.patch, Self.current, token: admin, json: patch, headers: [.ifMatch: "\"1\""]).status == .ok)
        #expect(try await web.send(.get, address).json["stale_from"].string != before)
        let body = #"{"name": "Autre nom", "phone": "+33477123456"}"#
        #expect(try await web.send(.patch, address, token: manager, json: body, headers: [.ifMatch: "\"1\""]).status == .ok)
        let reviews = try await web.send(.get, "/api/v1/reviews", token: admin)
        #expect(reviews.json["items"].array.map { $0["members"].array } == [[.string("structure.phone")]])
    }
}
