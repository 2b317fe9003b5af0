import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

/// Each changes tables that the migrations fill, so each has a database of its own.
@Suite("The past of synonyms, services and alternatives", .freshDatabase)
struct EntryHistoryTests {
    /// A kind, a new entry of it, a patch of it, and the members that the patch changes.
    static let kinds = [
        ("synonyms", #"{"phrase": "ma boîte aux lettres", "skill": "email"}"#, #"{"skill": "email-creation"}"#, "skill"),
        (
            "proprietary-services", #"{"name": "Machin", "publisher": "Truc", "kind": "hosted", "skill": "libre-messagerie"}"#,
            #"{"kind": "local"}"#, "kind"
        ),
        (
            "alternatives",
            #"{"service": "01990000-0000-7000-8002-000000000001", "name": "Chose", "kind": "both", "website": "https://example.org", "licence": "MIT", "note": "Simple."}"#,
            #"{"note": "Très simple."}"#, "note"
        ),
    ]

    @Test(arguments: kinds) func itIsToldSetBackAndRestored(path: String, draft: String, patch: String, member: String) async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let made = try await web.send(.post, "/api/v1/\(path)", token: staff, json: draft)
        #expect(made.status == .created)
        let address = try #require(made.headers[.location])
        web.clock.move(by: 60)
        let changed = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(changed.status == .ok && changed.json[member] != made.json[member])
        // Who comes too late is told what was changed meanwhile.
        let late = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(late.problem == "412 /problems/precondition-failed" && late.json["changed"] == .array([.string(member)]))

        let history = try await web.send(.get, "\(address)/history", token: staff)
        let items = history.json["items"].array
        #expect(items.map { $0["version"] } == [.number(2), .number(1)])
        #expect(items.first?["event"].string?.hasSuffix(".changed") == true && items.first?["by"]["role"].string == "coordinator")
        #expect(
            items.first?["changes"].array == [
                .object(["member": .string(member), "before": made.json[member], "after": changed.json[member]])
            ])
        let then = try await web.send(.get, "\(address)?as_of=2026-03-08T20:00:30Z", token: staff)
        #expect(then.json == made.json)
        #expect(try await web.send(.get, "\(address)?as_of=2026-03-08T19:00:00Z", token: staff).status == .notFound)

        let undone = try await web.send(.post, "\(address)/history/2/undo", token: staff, json: "{}")
        #expect(undone.status == .ok && undone.json[member] == made.json[member] && undone.headers[.eTag] == "\"3\"")
        let again = try await web.send(.post, "\(address)/history/2/undo", token: staff, json: "{}")
        #expect(again.problem == "409 /problems/conflict" && again.json["code"].string == "changed_afterwards")

        #expect(try await web.send(.delete, address, token: staff, headers: [.ifMatch: "\"2\""]).status == .preconditionFailed)
        #expect(try await web.send(.delete, address, token: staff, headers: [.ifMatch: "\"3\""]).status == .noContent)
        #expect(try await web.send(.delete, address, token: staff).status == .noContent)
        let restored = try await web.send(.post, "\(address)/restore", token: staff, json: "{}")
        #expect(restored.status == .ok && restored.json["archived_at"] == .null && restored.headers[.eTag] == "\"5\"")
        let twice = try await web.send(.post, "\(address)/restore", token: staff, json: "{}")
        #expect(twice.problem == "409 /problems/conflict")
        let events = try await web.parts.database.values(
            "SELECT split_part(kind, '.', 2) FROM events WHERE subject = \(made.json["id"].string ?? "") ORDER BY position", as: String.self
        )
        #expect(events == ["created", "changed", "changed", "archived", "restored"])
    }

    @Test(arguments: kinds) func othersDoNotReadIt(path: String, draft: String, patch: String, member: String) async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let made = try await web.send(.post, "/api/v1/\(path)", token: staff, json: draft)
        let address = try #require(made.headers[.location])
        for role in [Caller.Role.manager, .mediator, .prescriber] {
            let token = try await web.token(role).secret
            #expect(try await web.send(.get, "\(address)/history", token: token).status == .forbidden, "\(role)")
            #expect(try await web.send(.post, "\(address)/history/1/undo", token: token, json: "{}").status == .forbidden, "\(role)")
            #expect(try await web.send(.post, "\(address)/restore", token: token, json: "{}").status == .forbidden, "\(role)")
        }
        #expect(try await web.send(.get, "\(address)/history").status == .unauthorized)
        #expect(try await web.send(.get, "\(address)?as_of=2026-03-08T20:00:30Z").status == .unauthorized)
        #expect(try await web.send(.get, "\(address)/history", token: try await web.token(.tool).secret).status == .ok)
        let first = try await web.send(.post, "\(address)/history/1/undo", token: staff, json: "{}")
        #expect(first.problem == "409 /problems/conflict")
        let nobody = "/api/v1/\(path)/0198c2f4-0000-7000-8000-000000000000/history"
        #expect(try await web.send(.get, nobody, token: staff).problem == "404 /problems/not-found")
    }

    @Test(arguments: kinds) func manyAreChangedAtOnce(path: String, draft: String, patch: String, member: String) async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try #require(try await web.send(.post, "/api/v1/\(path)", token: staff, json: draft).json["id"].string)
        let seeded = try #require(try await web.send(.get, "/api/v1/\(path)?limit=1").json["items"].array.first?["id"].string)
        let body = """
            [{"id": "\(id)", "etag": "\\"1\\"", "patch": \(patch)}, {"id": "\(seeded)", "etag": "*", "action": "archive"}, \
            {"id": "\(seeded)", "etag": "\\"7\\"", "action": "restore"}]
            """
        let report = try await web.send(.patch, "/api/v1/\(path)", token: staff, json: body)
        #expect(report.problem == "422 /problems/invalid", "each entry once")
        let one = try await web.send(
            .patch, "/api/v1/\(path)", token: staff,
            json: #"[{"id": "\#(id)", "etag": "\"1\"", "patch": \#(patch)}, {"id": "\#(seeded)", "etag": "\"7\"", "action": "archive"}]"#)
        #expect(one.json["items"].array.map { $0["status"] } == [.number(200), .number(412)])
        // What the migrations brought has a past from then on.
        let history = try await web.send(.get, "/api/v1/\(path)/\(seeded)/history", token: staff)
        #expect(history.json["items"].array.map { $0["version"] } == [.number(1)])
        #expect(history.json["items"].array.first?["by"] == .null)
    }

    @Test func whatIsArchivedIsNotNamedByWhatComesBack() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let service = try await web.send(
            .post, "/api/v1/proprietary-services", token: staff,
            json: #"{"name": "Machin", "publisher": "Truc", "kind": "hosted", "skill": "libre-messagerie"}"#)
        let alternative = try await web.send(
            .post, "/api/v1/alternatives", token: staff,
            json: """
                {"service": "\(service.json["id"].string ?? "")", "name": "Chose", "kind": "both", "website": "https://example.org",
                 "licence": "MIT", "note": "Simple."}
                """)
        let address = try #require(alternative.headers[.location])
        // Its service is archived under it: what does not touch that is changed all the same.
        let own = try #require(service.headers[.location])
        #expect(try await web.send(.delete, own, token: staff).status == .noContent)
        let changed = try await web.send(.patch, address, token: staff, json: #"{"note": "Très simple."}"#, headers: [.ifMatch: "*"])
        #expect(changed.status == .ok)
        #expect(try await web.send(.post, "\(own)/restore", token: staff, json: "{}").status == .ok)
        #expect(try await web.send(.delete, address, token: staff).status == .noContent)
        #expect(try await web.send(.delete, try #require(service.headers[.location]), token: staff).status == .noContent)
        #expect(try await web.send(.post, "\(address)/restore", token: staff, json: "{}").json["code"].string == "belongs_to_archived")
        // A name that was taken meanwhile stays with who has it.
        let phrase = #"{"phrase": "ma boîte aux lettres", "skill": "email"}"#
        let first = try #require(try await web.send(.post, "/api/v1/synonyms", token: staff, json: phrase).headers[.location])
        #expect(try await web.send(.delete, first, token: staff).status == .noContent)
        #expect(try await web.send(.post, "/api/v1/synonyms", token: staff, json: phrase).status == .created)
        let taken = try await web.send(.post, "\(first)/restore", token: staff, json: "{}")
        #expect(taken.json["code"].string == "skill_synonym_once")
    }

    @Test func aVersionKeepsNothingThatFollowsFromTheRest() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        for (path, draft, _, _) in Self.kinds { _ = try await web.send(.post, "/api/v1/\(path)", token: staff, json: draft) }
        let place = try await web.send(.post, "/api/v1/places", token: staff, json: RegistryRoutesTests.place)
        let structure = try await web.send(.post, "/api/v1/structures", token: staff, json: #"{"name": "Centre social"}"#)
        let id = structure.json["id"].string ?? ""
        _ = try await web.send(.post, "/api/v1/mediators", token: staff, json: #"{"structure": "\#(id)", "name": "Jo"}"#)
        _ = try await web.send(.post, "/api/v1/skills", token: staff, json: #"{"id": "essai", "name": "Essai"}"#)
        let kept = try await web.parts.database.values(
            """
            SELECT DISTINCT kind || ' ' || column_name FROM row_versions, jsonb_object_keys(row) AS column_name
             WHERE at >= '2026-03-08T20:00:00Z' AND at < '2026-03-09'
               AND column_name IN ('known_at', 'quality', 'words', 'own_words', 'name_key', 'phrase_key', 'spot')
            """, as: String.self)
        #expect(kept == [])
        let kinds = try await web.parts.database.values(
            "SELECT DISTINCT kind FROM row_versions WHERE at >= '2026-03-08T20:00:00Z' AND at < '2026-03-09' ORDER BY 1", as: String.self)
        #expect(kinds == ["alternative", "mediator", "place", "proprietary_service", "skill", "structure", "synonym"])

        // And yet each is read as it was, with the quality and the freshness of then.
        for (made, patch) in [
            (place, #"{"phone": "+33477123456", "updated_on": "2026-03-09"}"#), (structure, #"{"phone": "+33477123456"}"#),
        ] {
            let address = try #require(made.headers[.location])
            web.clock.move(by: 86_400)
            let changed = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "\"1\""])
            #expect(changed.json["quality"] != made.json["quality"])
            web.clock.move(by: 86_400)
            let confirmed = try await web.send(.post, "\(address)/confirm", token: staff, json: "{}")
            #expect(confirmed.json["stale_from"] != made.json["stale_from"])
            let then = try await web.send(.get, "\(address)?as_of=2026-03-08T20:00:00Z", token: staff)
            #expect(then.json == made.json)
        }
    }
}
