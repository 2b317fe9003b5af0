import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Relais
import Support
import Testing
import Yams

@testable import RelaisWeb

@Suite("The description of the API", .database)
struct OpenAPITests {
    /// `GET /api/v1/tokens/{}`: the parameters' names do not matter to the router.
    private static func key(_ method: String, _ path: some StringProtocol) -> String {
        let pieces = path.split(separator: "/").map { $0.hasPrefix(":") || $0.hasPrefix("{") ? "{}" : $0 }
        return "\(method) /\(pieces.joined(separator: "/"))"
    }

    @Test func itHasTheRoutesOfTheRouterAndNoOther() throws {
        let routes = Set(try buildRouter(TestWeb().parts).routes.map { Self.key($0.method.rawValue, $0.path.description) })
        let described = Set(try OpenAPIDocument().operations.map { Self.key($0.method, $0.path) })
        #expect(routes.subtracting(described).sorted() == [], "routes that openapi.yaml does not describe")
        #expect(described.subtracting(routes).sorted() == [], "operations of openapi.yaml that the router does not have")
    }

    @Test func whatMayBeDoneIsAnOperationAndNamed() throws {
        let document = try OpenAPIDocument()
        let described = Set(document.operations.map { Self.key($0.method, $0.path) })
        func verbs(_ schema: String) -> [String] {
            document.root["components"]?["schemas"]?[schema]?["properties"]?["verb"]?["enum"]?.array().compactMap(\.string) ?? []
        }
        let requests = RequestLifecycle.transitions.filter { $0.action != nil }.map(\.verb)
        let referrals = ReferralLifecycle.transitions.filter { $0.action != nil }.map(\.verb)
        for address in requests.map({ $0.address(of: "{id}") }) + referrals.map({ $0.address(of: "{id}") }) {
            #expect(described.contains(Self.key("POST", address)), "\(address)")
        }
        #expect(verbs("RequestAction") == requests.map(\.rawValue))
        #expect(verbs("ReferralAction") == referrals.map(\.rawValue))
    }

    @Test func itDescribesEveryKindOfProblem() throws {
        let document = try OpenAPIDocument()
        let described = document.root["components"]?["schemas"]?["ProblemKind"]?["enum"]?.array().compactMap(\.string) ?? []
        #expect(described == Problem.Kind.allCases.map(\.rawValue))
        let statuses = Set(document.root["components"]?["responses"]?.mapping?.keys.compactMap(\.string) ?? [])
        for kind in Problem.Kind.allCases where kind != .internalError {
            #expect(statuses.contains(String(kind.status.code)), "\(kind.rawValue)")
        }
    }

    @Test func everyOperationIsWhole() throws {
        let document = try OpenAPIDocument()
        var names: Set<String> = []
        for operation in document.operations {
            let place = "\(operation.method) \(operation.path)"
            let name = try #require(operation.node["operationId"]?.string, "\(place) has no operationId")
            #expect(names.insert(name).inserted, "\(name) is there twice")
            #expect(operation.node["summary"] != nil, "\(place) has no summary")
            #expect(operation.node["tags"]?[0] != nil, "\(place) has no tag, and so no place in the documentation")
            let statuses = Set(operation.node["responses"]?.mapping?.keys.compactMap(\.string) ?? [])
            guard operation.path.hasPrefix("/api/v1/") else { continue }
            for status in ["400", "401", "406", "429", "503"] { #expect(statuses.contains(status), "\(place) may answer \(status)") }
            if operation.method != "GET" {
                for status in ["409", "413", "422"] { #expect(statuses.contains(status), "\(place) may answer \(status)") }
            }
            if operation.node["requestBody"] != nil { #expect(statuses.contains("415"), "\(place) may answer 415") }
            if operation.path.contains("{") { #expect(statuses.contains("404"), "\(place) may answer 404") }
            if operation.method == "PATCH" {
                for status in ["412", "428"] { #expect(statuses.contains(status), "\(place) may answer \(status)") }
            }
            if operation.method == "POST" {
                let parameters = (operation.shared + (operation.node["parameters"]?.array() ?? [])).map(document.resolved)
                #expect(parameters.contains { $0["name"]?.string == "Idempotency-Key" }, "\(place) takes an Idempotency-Key")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let document = try OpenAPIDocument()
        func look(_ node: Node, _ place: String) {
            if let reference = node["$ref"]?.string {
                #expect(document.resolved(node)["$ref"] == nil, "\(place): \(reference)")
            }
            for (name, value) in node.mapping ?? [:] { look(value, "\(place)/\(name.string ?? "")") }
            for (index, value) in (node.sequence.map { Array($0) } ?? []).enumerated() { look(value, "\(place)/\(index)") }
        }
        look(document.root, "")
    }

    @Test func itIsServedInBothForms() async throws {
        let web = try TestWeb()
        let yaml = try await web.send(.get, "/api/openapi.yaml")
        #expect(yaml.headers[.contentType] == "application/yaml")
        #expect(yaml.text.hasPrefix("#"))
        let json = try await web.send(.get, "/api/openapi.json")
        #expect(json.headers[.contentType] == "application/json")
        #expect(json.json["openapi"].string == "3.1.0")
        let read = try #require(try Yams.load(yaml: yaml.text) as? [String: Any])
        let other = try #require(try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any])
        #expect(NSDictionary(dictionary: read) == NSDictionary(dictionary: other))
        let tag = try #require(json.headers[.eTag])
        #expect(try await web.send(.get, "/api/openapi.json", headers: [.ifNoneMatch: tag]).status == .notModified)
    }

    @Test func thePagesNeedNothingFromElsewhere() async throws {
        let web = try TestWeb()
        let page = try await web.send(.get, "/api/docs")
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(page.headers[.contentSecurityPolicy] == "default-src 'none'; style-src 'unsafe-inline'")
        for word in ["src=", "http://", "https://", "<script", "@import", "url("] { #expect(!page.text.contains(word), "\(word)") }
        for operation in try OpenAPIDocument().operations {
            #expect(page.text.contains("<code>\(operation.method) \(operation.path)</code>"))
        }
        for kind in Problem.Kind.allCases {
            let problem = try await web.send(.get, "/problems/\(kind.rawValue)")
            #expect(problem.status == .ok)
            #expect(problem.text.contains("<h1>\(kind.title)</h1>"))
        }
        #expect(try await web.send(.get, "/problems/nope").problem == "404 /problems/not-found")
    }
}
