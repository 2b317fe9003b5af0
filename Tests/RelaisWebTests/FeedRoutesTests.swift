import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Feeds over the API", .database)
struct FeedRoutesTests {
    private func makePlace(_ web: TestWeb, _ token: String, name: String = "Médiathèque") async throws -> String {
        let json = RegistryRoutesTests.place.replacing("Médiathèque", with: name)
        return try #require(try await web.send(.post, "/api/v1/places", token: token, json: json).json["id"].string)
    }

    /// Reads a feed until `isEnough`, or for a minute: it waits for every transaction of the cluster, those of other tests among them.
    private func follow(
        _ web: TestWeb, _ path: String, _ parameter: String, _ token: String, until isEnough: ([JSONValue]) -> Bool
    ) async throws -> (items: [JSONValue], next: String) {
        var (items, address, next) = ([JSONValue](), path, "")
        for _ in 1...3000 {
            let page = try await web.send(.get, address, token: token)
            try #require(page.status == .ok, "\(page.text)")
            items += page.json["items"].array
            next = try #require(page.json["next_cursor"].string)
            if isEnough(items) { return (items, next) }
            address = "\(path.prefix { $0 != "?" })?\(parameter)=\(next)"
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("The feed never told all of it.")
        return (items, next)
    }

    @Test func aFeedTellsWhatChangedAndWhatWasArchived() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (a, b) = (try await makePlace(web, staff, name: "A"), try await makePlace(web, staff, name: "B"))
        let path = "/api/v1/places?updated_since=2026-01-01T00:00:00Z"
        let first = try await follow(web, path, "cursor", staff) { $0.count >= 2 }
        #expect(first.items.map { $0["name"].string } == ["A", "B"])
        _ = try await web.send(.delete, "/api/v1/places/\(a)", token: staff)
        let then = try await follow(web, "/api/v1/places?cursor=\(first.next)", "cursor", staff) { !$0.isEmpty }
        #expect(then.items.count == 1 && then.items[0]["id"].string == a && then.items[0]["archived_at"].string != nil)
        #expect(then.items[0]["name"] == .null && then.items[0]["address"] == .null)
        // Nothing more: an empty piece with a cursor to go on with.
        let end = try await web.send(.get, "/api/v1/places?cursor=\(then.next)", token: staff)
        #expect(end.json["items"].array.isEmpty && end.json["next_cursor"].string != nil)

        #expect(try await web.send(.get, "/api/v1/places?updated_since=now").errors == ["updated_since format"])
        #expect(try await web.send(.get, "\(path)&service=usage-securise").errors == ["service with_changes"])
        #expect(try await web.send(.get, "\(path)&colour=red").errors == ["colour unknown_parameter"])
        #expect(try await web.send(.get, "/api/v1/structures?cursor=AAAA").errors == ["cursor cursor"])
        _ = b
    }

    @Test func theLogIsReadByStaffAndByToolsOfTheRegistryWithoutRequests() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try await makePlace(web, staff)
        try await web.parts.database.execute(
            """
            INSERT INTO events (at, kind, subject, actor_role) VALUES
                (now(), 'token.issued', 'x', 'admin'), (now(), 'application.filed', 'x', 'visitor'), (now(), 'import.done', 'x', 'admin'),
                (now(), 'request.filed', 'x', 'visitor')
            """)
        let log = try await follow(web, "/api/v1/events", "after", staff) { $0.count >= 3 }
        let kinds = log.items.compactMap { $0["kind"].string }
        #expect(kinds.contains("place.created") && kinds.contains("request.filed"))
        #expect(log.items.first { $0["kind"].string == "place.created" }?["subject"].string == id)
        let tool = try await web.token(.tool, scopes: [.readRegistry]).secret
        let seen = try await follow(web, "/api/v1/events", "after", tool) { $0.contains { $0["kind"].string == "place.created" } }
        #expect(!seen.items.contains { $0["kind"].string == "request.filed" })
        let whole = try await web.token(.tool, scopes: [.readRegistry, .readRequests]).secret
        let more = try await follow(web, "/api/v1/events", "after", whole) { $0.contains { $0["kind"].string == "request.filed" } }
        let told = Set(more.items.compactMap { $0["kind"].string })
        #expect(told.isDisjoint(with: ["token.issued", "application.filed", "import.done"]))
        let importer = try await web.token(.tool, scopes: [.readRegistry, .writeRegistry]).secret
        let imports = try await follow(web, "/api/v1/events", "after", importer) { $0.contains { $0["kind"].string == "import.done" } }
        #expect(!imports.items.contains { $0["kind"].string == "request.filed" })
        #expect(try await web.send(.get, "/api/v1/events?after=x", token: staff).errors == ["after cursor"])
        #expect(
            try await web.send(.get, "/api/v1/events?limit=0&colour=1", token: staff).errors == [
                "colour unknown_parameter", "limit format",
            ])
        #expect(try await web.send(.get, "/api/v1/events").problem == "401 /problems/unauthenticated")
    }

    @Test func theFeedShowsAMediatorsContactToNobodyElse() async throws {
        let web = try TestWeb()
        _ = try await web.token(.mediator)
        try await web.parts.database.execute("INSERT INTO mediator_capacities (mediator_id) SELECT id FROM mediators")
        try await web.parts.database.execute("UPDATE mediators SET email = 'jo@example.org', version = 2")
        let prescriber = try await web.token(.prescriber).secret
        let feed = try await follow(
            web, "/api/v1/mediators?updated_since=2026-01-01T00:00:00Z", "cursor", prescriber, until: { !$0.isEmpty })
        #expect(feed.items.allSatisfy { $0["email"] == .null })
    }
}
