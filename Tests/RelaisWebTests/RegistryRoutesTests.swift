import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing
import Yams

@testable import RelaisWeb

@Suite("The registry over the API", .database)
struct RegistryRoutesTests {
    let database = OwnDatabase.current

    static let place = #"{"name": "Médiathèque", "address": "1 rue de la Paix", "postcode": "42000", "commune_name": "Saint-Étienne"}"#

    @Test func anEmptyAnswerNamesTheFilterThatIsInTheWayOrTheTwo() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        #expect(try await web.send(.get, "/api/v1/places?q=velo").json["relax"].array.isEmpty, "there is nothing at all")
        _ = try await web.send(.post, "/api/v1/places", token: staff, json: Self.place)
        let one = try await web.send(.get, "/api/v1/places?q=velo&source=x").json["relax"].array
        #expect(one.map { $0["parameter"].string } == ["source"] && one.map { $0["with"].string } == ["q"])
        #expect(one.first?["would_find"] == .number(1))
        let two = try await web.send(.get, "/api/v1/places?q=velo").json["relax"].array
        #expect(two.map { $0["parameter"].string } == ["q"] && two.first?["with"] == .null)
        // By the name that was given.
        for parameter in ["service", "services"] {
            let answer = try await web.send(.get, "/api/v1/places?\(parameter)=usage-securise")
            #expect(answer.json["relax"].array.map { $0["parameter"].string } == [parameter])
        }
    }

    /// Each parameter is as its description asks (422), until one is not (400).
    @Test(arguments: [
        ("sort=distance", 422, ["sort without_near"]), ("sort=relevance&distance=9", 422, ["distance without_near", "sort without_words"]),
        ("fee=gratuit&fees=payant", 422, ["fee contradiction"]),
        ("publics=" + Array(repeating: "jeunes", count: 21).joined(separator: ","), 400, ["publics length"]),
        ("near=91,4", 422, ["near range"]), ("near=91;4", 400, ["near format"]),
        ("near=99999", 422, ["near unknown_code"]),
        ("itinerant_on=1999-12-31", 422, ["itinerant_on range"]), ("itinerant_on=1999-02-30", 400, ["itinerant_on format"]),
        ("open_now=true&open_at=2026-03-07T10:00:00Z", 422, ["open_now contradiction"]),
        ("format=csv&limit=3", 422, ["limit without_pages"]),
        ("sort=distance&colour=red", 400, ["colour unknown_parameter", "sort without_near"]),
        ("updated_since=2026-03-07T10:00:00Z&q=a", 422, ["q with_changes"]),
    ])
    func whatIsWellFormedAndMeansNothingIsToldApart(query: String, status: Int, errors: [String]) async throws {
        let answer = try await TestWeb().send(.get, "/api/v1/places?\(query)")
        #expect(answer.status.code == status && answer.errors == errors)
    }

    @Test func aPlaceIsMadeReadChangedAndArchived() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.place)
        #expect(made.status == .created)
        let id = try #require(made.json["id"].string)
        #expect(made.headers[.location] == "/api/v1/places/\(id)")
        #expect(made.headers[.eTag] == "\"1\"")
        #expect(made.json["services"] == .array([]) && made.json["commune"] == .null)

        // Anybody may read it, and is told when nothing has changed.
        let address = "/api/v1/places/\(id)"
        #expect(try await web.send(.get, address).json["name"].string == "Médiathèque")
        #expect(try await web.send(.get, address, headers: [.ifNoneMatch: "\"1\""]).status == .notModified)

        let patch = #"{"services": ["usage-securise"], "location": {"latitude": 45.43, "longitude": 4.39}}"#
        #expect(try await web.send(.patch, address, token: staff, json: patch).problem == "428 /problems/precondition-required")
        #expect(try await web.send(.patch, address, json: patch, headers: [.ifMatch: "\"1\""]).problem == "401 /problems/unauthenticated")
        let changed = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(changed.status == .ok && changed.headers[.eTag] == "\"2\"")
        let late = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "\"1\""])
        #expect(late.problem == "412 /problems/precondition-failed")
        let removed = try await web.send(.patch, address, token: staff, json: #"{"location": null}"#, headers: [.ifMatch: "\"2\""])
        #expect(removed.json["location"] == .null && removed.json["services"].array.count == 1)

        #expect(try await web.send(.delete, address, token: staff).status == .noContent)
        #expect(try await web.send(.delete, address, token: staff).status == .noContent)
        #expect(try await web.send(.get, address).json["archived_at"] != .null)
        #expect(try await web.send(.get, "/api/v1/places").json["items"].array.isEmpty)
        #expect(try await web.send(.get, "/api/v1/places?archived=true").json["items"].array.count == 1)
        let dead = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "*"])
        #expect(dead.problem == "409 /problems/conflict" && dead.json["code"].string == "archived")
    }

    @Test(arguments: [
        (#"{}"#, ["/address required", "/commune_name required", "/name required", "/postcode required"]),
        (
            #"{"name": "a", "address": "b", "postcode": "42", "commune_name": "c", "services": ["usage"], "location": {"latitude": 4.4, "longitude": 45.4}, "colour": 1}"#,
            ["/colour unknown_member", "/location swapped", "/postcode format", "/services/0 unknown_code"]
        ),
        (#"[]"#, [" type"]),
    ])
    func allThatIsWrongIsTold(body: String, errors: [String]) async throws {
        let web = try TestWeb()
        let answer = try await web.send(.post, "/api/v1/places", token: try await web.token(.coordinator).secret, json: body)
        #expect(answer.problem == "422 /problems/invalid")
        #expect(Set(errors).isSubset(of: Set(answer.errors)), "\(answer.errors)")
    }

    @Test func aManagerWorksInItsOwnStructure() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let manager = try await web.token(.manager).secret
        let own = try #require(try await web.send(.get, "/api/v1/structures").json["items"].array.first?["id"].string)
        let other = try #require(
            try await web.send(.post, "/api/v1/structures", token: staff, json: #"{"name": "Autre"}"#).json["id"].string)
        #expect(
            try await web.send(.post, "/api/v1/structures", token: manager, json: #"{"name": "B"}"#).problem == "403 /problems/forbidden")
        let body = { (structure: String) in #"{"structure": "\#(structure)", "name": "Jo", "email": "jo@example.org"}"# }
        #expect(try await web.send(.post, "/api/v1/mediators", token: manager, json: body(other)).problem == "403 /problems/forbidden")
        let made = try await web.send(.post, "/api/v1/mediators", token: manager, json: body(own))
        #expect(made.status == .created && made.json["email"].string == "jo@example.org")
        let id = try #require(made.json["id"].string)

        // Its contact is its structure's affair; visitors see no mediators at all.
        let prescriber = try await web.token(.prescriber).secret
        #expect(try await web.send(.get, "/api/v1/mediators/\(id)", token: prescriber).json["email"] == .null)
        #expect(try await web.send(.get, "/api/v1/mediators").problem == "401 /problems/unauthenticated")
        let list = try await web.send(.get, "/api/v1/mediators?structure=\(own)", token: prescriber)
        #expect(list.json["items"].array.map { $0["name"].string } == ["Jo"] && !list.text.contains("jo@example.org"))

        let capacity = "/api/v1/mediators/\(id)/capacity"
        let unset = try await web.send(.get, capacity, token: prescriber)
        #expect(unset.json["left"] == .null && unset.headers[.eTag] == "\"1\"")
        let refused = try await web.send(
            .patch, capacity, token: manager, json: #"{"agreed_open": 3, "agreed_weekly": 3}"#, headers: [.ifMatch: "\"1\""])
        #expect(refused.problem == "403 /problems/forbidden" && refused.json["detail"].string?.contains("/agreed_open") == true)
        let agreed = try await web.send(
            .patch, capacity, token: staff, json: #"{"agreed_open": 3, "agreed_weekly": 3}"#, headers: [.ifMatch: "\"1\""])
        #expect(agreed.json["left"] == .number(3) && agreed.headers[.eTag] == "\"2\"")
        let declared = try await web.send(
            .patch, capacity, token: manager, json: #"{"declared_open": 1}"#, headers: [.ifMatch: "\"2\""])
        #expect(declared.json["left"] == .number(1))
    }

    @Test func whatIsTakenOrInUseIsAConflict() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let body = #"{"name": "A", "siret": "43493312300029"}"#
        #expect(try await web.send(.post, "/api/v1/structures", token: staff, json: body).status == .created)
        let twice = try await web.send(.post, "/api/v1/structures", token: staff, json: body)
        #expect(twice.problem == "409 /problems/conflict" && twice.json["code"].string == "structure_siret_once")
        #expect(!twice.text.contains("INSERT"))
        let skill = try await web.send(.post, "/api/v1/skills", token: staff, json: #"{"id": "usage-securise", "name": "A"}"#)
        #expect(skill.json["code"].string == "skills_pkey")
    }

    @Test func skillsCommunesAndVocabulariesAreRead() async throws {
        let web = try TestWeb()
        #expect(try await web.send(.get, "/api/v1/skills?limit=2").json["items"].array.count == 2)
        #expect(try await web.send(.get, "/api/v1/skills/usage-securise").json["id"].string == "usage-securise")
        #expect(try await web.send(.get, "/api/v1/communes/42218").status == .notFound)
        #expect(try await web.send(.get, "/api/v1/vocabularies").json["items"].array.count == Vocabulary.all.count)
        #expect(
            try await web.send(.get, "/api/v1/vocabularies/fees").json["entries"].array.map { $0["code"].string } == Vocabulary.fees.codes)
        #expect(try await web.send(.get, "/api/v1/vocabularies/colours").status == .notFound)
        #expect(try await web.send(.get, "/api/v1/places?commune=1&colour=2").errors == ["colour unknown_parameter", "commune format"])
        #expect(try await web.send(.get, "/api/v1/places?service=usage").problem == "400 /problems/invalid-query")
        #expect(try await web.send(.get, "/api/v1/places/42").status == .notFound)
    }

    @Test func communesAreFoundByWordsPageByPage() async throws {
        let web = try TestWeb()
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, population, department, kind)
            VALUES ('04178', 'Saint-Étienne-les-Orgues', 'saint etienne les orgues', '{04230}', 1245, '04', 'COM'),
                   ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', 172718, '42', 'COM')
            """)
        let first = try await web.send(.get, "/api/v1/communes?q=st-etienne&limit=1")
        #expect(first.json["items"].array.map { $0["id"].string } == ["42218"])
        let next = try #require(first.json["next_cursor"].string)
        let second = try await web.send(.get, "/api/v1/communes?q=st-etienne&limit=1&cursor=\(next)")
        #expect(second.json["items"].array.map { $0["id"].string } == ["04178"] && second.json["next_cursor"] == .null)
        #expect(try await web.send(.get, "/api/v1/communes?limit=1&cursor=\(next)").errors == ["cursor cursor"])
        #expect(try await web.send(.get, "/api/v1/communes?q=04230").json["items"].array.map { $0["id"].string } == ["04178"])
    }

    @Test func zonesAndEpciAreReadAndAskedFor() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        try await database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, department, kind)
            VALUES ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', '42', 'COM'), ('43157', 'Le Puy', 'le puy', '{43000}', '43', 'COM')
            """)
        try await database.execute("INSERT INTO epci VALUES ('200000016', 'Communauté des Essais'), ('200000024', 'Autre')")
        try await database.execute("INSERT INTO epci_communes VALUES ('42218', '200000016')")
        #expect(try await web.send(.get, "/api/v1/communes/42218").json["epci"].string == "200000016")
        #expect(try await web.send(.get, "/api/v1/communes").json["items"].array.map { $0["epci"].string } == ["200000016", nil])
        let epci = try await web.send(.get, "/api/v1/epci/200000016")
        #expect(epci.json["name"].string == "Communauté des Essais" && epci.json["communes"].array.map(\.string) == ["42218"])
        #expect(try await web.send(.get, "/api/v1/epci/200000099").status == .notFound)
        let first = try await web.send(.get, "/api/v1/epci?limit=1")
        #expect(first.json["items"].array.map { $0["id"].string } == ["200000016"])
        let next = try #require(first.json["next_cursor"].string)
        let second = try await web.send(.get, "/api/v1/epci?limit=1&cursor=\(next)")
        #expect(second.json["items"].array.map { $0["id"].string } == ["200000024"] && second.json["next_cursor"] == .null)
        #expect(try await web.send(.get, "/api/v1/epci?q=ESSAIS&department=42").json["items"].array.count == 1)
        #expect(try await web.send(.get, "/api/v1/epci?q=essais&department=43").json["items"].array.count == 0)
        #expect(try await web.send(.get, "/api/v1/epci?department=1").errors == ["department format"])

        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.place)
        let address = "/api/v1/places/\(try #require(made.json["id"].string))"
        #expect(made.json["zone"] == .null)
        let patch = #"{"zone": {"epci": ["200000016"]}}"#
        let changed = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "*"])
        #expect(changed.json["zone"]["epci"].array.map(\.string) == ["200000016"])
        #expect(try await web.send(.get, "/api/v1/places?serves=42218").json["items"].array.count == 1)
        let none = try await web.send(.get, "/api/v1/places?serves=43157")
        #expect(none.json["items"].array.isEmpty && none.json["relax"].array.map { $0["parameter"].string } == ["serves"])
        let unknown = try await web.send(.get, "/api/v1/places?serves=99999")
        #expect(unknown.errors == ["serves unknown_code"] && unknown.problem == "422 /problems/invalid")
        #expect(try await web.send(.get, "/api/v1/places?serves=SE").errors == ["serves format"])
        #expect(try await web.send(.get, "/api/v1/mediators?serves=99999", token: staff).errors == ["serves unknown_code"])
        #expect(try await web.send(.get, "/api/v1/mediators?serves=42218", token: staff).json["items"].array.isEmpty)
        let wrong = try await web.send(
            .patch, address, token: staff, json: #"{"zone": {"epci": ["1"], "communes": ["42218"]}}"#, headers: [.ifMatch: "*"])
        #expect(wrong.errors == ["/zone/epci/0 format"])
    }

    @Test func theContractHasTheFormsAndCodesOfTheCode() throws {
        let yaml = String(decoding: try OpenAPIDocument().yaml, as: UTF8.self)
        for form in Form.all where form.pattern != Form.language.pattern {
            #expect(yaml.contains("'\(form.pattern.replacing("'", with: "''"))'"), "\(form.pattern)")
        }
        let schemas = try OpenAPIDocument().root["components"]?["schemas"]
        let names: [(String, Vocabulary)] = [
            ("ServiceCode", .services), ("TypologyCode", .typologies), ("PublicCode", .publics), ("SpecialCareCode", .specialCare),
            ("FeeCode", .fees), ("ProgrammeCode", .programmes), ("LabelCode", .labels), ("AccessModeCode", .accessModes),
            ("SupportModeCode", .supportModes), ("ItineranceCode", .itinerance), ("Mode", .modes),
        ]
        for (name, vocabulary) in names {
            #expect(schemas?[name]?["enum"]?.array().compactMap(\.string) == vocabulary.codes, "\(name)")
        }
    }
}

@Suite("When places are open", .database)
struct PlaceOpeningTests {
    @Test func isToldWithItsHoursInWords() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let body =
            #"{"name": "Médiathèque", "address": "1 rue de la Paix", "postcode": "42000", "commune_name": "Saint-Étienne", "opening_hours": "Mo-Fr 09:00-12:00; PH off"}"#
        let place = try await web.send(.post, "/api/v1/places", token: staff, json: body)
        let id = try #require(place.json["id"].string)
        let open = try await web.send(.get, "/api/v1/places/\(id)/opening?at=2026-04-30T10:00:00%2B02:00")
        #expect(open.status == .ok && open.json["state"].string == "open")
        #expect(open.json["next_change"].string == "2026-04-30T10:00:00Z" && open.json["next_opening"].string == nil)
        #expect(open.json["french"].string == "du lundi au vendredi de 9 h à 12 h, sauf jours fériés")
        let holiday = try await web.send(.get, "/api/v1/places/\(id)/opening?at=2026-05-01T10:00:00%2B02:00")
        #expect(holiday.json["state"].string == "closed" && holiday.json["next_opening"].string == "2026-05-04T07:00:00Z")
        #expect(try await web.send(.get, "/api/v1/places/\(id)/opening?at=tomorrow").errors == ["at format"])
        for path in ["/api/v1/places/\(id)/opening?at=", "/api/v1/places?open_at="] {
            let refused = try await web.send(.get, path + "9999-12-31T10:00:00Z")
            #expect(refused.status == .unprocessableContent && refused.text.contains("1970 to 2199"))
            #expect(try await web.send(.get, path + "2199-07-01T10:00:00Z").status == .ok)
        }
        #expect(try await web.send(.get, "/api/v1/places/0198c2f4-0000-7000-8000-000000000000/opening").status == .notFound)
    }

    @Test func hoursThatMayNotMeanWhatTheySeemToAreKeptAndTold() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let body =
            #"{"name": "A", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne", "opening_hours": "lundi 9h-12h; PH off"}"#
        let place = try await web.send(.post, "/api/v1/places", token: staff, json: body)
        let id = try #require(place.json["id"].string)
        // How they are spelled is nobody's trouble.
        let plain = try await web.send(.get, "/api/v1/places/\(id)/opening")
        #expect(plain.json["warnings"] == JSONValue.array([]) && plain.json["stops"] == JSONValue.array([]))
        let changed = try await web.send(
            .patch, "/api/v1/places/\(id)", token: staff, json: #"{"opening_hours": "PH off; Mo-Fr 09:00-12:00"}"#,
            headers: [.ifMatch: "*"])
        #expect(changed.status == .ok && changed.json["opening_hours"].string == "PH off; Mo-Fr 09:00-12:00")
        let warnings = try await web.send(.get, "/api/v1/places/\(id)/opening").json["warnings"].array
        #expect(warnings.count == 1 && warnings.first?["column"] == JSONValue.number(1))
        #expect(warnings.first?["french"].string?.contains("ne ferme rien") == true)
        #expect(warnings.first?["english"].string?.contains("closes nothing") == true)
    }

    @Test func hoursThatCannotBeReadAreRefusedWithTheirColumn() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let body =
            #"{"name": "A", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne", "opening_hours": "Mo-Xx 09:00-12:00"}"#
        let refused = try await web.send(.post, "/api/v1/places", token: staff, json: body)
        #expect(refused.errors == ["/opening_hours opening_hours"] && refused.text.contains("column 4"))
        // What came from a file is kept as it is, and not in the way of another change.
        let place = try await web.send(
            .post, "/api/v1/places", token: staff, json: body.replacing(#", "opening_hours": "Mo-Xx 09:00-12:00""#, with: ""))
        let id = try #require(place.json["id"].string)
        try await web.parts.database.execute("UPDATE places SET opening_hours = 'sur rdv', version = 2")
        let unknown = try await web.send(.get, "/api/v1/places/\(id)/opening")
        #expect(unknown.json["state"].string == "unknown" && unknown.json["canonical"].string == nil)
        let renamed = try await web.send(
            .patch, "/api/v1/places/\(id)", token: staff, json: #"{"name": "B"}"#, headers: [.ifMatch: "\"2\""])
        #expect(renamed.status == .ok && renamed.json["opening_hours"].string == "sur rdv")
    }
}
