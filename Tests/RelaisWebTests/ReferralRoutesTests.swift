import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Asking for help, over HTTP", .database)
struct ReferralRoutesTests {
    static let draft = #"""
        {"objective": "Mon téléphone est plein", "needs": [{"skill": "outils-du-quotidien"}], "modes": ["remote"],
         "person": {"given_name": "Jeanne", "phone": "04 65 71 00 00"}}
        """#

    /// A mediator who helps from a distance with everyday tools, and a token for it.
    func mediator(_ web: TestWeb, open: Int = 1) async throws -> (id: Mediator.ID, secret: String) {
        let token = try await web.token(.mediator)
        let found = try await web.parts.database.value("SELECT mediator_id FROM tokens WHERE id = \(token.id)", as: Mediator.ID.self)
        let id = try #require(found)
        try await web.parts.database.execute("UPDATE mediators SET modes = '{remote}' WHERE id = \(id)")
        try await web.parts.database.execute("INSERT INTO mediator_skills VALUES (\(id), 'outils-du-quotidien', 2)")
        try await web.parts.database.execute(
            """
            INSERT INTO mediator_capacities (mediator_id, agreed_open, agreed_weekly) VALUES (\(id), \(open), 100)
            ON CONFLICT (mediator_id) DO UPDATE SET agreed_open = excluded.agreed_open, agreed_weekly = excluded.agreed_weekly
            """)
        return (id, token.secret)
    }

    func file(_ web: TestWeb, token: String, _ draft: String = ReferralRoutesTests.draft) async throws -> String {
        let filed = try await web.send(.post, "/api/v1/requests", token: token, json: draft)
        #expect(filed.status == .created, "\(filed.text)")
        return try #require(filed.json["id"].string)
    }

    @Test func theMainJob() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (mediator, own) = try await mediator(web)
        let request = try await file(web, token: try await web.token(.prescriber).secret)

        let candidates = try await web.send(.get, "/api/v1/requests/\(request)/candidates", token: staff)
        #expect(candidates.json["items"].array.map { $0["mediator"].string } == [mediator.description])

        let proposed = try await web.send(
            .post, "/api/v1/requests/\(request)/referrals", token: staff, json: #"{"mediator": "\#(mediator)"}"#)
        #expect(proposed.status == .created)
        let referral = try #require(proposed.json["id"].string)
        #expect(proposed.headers[.location] == "/api/v1/referrals/\(referral)")

        let seen = try await web.send(.get, "/api/v1/referrals/\(referral)", token: own)
        #expect(seen.json["actions"].array.map { $0["verb"].string } == ["accept", "decline"])

        let accepted = try await web.send(.post, "/api/v1/referrals/\(referral)/accept", token: own)
        #expect(accepted.json["status"].string == "accepted")
        let person = try await web.send(.get, "/api/v1/requests/\(request)", token: own)
        #expect(person.json["person"]["given_name"].string == "Jeanne")

        let completed = try await web.send(.post, "/api/v1/referrals/\(referral)/complete", token: own, json: #"{"outcome": "resolved"}"#)
        #expect(completed.json["status"].string == "completed")
        let closed = try await web.send(.get, "/api/v1/requests/\(request)", token: staff)
        #expect(closed.json["status"].string == "closed" && closed.json["outcome"].string == "resolved")

        let again = try await web.send(.post, "/api/v1/referrals/\(referral)/accept", token: own)
        #expect(again.problem == "409 /problems/conflict")
        #expect(again.json["state"].string == "completed")
    }

    @Test func whatMayBeDoneSaysWhere() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (mediator, _) = try await mediator(web)
        func href(_ verb: String, of answer: TestResponse) throws -> String {
            try #require(answer.json["actions"].array.first { $0["verb"].string == verb }?["href"].string, "\(answer.text)")
        }
        let id = try await file(web, token: staff)
        let request = try await web.send(.get, "/api/v1/requests/\(id)", token: staff)
        let proposed = try await web.send(
            .post, href("propose", of: request), token: staff, json: #"{"mediator": "\#(mediator)"}"#)
        #expect(proposed.status == .created)
        let accepted = try await web.send(.post, href("accept", of: proposed), token: staff)
        let missed = try await web.send(.post, href("no_show", of: accepted), token: staff)
        #expect(missed.json["status"].string == "no_show", "\(missed.text)")
        let back = try await web.send(.get, "/api/v1/requests/\(id)", token: staff)
        let givenUp = try await web.send(.post, href("give_up", of: back), token: staff, json: #"{"reason": "Personne."}"#)
        #expect(givenUp.json["status"].string == "unserved", "\(givenUp.text)")
    }

    @Test func overbookingIsRefusedAndSaysWhy() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let (mediator, _) = try await mediator(web, open: 1)
        let body = #"{"mediator": "\#(mediator)"}"#
        let (first, second) = (try await file(web, token: staff), try await file(web, token: staff))
        #expect(try await web.send(.post, "/api/v1/requests/\(first)/referrals", token: staff, json: body).status == .created)
        let refused = try await web.send(.post, "/api/v1/requests/\(second)/referrals", token: staff, json: body)
        #expect(refused.problem == "409 /problems/conflict")
        #expect(refused.json["code"].string == "capacity")
        let explained = try await web.send(.get, "/api/v1/requests/\(second)/candidates?explain=all", token: staff)
        #expect(explained.json["items"].array.first?["excluded_by"].array.first?["constraint"].string == "capacity")
        #expect(try await web.send(.get, "/api/v1/requests/\(second)/candidates", token: staff).json["items"].array.isEmpty)
    }

    @Test func aVisitorGetsACodeAndALinkAndNothingElse() async throws {
        let web = try TestWeb()
        let refused = try await web.send(.post, "/api/v1/requests", json: Self.draft)
        #expect(refused.problem == "422 /problems/invalid")
        #expect(refused.errors == ["/consent required"])
        let filed = try await web.send(
            .post, "/api/v1/requests", json: Self.draft.replacing("{\"objective", with: "{\"consent\": true, \"objective"))
        #expect(filed.status == .created)
        guard case .object(let members) = filed.json else {
            Issue.record("no object")
            return
        }
        #expect(members.keys.sorted() == ["code", "link"])
        let link = try #require(filed.json["link"].string)
        let path = try #require(link.firstIndex(of: "/").flatMap { _ in link.range(of: "/suivi/") }).lowerBound
        let page = try await web.send(.get, String(link[path...]))
        #expect(page.status == .ok && page.text.contains("<html lang=\"fr\">") && !page.text.contains("Jeanne"))
        #expect(try await web.send(.get, "/suivi/nothing").status == .notFound)
    }

    @Test func consentIsKeptWithThePersonAndARefusalIsNotPassedOver() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        func draft(consent: Bool) -> String { Self.draft.replacing("{\"objective", with: "{\"consent\": \(consent), \"objective") }
        for token in [staff, nil] {
            let refused = try await web.send(.post, "/api/v1/requests", token: token, json: draft(consent: false))
            #expect(refused.errors == ["/consent required"])
        }
        let now = web.parts.generators.now().rfc3339
        let (agreed, untold) = (try await file(web, token: staff, draft(consent: true)), try await file(web, token: staff))
        web.clock.move(by: 3600)
        let person = try await web.send(.get, "/api/v1/requests/\(agreed)", token: staff).json["person"]
        #expect(person["given_name"].string == "Jeanne" && person["consented_at"].string == now)
        #expect(try await web.send(.get, "/api/v1/requests/\(untold)", token: staff).json["person"]["consented_at"] == .null)
        // It is of the person, and so where the person is.
        #expect(try await !web.send(.get, "/api/v1/requests", token: staff).text.contains("consented_at"))
        let tool = try await web.token(.tool, scopes: [.readRequests]).secret
        #expect(try await !web.send(.get, "/api/v1/requests/\(agreed)", token: tool).text.contains("consented_at"))
        // Somebody without an account has to consent.
        #expect(try await web.send(.post, "/api/v1/requests", json: draft(consent: true)).status == .created)
        let given = try await web.parts.database.value("SELECT count(consented_at)::int FROM people", as: Int.self)
        #expect(given == 2)
    }

    @Test func staffFindsARequestByTheCodeThatIsReadOut() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let draft = Self.draft.replacing("{\"objective", with: "{\"consent\": true, \"objective")
        _ = try await web.send(.post, "/api/v1/requests", json: draft)
        let code = try #require(try await web.send(.post, "/api/v1/requests", json: draft).json["code"].string)
        for spoken in [code, code.lowercased().replacing("-", with: "")] {
            let found = try await web.send(.get, "/api/v1/requests?code=\(spoken)", token: staff)
            #expect(found.json["items"].array.count == 1)
        }
        #expect(try await web.send(.get, "/api/v1/requests?code=0000-000-000", token: staff).json["items"].array.isEmpty)
        let prescriber = try await web.token(.prescriber).secret
        #expect(try await web.send(.get, "/api/v1/requests?code=\(code)", token: prescriber).json["items"].array.isEmpty)
    }

    @Test func theSameKeyGivesTheSameSecretsWithoutASecondRequest() async throws {
        let web = try TestWeb()
        let json = Self.draft.replacing("{\"objective", with: "{\"consent\": true, \"objective")
        let key = try HTTPFields([HTTPField(name: #require(HTTPField.Name("Idempotency-Key")), value: "\"one\"")])
        let first = try await web.send(.post, "/api/v1/requests", json: json, headers: key)
        let second = try await web.send(.post, "/api/v1/requests", json: json, headers: key)
        #expect(first.status == .created && first.text == second.text)
        #expect(try await web.parts.database.value("SELECT count(*)::int FROM requests", as: Int.self) == 1)
    }

    @Test func structuresAndLocalAuthoritiesSayTheirObjectivesFirst() async throws {
        let web = try TestWeb()
        let manager = try await web.token(.manager).secret
        let bare = #"{"asked_by": "structure", "objective": "Quitter un service", "needs": [{"skill": "transition-libre"}]}"#
        #expect(try await web.send(.post, "/api/v1/requests", token: manager, json: bare).errors == ["/objectives required"])
        let whole = #"""
            {"asked_by": "local_authority", "objective": "Sensibiliser les agents", "needs": [{"skill": "sensibilisation", "level": 2}],
             "objectives": {"publics": ["seniors"], "messages": ["Nos données nous appartiennent"], "tools": ["Nextcloud"], "leaving": ["Google Drive"]},
             "group_size": 25, "wished_dates": ["2026-12-03", "2026-12-10"], "modes": ["on_site"],
             "location": {"latitude": 45.43, "longitude": 4.39}}
            """#
        let id = try await file(web, token: manager, whole)
        let read = try await web.send(.get, "/api/v1/requests/\(id)", token: manager)
        #expect(read.json["objectives"]["messages"].array.first?.string == "Nos données nous appartiennent")
        #expect(read.json["status"].string == "qualified")
    }

    @Test func everythingThatIsWrongIsToldAtOnce() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let answer = try await web.send(
            .post, "/api/v1/requests", token: staff,
            json: #"""
                {"objective": 3, "needs": [{"skill": "nope"}, {"skil": "x"}], "modes": ["place", "place", "plane"], "reach_m": -1,
                 "deadline": "2026-02-30", "languages": ["fr", "fr", "french"], "commune": "99999", "wished_dates": [5, "2026-02-30"],
                 "location": {"latitude": 4.39, "longitude": 45.43}, "times": [{"weekdays": ["mo"], "start": "12:00", "end": "9:00"}], "surprise": true}
                """#)
        #expect(answer.problem == "422 /problems/invalid")
        #expect(
            answer.errors == [
                "/commune unknown_code", "/deadline format", "/languages/2 format", "/location swapped", "/modes/2 unknown_code",
                "/needs/0/skill unknown_code", "/needs/1/skil unknown_member", "/needs/1/skill required", "/objective type",
                "/reach_m range",
                "/surprise unknown_member", "/times/0/end format", "/wished_dates/0 type", "/wished_dates/1 format",
            ])
        let late = try await web.send(
            .post, "/api/v1/requests", token: staff, json: #"{"objective": "x", "deadline": "1999-01-01"}"#)
        #expect(late.errors == ["/deadline range"])
        #expect(!answer.text.contains("SELECT"))
    }

    @Test func aChangeNeedsTheVersionThatWasRead() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        let id = try await file(web, token: staff)
        let etag = try #require(try await web.send(.get, "/api/v1/requests/\(id)", token: staff).headers[.eTag])
        let patch = #"{"needs": [{"skill": "usage-securise", "level": 2}], "commune": null}"#
        #expect(try await web.send(.patch, "/api/v1/requests/\(id)", token: staff, json: patch).status.code == 428)
        let changed = try await web.send(.patch, "/api/v1/requests/\(id)", token: staff, json: patch, headers: [.ifMatch: etag])
        #expect(changed.status == .ok, "\(changed.text)")
        #expect(changed.json["needs"].array.map { $0["skill"].string } == ["usage-securise"])
        #expect(changed.json["objective"].string == "Mon téléphone est plein")
        #expect(
            try await web.send(.patch, "/api/v1/requests/\(id)", token: staff, json: patch, headers: [.ifMatch: etag]).status.code == 412)
        let fixed = try await web.send(
            .patch, "/api/v1/requests/\(id)", token: staff, json: #"{"status": "closed"}"#,
            headers: [.ifMatch: changed.headers[.eTag] ?? ""])
        #expect(fixed.errors == ["/status read_only"])
        let unknown = try await web.send(
            .patch, "/api/v1/requests/\(id)", token: staff, json: #"{"colour": null}"#, headers: [.ifMatch: changed.headers[.eTag] ?? ""])
        #expect(unknown.errors == ["/colour unknown_member"])
    }

    @Test func eachRoleSeesItsOwnRequestsAndNobodyElses() async throws {
        let web = try TestWeb()
        let (prescriber, other) = (try await web.token(.prescriber).secret, try await web.token(.prescriber).secret)
        let id = try await file(web, token: prescriber)
        func listed(_ token: String) async throws -> [String?] {
            try await web.send(.get, "/api/v1/requests", token: token).json["items"].array.map { $0["id"].string }
        }
        #expect(try await listed(prescriber) == [id])
        #expect(try await listed(other) == [])
        #expect(try await listed(try await web.token(.coordinator).secret) == [id])
        #expect(try await listed(try await web.token(.mediator).secret) == [])
        #expect(try await listed(try await web.token(.manager).secret) == [])
        #expect(try await listed(try await web.token(.tool, scopes: [.readRequests]).secret) == [id])
        #expect(try await web.send(.get, "/api/v1/requests", token: try await web.token(.tool).secret).status == .forbidden)
        #expect(try await web.send(.get, "/api/v1/requests").status == .unauthorized)
        #expect(try await web.send(.get, "/api/v1/requests/\(id)", token: other).status == .notFound)
        #expect(try await web.send(.post, "/api/v1/requests/\(id)/qualify", token: prescriber).status == .forbidden)
        let list = try await web.send(.get, "/api/v1/requests", token: prescriber)
        #expect(!list.text.contains("Jeanne") && !list.text.contains("04 65 71"))
    }

    @Test func aMissingOrMalformedIdentifierIs404() async throws {
        let web = try TestWeb()
        let staff = try await web.token(.coordinator).secret
        for id in ["nonsense", UUID().uuidString, "%00"] {
            #expect(try await web.send(.get, "/api/v1/referrals/\(id)", token: staff).status == .notFound)
            #expect(try await web.send(.post, "/api/v1/referrals/\(id)/accept", token: staff).status == .notFound)
            #expect(try await web.send(.get, "/api/v1/requests/\(id)/candidates", token: staff).status == .notFound)
        }
        let id = try await file(web, token: staff)
        let unknown = try await web.send(
            .post, "/api/v1/requests/\(id)/referrals", token: staff, json: #"{"mediator": "\#(UUID().uuidString)"}"#)
        #expect(unknown.errors == ["/mediator unknown_id"])
    }

    @Test func theTwoLivesAreToldAsTheProgramFollowsThem() async throws {
        let web = try TestWeb()
        let referrals = try await web.send(.get, "/api/v1/referral-states")
        #expect(referrals.json["states"].array.count == ReferralLifecycle.Status.allCases.count)
        let accept = referrals.json["transitions"].array.first { $0["verb"].string == "accept" }
        #expect(accept?["roles"].array.compactMap(\.string) == ["admin", "coordinator", "manager", "mediator", "tool"])
        let requests = try await web.send(.get, "/api/v1/request-states")
        #expect(requests.json["transitions"].array.count == RequestLifecycle.transitions.count)
        let missed = referrals.json["transitions"].array.first { $0["verb"].string == "no_show" }
        #expect(missed?["href"].string == "/api/v1/referrals/{id}/no-show")
        let refused = requests.json["transitions"].array.first { $0["verb"].string == "refused" }
        #expect(refused?["href"] == .null, "nobody does that")
    }
}
