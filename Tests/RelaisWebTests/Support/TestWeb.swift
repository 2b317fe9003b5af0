import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Postgres
import Relais
import Support
import Synchronization

@testable import RelaisWeb

/// The whole server over the database lent to the test, its time in the test's hands.
struct TestWeb {
    let parts: WebParts
    let clock: TestClock
    private let responder: FrontDoor<RouterResponder<AppContext>>

    init(
        _ database: Database = OwnDatabase.current, limits: RateLimits = .none, trustedProxies: [AddressRange] = [],
        largestFile: Int = 128 << 20,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), clock: TestClock = TestClock()
    ) throws {
        self.clock = clock
        parts = WebParts(
            database: database, generators: clock.generators, keyring: try TestWeb.keyring(),
            settings: WebSettings(limits: limits, trustedProxies: trustedProxies, largestFile: largestFile), logger: logger)
        responder = try buildResponder(parts)
    }

    struct Unready: Error {}

    static func keyring(_ key: String = "a key of the tests, of 32 characters or more") throws -> Keyring {
        guard let keyring = Keyring([key]) else { throw Unready() }
        return keyring
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, json: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = headers
        if json != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await send(method, path, token: token, body: json.map { ByteBuffer(string: $0) }, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String?, body: ByteBuffer?, headers: HTTPFields
    ) async throws -> TestResponse {
        var all = headers
        if let token { all[.authorization] = "Bearer \(token)" }
        let headers = all
        return try await Application(responder: responder).test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers, body: body)
        }
    }

    /// A token of the role, bound to a structure or mediator that is made for it.
    func token(_ role: Caller.Role, scopes: [Scope] = [.readRegistry], expiresAt: Date? = nil) async throws -> (
        id: Token.ID, secret: String
    ) {
        var structure: Structure.ID?
        var mediator: Mediator.ID?
        if role == .manager || role == .prescriber || role == .mediator { structure = try await makeStructure() }
        if role == .mediator, let structure { mediator = try await makeMediator(of: structure) }
        let draft = try TokenDraft(
            name: "of the tests", role: role, structure: role == .mediator ? nil : structure, mediator: mediator,
            scopes: role == .tool ? scopes : [], expiresAt: expiresAt)
        let issued = try await parts.database.transaction { tx throws(AccountError) in
            try await AccountDesk(generators: parts.generators).issue(draft, by: .system, in: tx) { _ in .random() }
        }
        return (issued.token.id, issued.secret)
    }

    func makeStructure() async throws -> Structure.ID {
        let id = Structure.ID(parts.generators.newID())
        try await parts.database.execute("INSERT INTO structures (id, name, created_at, updated_at) VALUES (\(id), 'EPN', now(), now())")
        return id
    }

    func makeMediator(of structure: Structure.ID) async throws -> Mediator.ID {
        let id = Mediator.ID(parts.generators.newID())
        try await parts.database.execute(
            "INSERT INTO mediators (id, structure_id, name, created_at, updated_at) VALUES (\(id), \(structure), 'Jo', now(), now())")
        return id
    }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let instant: Mutex<Date>

    init(_ start: Date = Date(timeIntervalSince1970: 1_773_000_000)) {
        instant = Mutex(start)
    }

    func move(by seconds: TimeInterval) { instant.withLock { $0 += seconds } }

    var generators: Generators {
        Generators(now: { self.instant.withLock { $0 } }, newID: Generators.system.newID)
    }
}

extension TestResponse {
    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONValue(parsing: body.readableBytesView)) ?? .null }

    var text: String { String(buffer: body) }

    /// The status, and what a problem says for programs: `422 /problems/invalid`.
    var problem: String { "\(status.code) \(json["type"].string ?? "no problem")" }

    /// The codes of `errors` with the place of each: `/name required`.
    var errors: [String] {
        json["errors"].array.map { "\($0["pointer"].string ?? $0["parameter"].string ?? "") \($0["code"].string ?? "")" }.sorted()
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var array: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}
