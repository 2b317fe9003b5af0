import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Mediators as CSV and lines", .database)
struct MediatorExportTests {
    @Test func allThatIsFoundIsGivenWithoutPages() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let structure = try await web.makeStructure()
        let count = 2 * Paging.largest + 3
        try await web.parts.database.execute(
            """
            INSERT INTO mediators (id, structure_id, name, created_at, updated_at)
            SELECT gen_random_uuid(), \(structure), 'Jo ' || n, now(), now() FROM generate_series(1, \(count)) AS n
            """)
        try await web.parts.database.execute("INSERT INTO mediator_capacities (mediator_id) SELECT id FROM mediators")
        let csv = try await web.send(.get, "/api/v1/mediators?format=csv&structure=\(structure)", token: staff)
        #expect(csv.status == .ok && csv.headers[.contentType] == "text/csv; charset=utf-8; header=present")
        let lines = csv.text.components(separatedBy: "\r\n")
        #expect(lines.count == count + 2 && Set(lines).count == lines.count)
        #expect(lines.first == MediatorRecord.columns.joined(separator: ","))
        let named = try await web.send(.get, "/api/v1/mediators", token: staff, headers: [.accept: "text/csv"])
        #expect(named.text.components(separatedBy: "\r\n").count == lines.count)
        let ndjson = try await web.send(.get, "/api/v1/mediators", token: staff, headers: [.accept: "application/x-ndjson"])
        #expect(ndjson.headers[.contentType] == "application/x-ndjson" && ndjson.text.split(separator: "\n").count == count)
        let none = try await web.send(.get, "/api/v1/mediators?format=csv&mode=home", token: staff)
        #expect(none.text == lines[0] + "\r\n")
    }

    @Test func eachMemberIsToldToThoseWhoMayReadIt() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let prescriber = try await web.token(.prescriber).secret
        let structure = try await web.makeStructure()
        let made = try await web.send(
            .post, "/api/v1/mediators", token: staff,
            json: """
                {"structure": "\(structure)", "name": "Béal, Séverine", "email": "severine@example.org", "phone": "+33477000001",
                 "skills": [{"skill": "usage-securise", "level": 1}, {"skill": "demarches-administratives", "level": 2}],
                 "modes": ["place", "home"], "languages": ["fr", "it"], "travel_radius_m": 5000, "zone": {"everywhere": true}}
                """)
        #expect(made.status == .created)
        guard case .object(let members) = made.json, case .object(let capacity)? = members["capacity"] else {
            Issue.record("\(made.text) is no mediator")
            return
        }
        #expect(Set(MediatorRecord.columns) == Set(members.keys).subtracting(["capacity"]).union(capacity.keys.map { "capacity_\($0)" }))

        let csv = try await web.send(.get, "/api/v1/mediators?format=csv", token: staff)
        let row = try #require(csv.text.components(separatedBy: "\r\n").dropFirst().first)
        #expect(
            row.contains(
                ",\"Béal, Séverine\",,severine@example.org,+33477000001,,demarches-administratives:2|usage-securise:1,place|home,fr|it,5000,"
            ))
        #expect(row.contains(",false,everywhere,"))
        let lines = try await web.send(.get, "/api/v1/mediators?format=ndjson", token: staff)
        let line = try #require(lines.text.split(separator: "\n").first)
        #expect(try JSONValue(parsing: line.utf8) == made.json)
        for format in ["csv", "ndjson"] {
            let seen = try await web.send(.get, "/api/v1/mediators?format=\(format)", token: prescriber)
            #expect(seen.text.contains("Béal, Séverine"))
            #expect(!seen.text.contains("severine@example.org") && !seen.text.contains("+33477000001"))
        }
    }

    @Test func whoIsNearSaysHowFarAndNoNameIsAFormula() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let structure = try await web.makeStructure()
        let made = try await web.send(
            .post, "/api/v1/places", token: staff,
            json: """
                {"name": "Médiathèque", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne",
                 "location": {"latitude": 45.44, "longitude": 4.39}}
                """)
        let place = try #require(made.json["id"].string)
        let mediator = try await web.send(
            .post, "/api/v1/mediators", token: staff,
            json: #"{"structure": "\#(structure)", "name": "=1+1", "places": ["\#(place)"], "modes": ["place"]}"#)
        #expect(mediator.status == .created)
        let csv = try await web.send(.get, "/api/v1/mediators?format=csv&near=45.44,4.40", token: staff)
        let lines = csv.text.components(separatedBy: "\r\n")
        #expect(lines.first == MediatorRecord.columns.joined(separator: ",") + ",distance_m")
        let row = try #require(lines.dropFirst().first)
        #expect(row.contains(",'=1+1,") && row.hasSuffix(",780"))
        let ndjson = try await web.send(.get, "/api/v1/mediators?format=ndjson&near=45.44,4.40", token: staff)
        let line = try #require(ndjson.text.split(separator: "\n").first)
        let found = try JSONValue(parsing: line.utf8)
        #expect(found["distance_m"] == .number(780) && found["name"].string == "=1+1")
    }

    @Test func whatIsNotGivenIsRefused() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let paged = try await web.send(.get, "/api/v1/mediators?format=csv&limit=10&total=true", token: staff)
        #expect(paged.errors == ["limit without_pages", "total without_pages"])
        #expect(try await web.send(.get, "/api/v1/mediators?format=geojson", token: staff).errors == ["format unknown_code"])
        let map = try await web.send(.get, "/api/v1/mediators", token: staff, headers: [.accept: "application/geo+json"])
        #expect(map.status == .notAcceptable)
        #expect(try await web.send(.get, "/api/v1/mediators?format=csv").status == .unauthorized)
    }
}
