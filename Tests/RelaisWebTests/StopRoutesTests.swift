import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Stops over the API", .database)
struct StopRoutesTests {
    static let bus =
        #"{"name": "Bus", "address": "1 rue", "postcode": "42000", "commune_name": "Saint-Étienne", "itinerance": ["itinerant"]}"#

    func commune(_ web: TestWeb) async throws {
        try await web.parts.database.execute(
            """
            INSERT INTO communes (insee_code, name, name_key, postcodes, latitude, longitude, department, kind)
            VALUES ('42218', 'Saint-Étienne', 'saint etienne', '{42000}', 45.4339, 4.39, '42', 'COM')
            """)
    }

    @Test func theHoursOfTheStopsThatAreNotOverAreSaidInWords() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        try await commune(web)
        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.bus)
        let place = "/api/v1/places/\(try #require(made.json["id"].string))"
        let body = #"""
            {"items": [{"name": "Soirée", "commune": "42218", "hours": "Mo 22:00-02:00", "valid_until": "2026-11-30"},
                       {"name": "Marché", "commune": "42218", "hours": "PH off; We 09:00-12:00", "valid_from": "2027-01-01"}]}
            """#
        let put = try await web.send(.put, "\(place)/stops", token: staff, json: body, headers: [.ifMatch: "*"])
        #expect(put.status == .ok)
        // The first one's last evening goes on past midnight.
        for (at, names) in [("2026-12-01T01:00:00%2B01:00", ["Soirée", "Marché"]), ("2026-12-01T03:00:00%2B01:00", ["Marché"])] {
            let opening = try await web.send(.get, "\(place)/opening?at=\(at)")
            #expect(opening.json["stops"].array.compactMap { $0["name"].string } == names)
            let market = try #require(opening.json["stops"].array.last)
            #expect(market["id"].string == put.json["items"].array.last?["id"].string && market["commune"].string == "42218")
            #expect(market["valid_from"].string == "2027-01-01" && market["valid_until"] == .null && market["address"] == .null)
            #expect(market["canonical"].string == "PH off; We 09:00-12:00")
            #expect(market["french"].string == "le mercredi de 9 h à 12 h, y compris les jours fériés")
            #expect(market["english"].string == "on Wednesdays from 09:00 to 12:00, including on public holidays")
            #expect(market["warnings"].array.first?["column"] == JSONValue.number(1))
            #expect(opening.json["french"] == .null && opening.json["warnings"].array.isEmpty)
        }
    }

    @Test func aRoundIsReadAsItWasAndASlipIsUndone() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        try await commune(web)
        let began = Date(timeIntervalSince1970: 1_773_000_000)
        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.bus)
        let place = "/api/v1/places/\(try #require(made.json["id"].string))"
        let address = "\(place)/stops"
        web.clock.move(by: 3600)
        let body = #"{"items": [{"name": "Marché", "commune": "42218", "hours": "Tu[1] 14:00-17:00"}]}"#
        let put = try await web.send(.put, address, token: staff, json: body, headers: [.ifMatch: "*"])
        web.clock.move(by: 3600)
        _ = try await web.send(.put, address, token: staff, json: #"{"items": []}"#, headers: [.ifMatch: "*"])

        let then = "\(address)?as_of=\((began + 3600).rfc3339)"
        let past = try await web.send(.get, then, token: staff)
        #expect(past.status == .ok && past.json == put.json && past.headers[.eTag] == "\"2\"")
        let day = try await web.send(.get, "\(then)&on=2026-12-01", token: staff)
        #expect(day.json["items"].array.first?["times"].array.first?["start"].string == "2026-12-01T13:00:00Z")
        #expect(try await web.send(.get, "\(address)?as_of=\(began.rfc3339)", token: staff).json["items"].array.isEmpty)
        #expect(try await web.send(.get, "\(address)?as_of=\((began - 60).rfc3339)", token: staff).problem == "404 /problems/not-found")
        #expect(try await web.send(.get, "\(address)?as_of=yesterday", token: staff).errors == ["as_of format"])
        #expect(try await web.send(.get, "\(place)?as_of=\((began + 3600).rfc3339)", token: staff).json["stops"] == .null)
        #expect(try await web.send(.get, then).problem == "401 /problems/unauthenticated")
        let manager = try await web.token(.manager).secret
        #expect(try await web.send(.get, then, token: manager).problem == "403 /problems/forbidden")

        let slip = try await web.send(.get, "\(place)/history?limit=1", token: staff).json["items"].array[0]["changes"].array
        #expect(slip.count == 1 && slip[0]["member"].string == "stops")
        #expect(slip[0]["before"] == put.json["items"] && slip[0]["after"] == .array([]))
        let undone = try await web.send(.post, "\(place)/history/3/undo", token: staff, headers: [.ifMatch: "\"3\""])
        #expect(undone.status == .ok && undone.headers[.eTag] == "\"4\"" && undone.json["name"].string == "Bus")
        #expect(try await web.send(.get, address).json == put.json)
        let again = try await web.send(.post, "\(place)/history/3/undo", token: staff)
        #expect(again.problem == "409 /problems/conflict" && again.json["members"] == .array([.string("stops")]))
    }

    @Test func aRoundIsPutReadAndSearched() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        try await commune(web)
        let made = try await web.send(.post, "/api/v1/places", token: staff, json: Self.bus)
        let place = "/api/v1/places/\(try #require(made.json["id"].string))"
        let address = "\(place)/stops"
        let body = #"{"items": [{"name": "Marché", "commune": "42218", "hours": "Tu[1] 14:00-17:00"}]}"#
        #expect(try await web.send(.put, address, token: staff, json: body).problem == "428 /problems/precondition-required")
        #expect(try await web.send(.put, address, json: body, headers: [.ifMatch: "*"]).problem == "401 /problems/unauthenticated")
        let stranger = try await web.token(.manager).secret
        #expect(
            try await web.send(.put, address, token: stranger, json: body, headers: [.ifMatch: "*"]).problem == "403 /problems/forbidden")
        let put = try await web.send(.put, address, token: staff, json: body, headers: [.ifMatch: "\"1\""])
        #expect(put.status == .ok && put.headers[.eTag] == "\"2\"")
        let late = try await web.send(.put, address, token: staff, json: body, headers: [.ifMatch: "\"1\""])
        #expect(late.problem == "412 /problems/precondition-failed")
        #expect(try await web.send(.put, address, token: staff, json: "{", headers: [.ifMatch: "*"]).problem == "400 /problems/malformed")

        // Anybody reads them; what was read can be sent back, and changes nothing.
        let read = try await web.send(.get, address)
        #expect(read.json["items"].array.map { $0["name"].string } == ["Marché"] && read.headers[.eTag] == "\"2\"")
        #expect(try await web.send(.get, address, headers: [.ifNoneMatch: "\"2\""]).status == .notModified)
        let items = read.json["items"].array.map { $0["id"].string ?? "" }
        let again = #"{"items": [{"id": "\#(items[0])", "name": "Marché", "commune": "42218", "hours": "Tu[1] 14:00-17:00"}]}"#
        let same = try await web.send(.put, address, token: staff, json: again, headers: [.ifMatch: "\"2\""])
        #expect(same.headers[.eTag] == "\"2\"" && same.json["items"].array == read.json["items"].array)

        let day = try await web.send(.get, "\(address)?on=2026-12-01")
        #expect(day.json["on"].string == "2026-12-01")
        #expect(day.json["items"].array.first?["times"].array.first?["start"].string == "2026-12-01T13:00:00Z")
        #expect(try await web.send(.get, "\(address)?on=2026-12-02").json["items"].array.isEmpty)
        #expect(try await web.send(.get, "\(address)?on=2026-02-30").errors == ["on format"])
        #expect(try await web.send(.get, "/api/v1/places/0198c2f4-0000-7000-8000-000000000001/stops").status == .notFound)
        #expect(try await web.send(.post, address, token: staff, json: body).headers[.allow] == "GET, HEAD, PUT")

        let found = try await web.send(.get, "/api/v1/places?itinerant_on=2026-12-01&near=42218&distance=1000")
        let first = try #require(found.json["items"].array.first)
        #expect(first["distance_m"] == .number(0) && first["stops"].array.first?["name"].string == "Marché")
        #expect(try await web.send(.get, "/api/v1/places?itinerant_on=2026-12-08").json["relax"].array.count == 1)
        #expect(try await web.send(.get, "/api/v1/places?itinerant_on=1.12.2026").errors == ["itinerant_on format"])
        #expect(try await web.send(.get, place).json["stops"] == .null)

        let open = try await web.send(.get, "\(place)/opening?at=2026-12-01T15:00:00%2B01:00")
        #expect(open.json["state"].string == "open" && open.json["next_change"].string == "2026-12-01T16:00:00Z")
        #expect(open.json["stop"]["id"].string == items[0] && open.json["stop"]["name"].string == "Marché")
        #expect(open.json["stop"]["commune"].string == "42218" && open.json["stop"]["address"] == .null)
        let closed = try await web.send(.get, "\(place)/opening?at=2026-12-01T18:00:00%2B01:00")
        #expect(closed.json["state"].string == "closed" && closed.json["stop"] == .null)
        #expect(closed.json["next_opening"].string == "2027-01-05T13:00:00Z")
        #expect(closed.json["stops"].array.map { $0["french"].string } == ["le premier mardi du mois de 14 h à 17 h"])
        #expect(try await web.send(.get, "/api/v1/places?open_at=2026-12-01T15:00:00%2B01:00").json["items"].array.count == 1)
        #expect(try await web.send(.get, "/api/v1/places?open_at=2026-12-01T18:00:00%2B01:00").json["items"].array.isEmpty)
    }
}
