import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Relais

/// An answer before it is sent: what is stored under an `Idempotency-Key`, byte for byte.
struct Answer: Sendable, Equatable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body: [UInt8] = []

    /// A value as JSON; its version, when it has one, is the ETag.
    init(_ status: HTTPResponse.Status, _ value: some Encodable, location: String? = nil) {
        self.status = status
        body = JSONText.encode(value)
        headers[.contentType] = "application/json"
        if let versioned = value as? any Versioned { headers[.eTag] = "\"\(versioned.version)\"" }
        if let location { headers[.location] = location }
    }

    /// An answer without a body.
    init(_ status: HTTPResponse.Status) {
        self.status = status
    }

    var response: Response {
        guard !body.isEmpty else { return Response(status: status, headers: headers) }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension Answer {
    /// Headers and body in one text, to be kept: `name: value` lines, an empty line, the body.
    var stored: [UInt8] {
        let head = headers.map { "\($0.name.rawName): \($0.value)\n" }.joined() + "\n"
        return Array(head.utf8) + body
    }

    init?(status: Int, stored: [UInt8]) {
        self.status = HTTPResponse.Status(code: status)
        var rest = stored[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.isEmpty {
                body = Array(rest)
                return
            }
            guard let colon = line.firstRange(of: ": "), let name = HTTPField.Name(String(line[..<colon.lowerBound])) else { return nil }
            headers[name] = String(line[colon.upperBound...])
        }
        return nil
    }
}

extension AppContext {
    /// One thing that was read: 200 with its ETag, or 304 when the client has it already (`If-None-Match`).
    ///
    /// The ETag is the value's version when it has one, otherwise a hash of its text.
    func answer(_ value: some Encodable, to request: Request) -> Response {
        var answer = Answer(.ok, value)
        if answer.headers[.eTag] == nil {
            answer.headers[.eTag] = "\"" + Base64URL.encode(SHA256.hash(data: Data(answer.body)).prefix(12)) + "\""
        }
        answer.headers[.cacheControl] = "no-cache"
        // Who may see more, sees more: what a browser keeps of one caller is not asked about for another.
        answer.headers[.vary] = "Authorization"
        if let wanted = request.headers[.ifNoneMatch], let tag = answer.headers[.eTag], EntityTags(wanted).matchWeakly(tag) {
            return Response(status: .notModified, headers: [.eTag: tag, .cacheControl: "no-cache", .vary: "Authorization"])
        }
        return answer.response
    }

    /// A piece of a list: 200, with `Link: <…>; rel="next"` when it goes on.
    func answer(_ page: Page<some Encodable>, to request: Request) -> Response { answer(page, next: page.next, to: request) }

    /// A piece of a list in another shape or type.
    func answer(_ value: some Encodable, next: Cursor?, as type: String = "application/json", to request: Request) -> Response {
        var answer = Answer(.ok, value)
        answer.headers[.contentType] = type
        if let next { answer.headers[.link] = "<\(QueryReader.target(of: request, with: next))>; rel=\"next\"" }
        return answer.response
    }
}
