import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

/// Synonyms, proprietary services and alternatives: seeded, so each test has a base of its own.
@Suite("Facts beside the skills", .freshDatabase)
struct SkillFactsTests {
    @Test(arguments: [
        ("mon telephone est plein", "smartphone-memoire"), ("declarer mes impot", "impots"),
        ("jai oublié mon mot de pass", "mots-de-passe"),
        ("on ma piraté", "piratage"), ("quitter gmail", "libre-messagerie"), ("QUITTER GOOGLE DRIVE", "libre-stockage"),
    ])
    func aNeedIsFoundByTheWordsThatPeopleUse(words: String, skill: String) async throws {
        let web = try TestWeb()
        let query = try #require(words.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let found = try await web.send(.get, "/api/v1/needs?q=\(query)")
        #expect(found.status == .ok)
        #expect(found.json["items"].array.first?["skill"].string == skill)
    }

    @Test func wordsThatNobodyKnowsAnswerNothingAndNoneIsRefused() async throws {
        let web = try TestWeb()
        #expect(try await web.send(.get, "/api/v1/needs?q=xyzzy").json["items"].array.isEmpty)
        #expect(try await web.send(.get, "/api/v1/needs").errors == ["q required"])
        #expect(try await web.send(.get, "/api/v1/needs?q=a&limit=21").errors == ["limit format"])
    }

    @Test func aSynonymThatStaffAddsIsFoundAtOnceAndAnArchivedOneNoMore() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let made = try await web.send(
            .post, "/api/v1/synonyms", token: staff, json: #"{"phrase": "ma tondeuse connectée", "skill": "smartphone-applications"}"#)
        #expect(made.status == .created)
        let id = try #require(made.json["id"].string)
        #expect(made.headers[.location] == "/api/v1/synonyms/\(id)")
        let search = "/api/v1/needs?q=tondeuse"
        #expect(try await web.send(.get, search).json["items"].array.first?["skill"].string == "smartphone-applications")
        let twice = try await web.send(
            .post, "/api/v1/synonyms", token: staff, json: #"{"phrase": "Ma tondeuse connectee", "skill": "smartphone-applications"}"#)
        #expect(twice.problem == "409 /problems/conflict" && twice.json["code"].string == "skill_synonym_once")
        #expect(try await web.send(.delete, "/api/v1/synonyms/\(id)", token: staff).status == .noContent)
        #expect(try await web.send(.get, search).json["items"].array.isEmpty)
        #expect(try await web.send(.get, "/api/v1/synonyms/\(id)").json["archived_at"].string != nil)
    }

    @Test func aServiceAndItsAlternativesAreFactsThatStaffCanEdit() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let services = try await web.send(.get, "/api/v1/proprietary-services?q=gmàil").json["items"].array
        #expect(services.map { $0["name"].string } == ["Gmail"])
        let gmail = try #require(services.first?["id"].string)
        let before = try await web.send(.get, "/api/v1/alternatives?service=\(gmail)").json["items"].array
        #expect(before.count >= 2 && before.allSatisfy { $0["service"].string == gmail })
        let kinds = Set(before.compactMap { $0["kind"].string })
        #expect(kinds.isSubset(of: ["hosted", "local", "both"]) && !kinds.isEmpty)

        let made = try await web.send(
            .post, "/api/v1/alternatives", token: staff,
            json:
                #"{"service": "\#(gmail)", "name": "Essai", "kind": "hosted", "website": "https://exemple.fr", "licence": "MIT", "note": "Rien."}"#
        )
        #expect(made.status == .created)
        let path = "/api/v1/alternatives/\(try #require(made.json["id"].string))"
        let change = try await web.send(
            .patch, path, token: staff, json: #"{"note": "Beaucoup."}"#, headers: [.ifMatch: try #require(made.headers[.eTag])])
        #expect(change.status == .ok && change.json["note"].string == "Beaucoup.")
        let late = try await web.send(
            .patch, path, token: staff, json: #"{"note": "Peu."}"#, headers: [.ifMatch: try #require(made.headers[.eTag])])
        #expect(late.problem == "412 /problems/precondition-failed")
    }

    @Test func whatIsWrongIsToldAtOnceAndOnlyStaffMayWrite() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let wrong = try await web.send(
            .post, "/api/v1/alternatives", token: staff,
            json: #"{"service": "x", "kind": "somewhere", "website": "exemple.fr", "colour": 1}"#)
        #expect(
            wrong.errors.sorted() == [
                "/colour unknown_member", "/kind unknown_code", "/licence required", "/name required", "/note required", "/service format",
                "/website format",
            ])
        let nowhere =
            #"{"service": "01990000-0000-7000-8002-0000000000ff", "name": "A", "kind": "local", "website": "https://a.fr", "licence": "MIT", "note": "N"}"#
        #expect(try await web.send(.post, "/api/v1/alternatives", token: staff, json: nowhere).errors == ["/service unknown_id"])
        let skill = try await web.send(.post, "/api/v1/synonyms", token: staff, json: #"{"phrase": "ça", "skill": "impot"}"#)
        #expect(skill.errors == ["/skill unknown_code"] && skill.text.contains("impots"))
        let empty = try await web.send(.post, "/api/v1/synonyms", token: staff, json: #"{"phrase": "???", "skill": "impots"}"#)
        #expect(empty.errors == ["/phrase no_words"])
        let manager = try await web.token(.manager).secret
        let good = #"{"phrase": "une phrase neuve", "skill": "impots"}"#
        #expect(try await web.send(.post, "/api/v1/synonyms", token: manager, json: good).status == .forbidden)
        #expect(try await web.send(.post, "/api/v1/synonyms", json: good).status == .unauthorized)
    }

    @Test func aSkillNeverStandsUnderItself() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let caf = try await web.send(.get, "/api/v1/skills/caf")
        let tag = try #require(caf.headers[.eTag])
        let cycle = try await web.send(
            .patch, "/api/v1/skills/caf", token: staff, json: #"{"parent": "caf-aide-logement"}"#, headers: [.ifMatch: tag])
        #expect(cycle.errors == ["/parent cycle"])
        #expect(try await web.send(.delete, "/api/v1/skills/caf", token: staff).json["code"].string == "skill_in_use")
    }

    private static func request(needing skill: String) -> String {
        """
        {"asked_by": "individual", "consent": true, "objective": "Aide", "needs": [{"skill": "\(skill)"}],
         "person": {"given_name": "A", "phone": "04 77 00 00 00"}}
        """
    }

    @Test func aSkillThatSomebodyWaitsForStays() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let leaf = #"{"id": "une-feuille", "name": "Une feuille", "parent": "caf"}"#
        #expect(try await web.send(.post, "/api/v1/skills", token: staff, json: leaf).status == .created)
        let filed = try await web.send(.post, "/api/v1/requests", token: staff, json: Self.request(needing: "une-feuille"))
        #expect(filed.status == .created, "\(filed.text)")
        #expect(try await web.send(.delete, "/api/v1/skills/une-feuille", token: staff).json["code"].string == "skill_in_use")
        // So does one to which a service leads that people want to leave.
        let service = try await web.send(.delete, "/api/v1/skills/libre-messagerie", token: staff)
        #expect(service.json["code"].string == "skill_in_use")
    }

    /// Of who archives a skill and who needs it at the same time, one is refused.
    @Test func aSkillIsNotArchivedWhileARequestForItIsFiled() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        for number in 0..<8 {
            let skill = "essai-\(number)"
            let made = try await web.send(
                .post, "/api/v1/skills", token: staff, json: #"{"id": "\#(skill)", "name": "Essai", "parent": "caf"}"#)
            #expect(made.status == .created)
            async let archived = web.send(.delete, "/api/v1/skills/\(skill)", token: staff)
            async let filed = web.send(.post, "/api/v1/requests", token: staff, json: Self.request(needing: skill))
            let statuses = try await (archived.status, filed.status)
            #expect(statuses == (.noContent, .unprocessableContent) || statuses == (.conflict, .created), "\(statuses)")
        }
    }
}
