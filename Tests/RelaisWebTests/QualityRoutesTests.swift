import Foundation
import HTTPTypes
import HummingbirdTesting
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Freshness and quality over HTTP", .database)
struct QualityRoutesTests {
    private static let place = #"{"name": "A", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne"}"#

    @Test(arguments: ["structures", "places", "mediators"]) func whatIsRightIsConfirmed(kind: String) async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator)
        let structure = try await web.makeStructure()
        let body =
            switch kind {
            case "structures": #"{"name": "A"}"#
            case "places": Self.place
            default: #"{"name": "Jo", "structure": "\#(structure)"}"#
            }
        let made = try await web.send(.post, "/api/v1/\(kind)", token: staff.secret, json: body)
        let id = try #require(made.json["id"].string)
        let address = "/api/v1/\(kind)/\(id)"
        #expect(made.json["confirmed_at"] == .null && made.json["confirmed_as"] == .null)
        web.clock.move(by: 184 * 86400)
        func listed(_ query: String) async throws -> [String] {
            let list = try await web.send(.get, "/api/v1/\(kind)?\(query)", token: staff.secret)
            #expect(list.status == .ok, "\(list.text)")
            return list.json["items"].array.compactMap { $0["id"].string }
        }
        #expect(try await listed("stale=true").contains(id))
        #expect(try await !listed("stale=false").contains(id))
        let key: HTTPFields = [.idempotencyKey: "\"once\""]
        let confirmed = try await web.send(.post, "\(address)/confirm", token: staff.secret, headers: key)
        #expect(confirmed.status == .ok && confirmed.json["confirmed_as"].string == "coordinator")
        #expect(confirmed.json["confirmed_by"].string == staff.id.description && confirmed.headers[.eTag] == "\"2\"")
        let again = try await web.send(.post, "\(address)/confirm", token: staff.secret, headers: key)
        #expect(again.headers[.eTag] == "\"2\"")
        #expect(try await !listed("stale=true").contains(id))
        let stale = try await web.send(.post, "\(address)/confirm", token: staff.secret, headers: [.ifMatch: "\"1\""])
        #expect(stale.problem == "412 /problems/precondition-failed")
        #expect(try await web.send(.post, "\(address)/confirm").problem == "401 /problems/unauthenticated")
        let prescriber = try await web.token(.prescriber).secret
        #expect(try await web.send(.post, "\(address)/confirm", token: prescriber).problem == "403 /problems/forbidden")
        let stranger = try await web.token(.manager).secret
        #expect(try await web.send(.post, "\(address)/confirm", token: stranger).problem == "403 /problems/forbidden")
        #expect(try await web.send(.post, "\(address)/confirm", token: staff.secret, json: #"{"x": 1}"#).errors == ["/x unknown_member"])
        let unknown = "/api/v1/\(kind)/0198c2f4-0000-7000-8000-000000000000"
        for (method, verb) in [(HTTPRequest.Method.post, "confirm"), (.get, "quality")] {
            #expect(try await web.send(method, "\(unknown)/\(verb)", token: staff.secret).status == .notFound)
        }
    }

    @Test func theScoreIsToldPartByPartAndFilteredBy() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.place)
        let id = try #require(made.json["id"].string)
        let before = try await web.send(.get, "/api/v1/places/\(id)/quality")
        #expect(before.status == .ok && before.json["score"] == made.json["quality"] && before.json["score"] == .number(0))
        let parts = before.json["parts"].array
        #expect(parts.count == Quality.placeParts.count && parts.allSatisfy { $0["raise"].string != nil })
        let raised = try await web.send(
            .patch, "/api/v1/places/\(id)", token: staff, json: #"{"phone": "+33477123456"}"#, headers: [.ifMatch: "*"])
        #expect(raised.json["quality"] == .number(8))
        for (query, count) in [("min_quality=8", 1), ("min_quality=9", 0), ("max_quality=7", 0), ("min_quality=8&max_quality=8", 1)] {
            #expect(try await web.send(.get, "/api/v1/places?\(query)").json["items"].array.count == count, "\(query)")
        }
        #expect(try await web.send(.get, "/api/v1/places?min_quality=101&stale=maybe").problem == "400 /problems/invalid-query")
        // A mediator's is for those who may see mediators.
        let mediator = try await web.makeMediator(of: try await web.makeStructure())
        #expect(try await web.send(.get, "/api/v1/mediators/\(mediator)/quality").status == .unauthorized)
        #expect(try await web.send(.get, "/api/v1/mediators/\(mediator)/quality", token: staff).status == .ok)
    }
}
