import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Applying to be in the registry", .database)
struct ApplicationRoutesTests {
    private static func body(
        name: String = "Maison des possibles", siret: String? = "43493312300029", consent: Bool = true, places: String = ""
    ) -> String {
        """
        {"consent": \(consent), "contact": {"name": "Claire", "email": "claire@example.org"},
         "structure": {"name": "\(name)"\(siret.map { ", \"siret\": \"\($0)\"" } ?? "")}, "places": [\(places)]}
        """
    }
    private static let place = #"{"name": "EPN du Crêt", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne"}"#

    /// Files one, and gives the secret of its link and its id as staff sees it.
    private func file(_ web: TestWeb, _ staff: String, _ body: String = Self.body(places: Self.place)) async throws -> (
        link: String, id: String
    ) {
        let filed = try await web.send(.post, "/api/v1/applications", json: body)
        #expect(filed.status == .created, "\(filed.text)")
        let link = try #require(filed.headers[.location])
        #expect(filed.json["link"].string?.hasSuffix(link) == true)
        let code = try #require(filed.json["code"].string)
        let found = try await web.send(.get, "/api/v1/applications?code=\(code.lowercased())", token: staff)
        return (link, try #require(found.json["items"].array.first?["id"].string))
    }

    @Test func theLinkIsAPageForWhoOpensIt() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (link, id) = try await file(web, staff)
        func page(_ path: String) async throws -> TestResponse {
            try await web.send(.get, path, headers: [.accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
        }
        let waiting = try await page(link)
        #expect(waiting.status == .ok && waiting.headers[.contentType] == "text/html; charset=utf-8")
        #expect(waiting.headers[.cacheControl] == "no-store" && waiting.text.contains("Candidature reçue"))
        #expect(try await web.send(.get, link, headers: [.accept: "text/html"]).status == .ok)
        #expect(
            try await web.send(.get, "/api/v1/applications/\(id)", token: staff, headers: [.accept: "text/html"]).status == .notAcceptable)
        let asked = #"{"reason": "Le <nom> & l'adresse"}"#
        #expect(try await web.send(.post, "/api/v1/applications/\(id)/ask-changes", token: staff, json: asked).status == .ok)
        let changes = try await page(link)
        #expect(changes.text.contains("Des changements sont demandés") && changes.text.contains("Le &lt;nom&gt; &amp; l'adresse"))
        #expect(try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff).status != .ok)
        #expect(try await web.send(.post, link, json: Self.body(places: Self.place)).status == .ok)
        #expect(try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff).status == .ok)
        let token = try #require(try await web.send(.get, link).json["token"].string)
        #expect(try await page(link).text.contains(token))
        let unknown = try await page("/api/v1/applications/by-link/\(String(repeating: "A", count: 43))")
        #expect(unknown.status == .notFound && unknown.text.contains("Lien inconnu"))
    }

    @Test func aStructureAppliesIsValidatedAndKeepsItsOwnData() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (link, id) = try await file(web, staff)
        let waiting = try await web.send(.get, link)
        #expect(waiting.json["status"].string == "submitted" && waiting.json["token"] == .null && waiting.json["contact"] == .null)
        #expect(waiting.headers[.cacheControl] == "no-store")
        // When who applies consented is for staff.
        let consented = try await web.send(.get, "/api/v1/applications/\(id)", token: staff).json["consented_at"].string
        #expect(consented == web.parts.generators.now().rfc3339 && !waiting.text.contains("consented_at"))
        let validated = try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff)
        #expect(validated.status == .ok && validated.json["status"].string == "validated")
        #expect(validated.json["token"] == .null, "the token is for who applied")
        let structure = try #require(validated.json["registered"].string)
        let places = try await web.send(.get, "/api/v1/places?structure=\(structure)").json["items"].array
        #expect(places.count == 1)
        let followed = try await web.send(.get, link)
        let token = try #require(followed.json["token"].string)
        #expect(try await web.send(.get, link).json["token"].string == token)
        // The manager keeps its own data, and nobody else's; once the token is used it is shown no more.
        let place = try #require(places[0]["id"].string)
        let renamed = try await web.send(
            .patch, "/api/v1/places/\(place)", token: token, json: #"{"phone": "+33477123456", "address": "2 rue"}"#,
            headers: [.ifMatch: "*"])
        #expect(renamed.status == .ok, "\(renamed.text)")
        try await web.parts.database.execute("UPDATE tokens SET last_used_at = now() WHERE role = 'manager'")
        #expect(try await web.send(.get, link).json["token"] == .null)
        // Of what it changed, staff sees again what the policy names.
        let waits = try await web.send(.get, "/api/v1/reviews", token: staff).json["items"].array
        #expect(waits.count == 1 && waits[0]["members"].array == [.string("place.address")] && waits[0]["subject"].string == place)
        _ = try await web.send(
            .patch, "/api/v1/places/\(place)", token: token, json: #"{"name": "EPN"}"#, headers: [.ifMatch: "*"])
        let review = try #require(waits[0]["id"].string)
        let late = try await web.send(.post, "/api/v1/reviews/\(review)/seen", token: staff, headers: [.ifMatch: "\"1\""])
        #expect(late.problem == "412 /problems/precondition-failed", "what was changed meanwhile was not seen")
        let seen = try await web.send(.post, "/api/v1/reviews/\(review)/seen", token: staff)
        #expect(seen.json["members"].array == [.string("place.address"), .string("place.name")])
        #expect(try await web.send(.get, "/api/v1/reviews", token: staff).json["items"].array.isEmpty)
        #expect(try await web.send(.get, "/api/v1/reviews?seen=true", token: staff).json["items"].array.count == 1)
        #expect(try await web.send(.get, "/api/v1/reviews", token: token).problem == "403 /problems/forbidden")
        // Nor does what staff took out of the lists come back unseen, nor a stop get anywhere.
        _ = try await web.send(.delete, "/api/v1/places/\(place)", token: staff, headers: [.ifMatch: "*"])
        let back = try await web.send(.post, "/api/v1/places/\(place)/restore", token: token)
        #expect(back.status == .ok, "\(back.text)")
        _ = try await web.send(
            .patch, "/api/v1/places/\(place)", token: token, json: #"{"itinerance": ["itinerant"]}"#, headers: [.ifMatch: "*"])
        try await web.parts.database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, department, kind)
            VALUES ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', '42', 'COM')
            """)
        let stops = try await web.send(
            .put, "/api/v1/places/\(place)/stops", token: token, json: #"{"items": [{"commune": "42218", "hours": "Tu 14:00-17:00"}]}"#,
            headers: [.ifMatch: "*"])
        #expect(stops.status == .ok, "\(stops.text)")
        let unseen = try await web.send(.get, "/api/v1/reviews", token: staff).json["items"].array
        #expect(unseen.count == 1 && unseen[0]["members"].array == [.string("place"), .string("place.location")])
        _ = try await web.send(.post, "/api/v1/reviews/\(try #require(unseen[0]["id"].string))/seen", token: staff)
        // What staff corrects itself is not for staff to see again.
        _ = try await web.send(.patch, "/api/v1/places/\(place)", token: staff, json: #"{"name": "B"}"#, headers: [.ifMatch: "*"])
        #expect(try await web.send(.get, "/api/v1/reviews", token: staff).json["items"].array.isEmpty)
        // Events hold ids alone.
        let data = try await web.parts.database.values("SELECT data::text FROM events", as: String.self).joined()
        #expect(!data.contains("Claire") && !data.contains("possibles"))
    }

    @Test func staffAsksForChangesAndRefusesWithAReason() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (link, id) = try await file(web, staff, Self.body(siret: nil))
        let address = "/api/v1/applications/\(id)"
        #expect(try await web.send(.post, "\(address)/refuse", token: staff, json: "{}").errors == ["/reason required"])
        let asked = try await web.send(.post, "\(address)/ask-changes", token: staff, json: #"{"reason": "Donnez le SIRET."}"#)
        #expect(asked.json["status"].string == "changes_asked")
        let early = try await web.send(.post, "\(address)/validate", token: staff)
        #expect(early.problem == "409 /problems/conflict" && early.json["code"].string == "application_elsewhere")
        #expect(try await web.send(.get, link).json["reason"].string == "Donnez le SIRET.")
        #expect(try await web.send(.post, link, json: Self.body(siret: "43493312300028")).errors == ["/structure/siret checksum"])
        web.clock.move(by: 3600)
        let again = try await web.send(.post, link, json: Self.body())
        #expect(again.json["status"].string == "submitted", "\(again.text)")
        // What was sent again meanwhile was not seen.
        for (verb, body) in [("validate", "{}"), ("ask-changes", #"{"reason": "Le nom ?"}"#), ("refuse", #"{"reason": "Non."}"#)] {
            let late = try await web.send(.post, "\(address)/\(verb)", token: staff, json: body, headers: [.ifMatch: "\"2\""])
            #expect(late.problem == "412 /problems/precondition-failed", "\(verb)")
        }
        let consented = try await web.send(.get, address, token: staff).json["consented_at"].string
        #expect(consented == web.parts.generators.now().rfc3339)
        let refused = try await web.send(.post, "\(address)/refuse", token: staff, json: #"{"reason": "Hors du réseau."}"#)
        #expect(refused.json["status"].string == "refused")
        for (path, token) in [("\(address)/validate", staff as String?), (link, nil)] {
            let late = try await web.send(.post, path, token: token, json: token == nil ? Self.body() : "{}")
            #expect(late.problem == "409 /problems/conflict", "\(path)")
        }
        #expect(try await web.parts.database.value("SELECT count(*) FROM structures WHERE siret IS NOT NULL", as: Int.self) == 0)
    }

    @Test func whatMayBeThereAlreadyIsToldToStaffAlone() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let there = try await web.send(
            .post, "/api/v1/structures", token: staff, json: #"{"name": "La maison des possibles", "siret": "43493312300029"}"#)
        let known = try #require(there.json["id"].string)
        let filed = try await web.send(.post, "/api/v1/applications", json: Self.body())
        #expect(filed.status == .created && !filed.text.contains(known))
        let list = try await web.send(.get, "/api/v1/applications?status=submitted", token: staff)
        let id = try #require(list.json["items"].array.first?["id"].string)
        let seen = try await web.send(.get, "/api/v1/applications/\(id)", token: staff)
        let likely = seen.json["likely_duplicates"].array
        #expect(likely.count == 1 && likely[0]["id"].string == known, "\(seen.text)")
        #expect(likely[0]["reasons"].array == [.string("siret"), .string("name")])
        // As a new one it cannot come in, and then nothing at all was made; as the one that is there it can.
        let twice = try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff)
        #expect(twice.problem == "409 /problems/conflict" && twice.json["code"].string == "structure_siret_once")
        #expect(try await web.parts.database.value("SELECT count(*) FROM tokens WHERE role = 'manager'", as: Int.self) == 0)
        let same = try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff, json: "{\"structure\": \"\(known)\"}")
        #expect(same.json["registered"].string == known)
    }

    /// By what it is like, not by the name in its commune: there is no commune in this base.
    @Test func staffIsShownWhatAPlaceWouldBeRefusedFor() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        func place(_ name: String, pivot: String, phone: String = "+33465710072") -> String {
            """
            {"name": "\(name)", "address": "19 Rue Alfred Sisley", "postcode": "42100", "commune_name": "Saint-Étienne", \
            "phone": "\(phone)", "pivot": "\(pivot)"}
            """
        }
        func make(_ body: String) async throws -> String {
            try #require(try await web.send(.post, "/api/v1/places?allow_duplicate=true", token: staff, json: body).json["id"].string)
        }
        let alike = try await make(place("ESPACE NUMERIQUE SISLEY", pivot: "00000000000000"))
        let numbered = try await make(
            #"{"name": "Annexe", "address": "2 rue du Bourg", "postcode": "69001", "commune_name": "Lyon", "pivot": "73282932000074"}"#)
        _ = try await make(
            #"{"name": "Autre", "address": "3 rue du Bourg", "postcode": "69001", "commune_name": "Lyon", "pivot": "00000000000000"}"#)
        let sent = place("Espace numérique Sisley", pivot: "00000000000000")
        let refused = try await web.send(.post, "/api/v1/places", token: staff, json: sent)
        #expect(refused.json["candidates"].array.map { $0["id"].string } == [alike], "\(refused.text)")
        let places = "\(sent), \(place("Salle des fêtes", pivot: "73282932000074", phone: "+33477000000"))"
        let (link, id) = try await file(web, staff, Self.body(siret: nil, places: places))
        let seen = try await web.send(.get, "/api/v1/applications/\(id)", token: staff)
        let likely = seen.json["likely_duplicates"].array
        #expect(likely.map { $0["id"].string } == [numbered, alike], "\(seen.text)")
        #expect(likely.first?["reasons"].array.contains(.string("siret")) == true)
        let reasons = likely.last?["reasons"].array ?? []
        #expect(reasons.contains(.string("name")) && reasons.contains(.string("same_phone")) && !reasons.contains(.string("siret")))
        #expect(try await web.send(.get, link).json["likely_duplicates"] == .null)
        // What the application has become is no duplicate of it.
        #expect(try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff).status == .ok)
        let decided = try await web.send(.get, "/api/v1/applications/\(id)", token: staff)
        #expect(decided.json["likely_duplicates"].array.map { $0["id"].string } == [numbered, alike], "\(decided.text)")
    }

    @Test func numbersAreTakenAsPeopleWriteThem() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (_, id) = try await file(
            web, staff,
            """
            {"consent": true, "contact": {"name": "Claire", "email": "claire@example.org", "phone": "04 77 00 00 00"},
             "structure": {"name": "Maison des possibles", "siret": "434 933 123 00029 ", "rna": "w421000001"}}
            """)
        let validated = try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff)
        let registered = try #require(validated.json["registered"].string, "\(validated.text)")
        let structure = try await web.send(.get, "/api/v1/structures/\(registered)")
        #expect(structure.json["siret"].string == "43493312300029" && structure.json["rna"].string == "W421000001")
    }

    @Test func whatIsWrongIsToldAtOnce() async throws {
        let web = try TestWeb()
        let wrong = try await web.send(
            .post, "/api/v1/applications",
            json: """
                {"structure": {"name": "A", "siret": "43493312300028", "parent": "0198c2f4-0000-7000-8000-000000000000"},
                 "places": [{"name": "B", "address": "1 rue", "commune_name": "C"}], "more": 1}
                """)
        #expect(
            wrong.errors == [
                "/consent required", "/contact required", "/more unknown_member", "/places/0/postcode required",
                "/structure/siret checksum",
            ], "\(wrong.text)")
        #expect(try await web.send(.post, "/api/v1/applications", json: Self.body(consent: false)).errors == ["/consent required"])
        let nowhere = Self.place.dropLast() + #", "zone": {"epci": ["111111111"]}}"#
        let zone = try await web.send(.post, "/api/v1/applications", json: Self.body(places: "\(Self.place), \(nowhere)"))
        #expect(zone.errors == ["/places/1/zone/epci/0 unknown_code"])
        let account = try await web.token(.coordinator).secret
        let refused = try await web.send(.post, "/api/v1/applications", token: account, json: Self.body(consent: false))
        #expect(refused.errors == ["/consent required"], "nobody's refusal is passed over")
        #expect(try await web.send(.get, "/api/v1/applications/by-link/nobody").status == .notFound)
        #expect(try await web.send(.get, "/api/v1/applications").problem == "401 /problems/unauthenticated")
        let manager = try await web.token(.manager).secret
        #expect(try await web.send(.get, "/api/v1/applications", token: manager).problem == "403 /problems/forbidden")
        let unknown = "/api/v1/applications/0198c2f4-0000-7000-8000-000000000000"
        let staff = try await web.token(.coordinator).secret
        #expect(try await web.send(.get, unknown, token: staff).status == .notFound)
        #expect(try await web.send(.post, "\(unknown)/validate", token: staff).status == .notFound)
        #expect(try await web.send(.post, "\(unknown)/refuse", token: staff, json: #"{"reason": "x"}"#).status == .notFound)
    }

    @Test func ofTwoWhoValidateAtOnceOneDoes() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (_, id) = try await file(web, staff)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try await web.send(.post, "/api/v1/applications/\(id)/validate", token: staff).status.code }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }.sorted()
        }
        #expect(statuses == [200, 409, 409, 409])
        #expect(try await web.parts.database.value("SELECT count(*) FROM tokens WHERE role = 'manager'", as: Int.self) == 1)
    }

    @Test func theyAreCountedAsRequestsForHelpAre() async throws {
        let web = try TestWeb(limits: RateLimits(token: 0, visitor: 0, publicRequests: 2))
        for _ in 0..<2 { #expect(try await web.send(.post, "/api/v1/applications", json: Self.body(siret: nil)).status == .created) }
        #expect(try await web.send(.post, "/api/v1/applications", json: Self.body(siret: nil)).problem == "429 /problems/too-many-requests")
    }
}
