import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Duplicates over the API", .database)
struct DuplicateRoutesTests {
    static func body(_ name: String = "Médiathèque Jean Ferrat", phone: String = "+33477123456") -> String {
        """
        {"name": "\(name)", "address": "1 rue de la Paix", "postcode": "42000", "commune_name": "Saint-Étienne", "phone": "\(phone)", \
        "location": {"latitude": 45.43, "longitude": 4.39}}
        """
    }

    func place(_ web: TestWeb, _ token: String, _ body: String) async throws -> TestResponse {
        try await web.send(.post, "/api/v1/places?allow_duplicate=true", token: token, json: body)
    }

    @Test func aPlaceThatMayBeThereAlreadyIsRefusedWithItsReasons() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let first = try await web.send(.post, "/api/v1/places", token: staff, json: Self.body())
        #expect(first.status == .created)
        let again = Self.body("MEDIATHEQUE J FERRAT", phone: "+33477000000")
        let refused = try await web.send(.post, "/api/v1/places", token: staff, json: again)
        #expect(refused.problem == "409 /problems/conflict" && refused.json["code"].string == "duplicate")
        let candidate = try #require(refused.json["candidates"].array.first)
        #expect(candidate["id"] == first.json["id"] && candidate["name"].string == "Médiathèque Jean Ferrat")
        #expect(candidate["reasons"].array.contains { $0["reason"].string == "same_address" })
        guard case .object(let members) = candidate else { throw TestWeb.Unready() }
        #expect(Set(members.keys) == ["id", "name", "commune", "commune_name", "reasons"])
        #expect(try await web.send(.get, "/api/v1/places").json["items"].array.count == 1)

        #expect(try await web.send(.post, "/api/v1/places?allow_duplicate=maybe", token: staff, json: again).status == .badRequest)
        #expect(try await place(web, staff, again).status == .created)
        let pairs = try await web.send(.get, "/api/v1/duplicates", token: staff).json["items"].array
        #expect(pairs.count == 1 && pairs[0]["first"]["id"] == first.json["id"])
        let other = try await web.send(
            .post, "/api/v1/places", token: staff, json: Self.body("Centre social Pommier", phone: "+33477999999"))
        #expect(other.status == .created)
    }

    @Test func ofTwoThatAreMadeAtOnceOneIsRefused() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try await web.send(.post, "/api/v1/places", token: staff, json: Self.body()).status.code }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 409, 409, 409])
    }

    @Test func aStructureThatMayBeThereAlreadyIsRefusedWithItsReasons() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        func make(_ body: String, _ query: String = "") async throws -> TestResponse {
            try await web.send(.post, "/api/v1/structures\(query)", token: staff, json: body)
        }
        let first = try await make(#"{"name": "La maison des possibles", "siret": "43493312300029"}"#)
        #expect(first.status == .created)
        let alike = #"{"name": "LA MAISON DES POSSIBLES"}"#
        let refused = try await make(alike)
        #expect(refused.problem == "409 /problems/conflict" && refused.json["code"].string == "duplicate")
        let candidate = try #require(refused.json["candidates"].array.first)
        #expect(candidate["id"] == first.json["id"] && candidate["name"].string == "La maison des possibles")
        #expect(candidate["reasons"].array == [.string("name")])
        #expect(try await make(alike, "?allow_duplicate=maybe").status == .badRequest)
        #expect(try await make(#"{"name": "La maison de quartier"}"#).status == .created)

        // The same number is told with whose it is, and cannot be allowed.
        let numbered = #"{"name": "Autre", "siret": "43493312300029"}"#
        for query in ["", "?allow_duplicate=true"] {
            let taken = try await make(numbered, query)
            #expect(taken.problem == "409 /problems/conflict" && taken.json["code"].string == "structure_siret_once")
            #expect(taken.json["candidates"].array.map { $0["id"] } == [first.json["id"]])
            #expect(taken.json["candidates"].array.first?["reasons"].array == [.string("siret")])
        }
        #expect(try await make(alike, "?allow_duplicate=true").status == .created)
    }

    @Test func whoseTheSiretIsThatAStructureShallGetIsTold() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let first = try await web.send(
            .post, "/api/v1/structures", token: staff, json: #"{"name": "Association Zoomacom", "siret": "434 933 123 00029"}"#)
        #expect(first.status == .created && first.json["siret"].string == "43493312300029", "\(first.text)")
        let alike = try await web.send(.post, "/api/v1/structures", token: staff, json: #"{"name": "ZOOMACOM asso"}"#)
        #expect(alike.json["code"].string == "duplicate" && alike.json["candidates"].array.map { $0["id"] } == [first.json["id"]])
        let other = try await web.send(.post, "/api/v1/structures", token: staff, json: #"{"name": "Autre"}"#)
        let address = "/api/v1/structures/\(try #require(other.json["id"].string))"
        let patch = #"{"siret": "43493312300029 "}"#
        let taken = try await web.send(.patch, address, token: staff, json: patch, headers: [.ifMatch: "*"])
        #expect(taken.problem == "409 /problems/conflict" && taken.json["code"].string == "structure_siret_once")
        #expect(taken.json["detail"].string?.contains("Association Zoomacom") == true, "\(taken.text)")
        #expect(taken.json["candidates"].array.map { $0["id"] } == [first.json["id"]])
        // Its own number is none that another has.
        let own = "/api/v1/structures/\(try #require(first.json["id"].string))"
        let kept = try await web.send(.patch, own, token: staff, json: patch, headers: [.ifMatch: "*"])
        #expect(kept.status == .ok && kept.json["siret"].string == "43493312300029")
    }

    @Test func pairsAreFoundDismissedAndRecalled() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let one = try #require(try await place(web, staff, Self.body()).json["id"].string)
        let other = try #require(try await place(web, staff, Self.body()).json["id"].string)
        let search = try await web.send(.post, "/api/v1/duplicates/search", token: staff)
        #expect(search.json["places"] == .number(2) && search.json["pairs"] == .number(1))
        let pair = #"{"first": "\#(other)", "second": "\#(one)"}"#
        let dismissed = try await web.send(.post, "/api/v1/duplicates/dismiss", token: staff, json: pair)
        #expect(dismissed.status == .ok && dismissed.json["first"]["id"].string == one)
        #expect(try await web.send(.get, "/api/v1/duplicates", token: staff).json["items"].array.isEmpty)
        #expect(try await web.send(.get, "/api/v1/duplicates/dismissed", token: staff).json["items"].array.count == 1)
        #expect(try await web.send(.post, "/api/v1/duplicates/recall", token: staff, json: pair).status == .noContent)
        #expect(try await web.send(.post, "/api/v1/duplicates/recall", token: staff, json: pair).status == .notFound)
        #expect(try await web.send(.get, "/api/v1/duplicates", token: staff).json["items"].array.count == 1)
    }

    @Test func theIdOfAMergedPlaceAnswersTheOneThatItHasBecome() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let kept = try #require(try await place(web, staff, Self.body()).json["id"].string)
        let lost = try #require(try await place(web, staff, Self.body()).json["id"].string)
        let merge = #"{"loser": "\#(lost)"}"#
        let stale = try await web.send(
            .post, "/api/v1/places/\(kept)/merge", token: staff, json: merge, headers: [.ifMatch: "\"9\""])
        #expect(stale.problem == "412 /problems/precondition-failed")
        let merged = try await web.send(.post, "/api/v1/places/\(kept)/merge", token: staff, json: merge)
        #expect(merged.status == .ok && merged.json["survivor"].string == kept && merged.json["moved"] == .object([:]))
        let read = try await web.send(.get, "/api/v1/places/\(lost)")
        #expect(read.json["id"].string == kept && read.headers[.contentLocation] == "/api/v1/places/\(kept)")
        #expect(try await web.send(.get, "/api/v1/places/\(kept)").headers[.contentLocation] == nil)
        #expect(try await web.send(.get, "/api/v1/places/\(lost)/opening").status == .ok)
        let twice = try await web.send(.post, "/api/v1/places/\(kept)/merge", token: staff, json: merge)
        #expect(twice.problem == "409 /problems/conflict" && twice.json["code"].string == "place_merged_once")
        let back = try await web.send(.post, "/api/v1/places/\(lost)/unmerge", token: staff)
        #expect(back.json["id"].string == lost && back.headers[.eTag] == "\"3\"")
        #expect(try await web.send(.get, "/api/v1/places").json["items"].array.count == 2)
    }

    @Test func whatIsWrongIsToldAndOnlyStaffSettles() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try #require(try await place(web, staff, Self.body()).json["id"].string)
        let itself = try await web.send(.post, "/api/v1/places/\(id)/merge", token: staff, json: #"{"loser": "\#(id)"}"#)
        #expect(itself.problem == "422 /problems/invalid" && itself.errors == ["/loser itself"])
        #expect(
            try await web.send(.post, "/api/v1/places/\(id)/merge", token: staff, json: #"{"looser": "x"}"#).errors == [
                "/looser unknown_member", "/loser required",
            ])
        #expect(
            try await web.send(.post, "/api/v1/duplicates/dismiss", token: staff, json: #"{"first": "x"}"#).errors == [
                "/first format", "/second required",
            ])
        #expect(
            try await web.send(.get, "/api/v1/duplicates?cursor=x&min_score=2", token: staff).errors == [
                "cursor cursor", "min_score format",
            ])
        #expect(try await web.send(.post, "/api/v1/places/no-id/merge", token: staff, json: #"{"loser": "\#(id)"}"#).status == .notFound)
        for role in [Caller.Role.manager, .mediator, .prescriber] {
            let token = try await web.token(role).secret
            #expect(try await web.send(.get, "/api/v1/duplicates", token: token).status == .forbidden, "\(role)")
            #expect(try await web.send(.post, "/api/v1/places/\(id)/unmerge", token: token).status == .forbidden, "\(role)")
        }
        #expect(try await web.send(.get, "/api/v1/duplicates").status == .unauthorized)
    }
}
