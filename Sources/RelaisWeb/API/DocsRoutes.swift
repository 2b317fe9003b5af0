import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Relais

/// The description of the API for programs and for people, and a page for each kind of problem. Made when the server starts, from the one file.
struct DocsRoutes: Sendable {
    private struct Document: Sendable {
        let type: String
        let bytes: ByteBuffer
        let tag: String

        init(_ type: String, _ bytes: [UInt8]) {
            self.type = type
            self.bytes = ByteBuffer(bytes: bytes)
            tag = "\"" + Base64URL.encode(SHA256.hash(data: Data(bytes)).prefix(12)) + "\""
        }

        func answer(_ request: Request) -> Response {
            var headers: HTTPFields = [.contentType: type, .eTag: tag, .cacheControl: "public, max-age=300"]
            if let known = request.headers[.ifNoneMatch], EntityTags(known).matchWeakly(tag) {
                return Response(status: .notModified, headers: headers)
            }
            // Nothing on these pages runs, and nothing is fetched from elsewhere.
            headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
        }
    }

    private let documents: [String: Document]
    private let problems: [String: Document]

    init() throws {
        let description = try OpenAPIDocument()
        documents = [
            "openapi.yaml": Document("application/yaml", description.yaml),
            "openapi.json": Document("application/json", description.json),
            "docs": Document("text/html; charset=utf-8", Array(DocsPage(description).html.utf8)),
        ]
        problems = Dictionary(
            uniqueKeysWithValues: Problem.Kind.allCases.map {
                ($0.rawValue, Document("text/html; charset=utf-8", Array(DocsPage.problem($0).utf8)))
            })
    }

    var endpoints: RouteCollection<AppContext> {
        let collection = RouteCollection(context: AppContext.self)
        var endpoints = collection.get("/problems/:kind") { request, context in
            guard let document = problems[try context.code("kind")] else { throw Problem.notFound }
            return document.answer(request)
        }
        for (name, document) in documents { endpoints = endpoints.get("/api/\(name)") { request, _ in document.answer(request) } }
        return endpoints
    }
}
