import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Places as CSV and lines", .database)
struct PlaceExportTests {
    /// More places than a page has.
    func fill(_ web: TestWeb, count: Int) async throws {
        try await web.parts.database.execute(
            """
            INSERT INTO places (id, name, address, postcode, commune_name, services, created_at, updated_at)
            SELECT gen_random_uuid(), 'Lieu ' || n, '1 rue, bât. A', '42000', 'Saint-Étienne', '{usage-securise}', now(), now()
              FROM generate_series(1, \(count)) AS n
            """)
    }

    @Test func allThatIsFoundIsGivenWithoutPages() async throws {
        let web = try TestWeb()
        try await fill(web, count: 2 * Paging.largest + 3)
        let csv = try await web.send(.get, "/api/v1/places?format=csv&service=usage-securise")
        #expect(csv.status == .ok && csv.headers[.contentType] == "text/csv; charset=utf-8; header=present")
        let lines = csv.text.components(separatedBy: "\r\n")
        #expect(lines.count == 2 * Paging.largest + 5 && Set(lines).count == lines.count)
        #expect(lines.first == StandardRecord.columns.joined(separator: ","))
        #expect(lines.dropFirst().first?.contains(",\"1 rue, bât. A\",") == true)
        let named = try await web.send(.get, "/api/v1/places", headers: [.accept: "text/csv"])
        #expect(named.text.components(separatedBy: "\r\n").count == lines.count)
        for (accept, type) in [
            ("Text/CSV", "text/csv"), ("application/xml, text/csv", "text/csv"), ("text/csv;q=0, application/json", "application/json"),
            ("application/json, text/csv", "application/json"), ("text/*", "text/csv"),
        ] {
            let given = try await web.send(.get, "/api/v1/places/", headers: [.accept: accept])
            #expect(given.status == .ok && given.headers[.contentType]?.hasPrefix(type) == true, "\(accept)")
        }
        let ndjson = try await web.send(.get, "/api/v1/places?format=ndjson&q=Lieu%207")
        let first = try #require(ndjson.text.split(separator: "\n").first)
        #expect(try JSONValue(parsing: first.utf8)["name"].string == "Lieu 7")
        #expect(try await web.send(.get, "/api/v1/places?format=csv&service=loisirs-creations").text == lines[0] + "\r\n")
    }

    @Test func whatIsNearSaysHowFar() async throws {
        let web = try TestWeb()
        try await fill(web, count: 2)
        try await web.parts.database.execute("UPDATE places SET latitude = 45.44, longitude = 4.39")
        let csv = try await web.send(.get, "/api/v1/places?format=csv&near=45.44,4.40")
        let lines = csv.text.components(separatedBy: "\r\n")
        #expect(lines.first == StandardRecord.columns.joined(separator: ",") + ",distance_m")
        #expect(lines.count == 4 && lines.dropFirst().prefix(2).allSatisfy { $0.hasSuffix(",780") })
        let ndjson = try await web.send(.get, "/api/v1/places?format=ndjson&near=45.44,4.40")
        let found = try ndjson.text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        #expect(found.map { $0["distance_m"] } == [.number(780), .number(780)])
        let anywhere = try await web.send(.get, "/api/v1/places?format=ndjson")
        #expect(!anywhere.text.contains("distance_m"))
    }

    @Test func whatOnlyPagesHaveIsRefused() async throws {
        let web = try TestWeb()
        let answer = try await web.send(.get, "/api/v1/places?format=csv&limit=10&total=true")
        #expect(answer.errors == ["limit without_pages", "total without_pages"])
        #expect(try await web.send(.get, "/api/v1/places?format=xml").status == .badRequest)
        #expect(try await web.send(.get, "/api/v1/structures", headers: [.accept: "text/csv"]).status == .notAcceptable)
    }

    @Test func whatVanishedIsFound() async throws {
        let web = try TestWeb()
        try await fill(web, count: 3)
        try await web.parts.database.execute(
            """
            INSERT INTO place_sources (source, source_id, place_id, values, said_at, vanished_at)
            SELECT 'X', name, id, '{}', now(), CASE name WHEN 'Lieu 2' THEN now() END FROM places
            """)
        let found = try await web.send(.get, "/api/v1/places?vanished=true")
        #expect(found.json["items"].array.map { $0["name"].string } == ["Lieu 2"])
        #expect(try await web.send(.get, "/api/v1/places?vanished=false").json["items"].array.count == 2)
    }
}
