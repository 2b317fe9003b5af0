import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Relais
import Support
import Testing

@testable import RelaisWeb

@Suite("Tokens over the API", .database)
struct TokenRoutesTests {
    let database = OwnDatabase.current

    @Test func anAdministratorMakesReadsAndRevokesOne() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let made = try await web.send(
            .post, "/api/v1/tokens", token: admin, json: #"{"name": " Site ", "role": "tool", "scopes": ["read:registry"]}"#)
        #expect(made.status == .created)
        let id = try #require(made.json["id"].string)
        let secret = try #require(made.json["token"].string)
        #expect(made.headers[.location] == "/api/v1/tokens/\(id)")
        #expect(made.json["name"].string == "Site")

        // It opens what its scope says, and nothing else.
        #expect(try await web.send(.get, "/api/v1/tokens", token: secret).problem == "403 /problems/forbidden")

        let read = try await web.send(.get, "/api/v1/tokens/\(id)", token: admin)
        #expect(read.status == .ok)
        #expect(read.json["token"] == .null)
        #expect(read.json["revoked_at"] == .null)
        #expect(!read.text.contains(secret))

        #expect(try await web.send(.delete, "/api/v1/tokens/\(id)", token: admin).status == .noContent)
        #expect(try await web.send(.delete, "/api/v1/tokens/\(id)", token: admin).status == .noContent)
        #expect(try await web.send(.get, "/api/v1/tokens/\(id)", token: admin).json["revoked_at"].string == "2026-03-08T20:00:00Z")
        let kinds = try await database.values("SELECT kind FROM events", as: String.self)
        #expect(kinds.filter { $0 == "token.revoked" }.count == 1)
    }

    @Test func theSecretIsStoredNowhere() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let made = try await web.send(
            .post, "/api/v1/tokens", token: admin, json: #"{"name": "a", "role": "admin"}"#, headers: [.idempotencyKey: "\"k\""])
        let secret = try #require(made.json["token"].string)
        let found = try await database.value(
            """
            SELECT (SELECT count(*) FROM tokens t WHERE t::text LIKE '%' || \(secret) || '%')
                 + (SELECT count(*) FROM events e WHERE e::text LIKE '%' || \(secret) || '%')
                 + (SELECT count(*) FROM idempotency_keys k WHERE position(convert_to(\(secret), 'UTF8') IN k.answer) > 0)
            """, as: Int.self)
        #expect(found == 0)
    }

    @Test(arguments: [
        (#"{}"#, ["/name required", "/role required"]),
        (#"{"name": 3, "role": "boss", "colour": 1}"#, ["/colour unknown_member", "/name type", "/role unknown_code"]),
        (#"{"name": "a", "role": "manager"}"#, ["/structure required"]),
        (#"{"name": "a", "role": "mediator", "scopes": ["read:registry"]}"#, ["/mediator required", "/scopes not_for_role"]),
        (#"{"name": "a", "role": "tool"}"#, ["/scopes required"]),
        (#"{"name": "a", "role": "visitor"}"#, ["/role unknown_code"]),
        (#"{"name": "a\u0000", "role": "admin"}"#, ["/name format"]),
        (#"{"name": "a", "role": "admin", "expires_at": "2026-02-30T10:00:00Z"}"#, ["/expires_at format"]),
        (#"{"name": "a", "role": "admin", "expires_at": "2026-03-08T20:00:00Z"}"#, ["/expires_at range"]),
        (#"{"name": "a", "role": "manager", "structure": "7"}"#, ["/structure format", "/structure required"]),
        (#"{"name": "a", "role": "manager", "structure": "0198c2f4-0000-7000-8000-000000000000"}"#, ["/structure unknown_id"]),
        (#"[]"#, [" type", "/name required", "/role required"]),
    ])
    func everythingWrongIsToldAtOnce(body: String, errors: [String]) async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        let answer = try await web.send(.post, "/api/v1/tokens", token: admin, json: body)
        #expect(answer.problem == "422 /problems/invalid")
        #expect(answer.errors == errors)
    }

    @Test(arguments: Caller.Role.ofTokens.filter { $0 != .admin })
    func othersMayNot(role: Caller.Role) async throws {
        let web = try TestWeb()
        let token = try await web.token(role, scopes: Scope.allCases)
        #expect(try await web.send(.get, "/api/v1/tokens", token: token.secret).problem == "403 /problems/forbidden")
        #expect(try await web.send(.get, "/api/v1/tokens/\(token.id)", token: token.secret).problem == "403 /problems/forbidden")
        #expect(try await web.send(.delete, "/api/v1/tokens/\(token.id)", token: token.secret).problem == "403 /problems/forbidden")
        let made = try await web.send(.post, "/api/v1/tokens", token: token.secret, json: #"{"name": "a", "role": "admin"}"#)
        #expect(made.problem == "403 /problems/forbidden")
    }

    @Test func whatIsNoTokenIsToldApart() async throws {
        let web = try TestWeb()
        let good = try await web.token(.admin)
        let short = try await web.token(.admin, expiresAt: web.parts.generators.now().addingTimeInterval(60))
        #expect(try await web.send(.get, "/api/v1/tokens", token: short.secret).status == .ok)
        web.clock.move(by: 60)
        let expired = try await web.send(.get, "/api/v1/tokens", token: short.secret)
        #expect(expired.json["code"].string == "expired")

        _ = try await web.send(.delete, "/api/v1/tokens/\(short.id)", token: good.secret)
        web.parts.tokens.forget()
        let revoked = try await web.send(.get, "/api/v1/tokens", token: short.secret)
        #expect(revoked.json["code"].string == "revoked")
        let unknown = try await web.send(.get, "/api/v1/tokens", token: TokenSecret.random().text)
        #expect(unknown.json["code"].string == "unknown")
        let malformed = try await web.send(.get, "/api/v1/tokens", token: "relais_short")
        #expect(malformed.json["code"].string == "malformed")
        let basic = try await web.send(.get, "/api/v1/tokens", headers: [.authorization: "Basic YTpi"])
        #expect(basic.json["code"].string == "malformed")
        let missing = try await web.send(.get, "/api/v1/tokens")
        #expect(missing.json["code"].string == "missing")
        for answer in [expired, revoked, unknown, malformed, basic, missing] {
            #expect(answer.problem == "401 /problems/unauthenticated")
            #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"relais\"") == true)
        }
    }

    @Test func aListGoesOnWhereItStoppedAndMissesNothing() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin).secret
        for _ in 0..<6 { _ = try await web.token(.coordinator) }
        var seen: [String] = []
        var path = "/api/v1/tokens?limit=3"
        for _ in 0..<5 {
            let page = try await web.send(.get, path, token: admin)
            #expect(page.status == .ok)
            seen += page.json["items"].array.compactMap { $0["id"].string }
            guard let next = page.json["next_cursor"].string else { break }
            let link = try #require(page.headers[.link])
            #expect(link == "<\(path.prefix { $0 != "&" })&cursor=\(next)>; rel=\"next\"")
            path = "/api/v1/tokens?limit=3&cursor=\(next)"
            _ = try await web.token(.coordinator)  // what is added meanwhile comes at the end, and disturbs nothing
        }
        #expect(seen.count == 9)
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == 9)
    }

    @Test func usesAreWrittenNowAndThen() async throws {
        let web = try TestWeb()
        let admin = try await web.token(.admin)
        _ = try await web.send(.get, "/api/v1/tokens", token: admin.secret)
        #expect(try await database.token(admin.id).lastUsedAt == nil)
        await web.parts.tokens.writeUses()
        #expect(try await database.token(admin.id).lastUsedAt == web.parts.generators.now())
    }
}
