import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Searching mediators over the API", .database)
struct MediatorSearchRoutesTests {
    @Test func theyAreFoundCountedAndToldWithoutTheirContact() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let prescriber = try await web.token(.prescriber).secret
        let structure = try await web.makeStructure()
        let place = try await web.send(
            .post, "/api/v1/places", token: staff,
            json: """
                {"name": "Médiathèque", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne", "publics": ["seniors"],
                 "location": {"latitude": 45.44, "longitude": 4.39}}
                """)
        let made = try await web.send(
            .post, "/api/v1/mediators", token: staff,
            json: """
                {"structure": "\(structure)", "name": "Séverine Béal", "presentation": "Ancienne institutrice", "email": "severine@example.org",
                 "places": ["\(place.json["id"].string ?? "")"], "skills": [{"skill": "demarches-administratives", "level": 2}],
                 "modes": ["place", "home"], "languages": ["fr", "it"]}
                """)
        #expect(made.status == .created && made.json["presentation"].string == "Ancienne institutrice")

        func found(_ query: String, token: String) async throws -> TestResponse {
            try await web.send(.get, "/api/v1/mediators?\(query)", token: token)
        }
        let near = try await found("near=45.44,4.40&total=true&facets=modes,publics,skills", token: prescriber)
        #expect(near.status == .ok && !near.text.contains("severine@example.org"))
        let item = try #require(near.json["items"].array.first)
        #expect(item["name"].string == "Séverine Béal" && item["distance_m"] == .number(780) && item["email"] == .null)
        #expect(near.json["total"] == .number(1) && near.json["relax"] == .null)
        let facets = near.json["facets"].array
        #expect(facets.map { $0["member"].string } == ["modes", "publics", "skills"])
        #expect(facets[0]["counts"].array.map { $0["code"].string } == ["home", "place"])
        #expect(facets[1]["counts"].array == [.object(["code": .string("seniors"), "count": .number(1)])])
        // Whoever answers for her reads how to reach her.
        #expect(try await found("q=institutrice", token: staff).json["items"].array.map { $0["email"].string } == ["severine@example.org"])
        for query in [
            "q=severine", "need=ameli&level=2", "skill=demarches-administratives", "mode=home", "modes=remote,home", "languages=it,en",
            "language=it",
            "publics=seniors", "public=seniors", "accepting=false", "sort=quality", "structure=\(structure)", "q=beal&sort=relevance",
        ] {
            let answer = try await found(query, token: prescriber)
            #expect(answer.json["items"].array.count == 1 && answer.json["items"].array.first?["distance_m"] == .null, "\(query)")
        }
        for (query, parameter) in [
            ("need=ameli&level=3", "need"), ("q=example.org", "q"), ("q=severine%40example.org", "q"), ("modes=workshop", "modes"),
            ("accepting=true", "accepting"), ("fees=gratuit", "fees"), ("near=48.85,2.35&distance=1000", "near"),
            ("serves=42218", "serves"),
        ] {
            if query == "serves=42218" {
                try await web.parts.database.execute(
                    """
                    INSERT INTO communes (insee_code, name, name_key, postcodes, department, kind) VALUES ('42218', 'S', 's', '{}', '42', 'COM')
                    """)
            }
            let answer = try await found(query, token: prescriber)
            #expect(answer.json["items"].array.isEmpty, "\(query)")
            #expect(answer.json["relax"].array.map { $0["parameter"].string } == [parameter], "\(query)")
        }
    }

    @Test(arguments: [
        ("near=here", 400, ["near format"]), ("distance=5", 422, ["distance without_near"]), ("sort=distance", 422, ["sort without_near"]),
        ("sort=relevance", 422, ["sort without_words"]), ("level=2", 422, ["level without_need"]),
        ("need=ameli&level=4", 400, ["level format"]), ("modes=car", 400, ["modes unknown_code"]),
        ("languages=fr,French", 400, ["languages format"]), ("facets=names", 400, ["facets unknown_code"]),
        ("near=99999", 422, ["near unknown_code"]), ("open_now=true", 400, ["open_now unknown_parameter"]),
        ("skills=ameli", 400, ["skills unknown_parameter"]), ("cursor=abc", 400, ["cursor cursor"]),
        ("mode=home&modes=home", 422, ["mode contradiction"]),
    ])
    func whatCannotBeAskedIsTold(query: String, status: Int, errors: [String]) async throws {
        let web = try TestWeb()
        let answer = try await web.send(.get, "/api/v1/mediators?\(query)", token: try await web.token(.coordinator).secret)
        #expect(answer.status.code == status)
        #expect(answer.errors == errors)
    }

    @Test func aListGoesOnWhereItEnded() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let structure = try await web.makeStructure()
        for _ in 0..<5 {
            let body = #"{"structure": "\#(structure)", "name": "Jo"}"#
            #expect(try await web.send(.post, "/api/v1/mediators", token: staff, json: body).status == .created)
        }
        var names: Set<String> = []
        var next: String? = "/api/v1/mediators?limit=2&sort=name"
        var pages = 0
        while let address = next {
            let page = try await web.send(.get, address, token: staff)
            for item in page.json["items"].array { #expect(names.insert(item["id"].string ?? "").inserted) }
            next = page.json["next_cursor"].string.map { "/api/v1/mediators?limit=2&sort=name&cursor=\($0)" }
            #expect((page.headers[.link] == nil) == (next == nil))
            pages += 1
        }
        #expect(names.count == 5 && pages == 3)
    }
}
