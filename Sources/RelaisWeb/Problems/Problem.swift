import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Relais

/// What a client is told when something cannot be done (RFC 9457). Says what would be right; never SQL, a path or a trace.
///
/// A route may throw one; what a use case throws becomes one in ``of(_:)``, and nowhere else.
public struct Problem: Error, Sendable {
    /// One thing that is wrong in the query.
    public struct ParameterError: Sendable, Equatable, Encodable {
        public let parameter: String
        public let code: String
        public let message: String
        /// Whether it is written as its description asks, and only means nothing here: 422, not 400.
        public let isWellFormed: Bool

        private enum CodingKeys: String, CodingKey { case parameter, code, message }
    }

    public let kind: Kind
    /// What is wrong this time, for people.
    public let detail: String
    /// What is wrong this time, for programs, where the kind alone leaves it open.
    public let code: String?
    public let errors: [InvalidInput.Problem]
    public let parameterErrors: [ParameterError]
    /// More members, for programs.
    public let members: [String: JSONValue]
    public var headers: HTTPFields

    public init(
        _ kind: Kind, _ detail: String? = nil, code: String? = nil, errors: [InvalidInput.Problem] = [],
        parameterErrors: [ParameterError] = [],
        members: [String: JSONValue] = [:], headers: HTTPFields = [:]
    ) {
        self.kind = kind
        self.detail = detail ?? kind.advice
        self.code = code
        self.errors = errors
        self.parameterErrors = parameterErrors
        self.members = members
        self.headers = headers
    }

    /// What is wrong in a query: 400 as soon as one parameter cannot be read, 422 when all are well-formed.
    static func query(_ errors: [ParameterError]) -> Problem {
        Problem(
            errors.allSatisfy(\.isWellFormed) ? .invalid : .invalidQuery,
            errors.count == 1 ? errors[0].message : "\(errors.count) parameters are wrong: see errors.", parameterErrors: errors)
    }

    public static let notFound = Problem(.notFound, "There is nothing at this address, or you may not know of it.")
    public static let unauthenticated = Problem(
        .unauthenticated, "This needs a token: send Authorization: Bearer relais_….", code: "missing",
        headers: [.wwwAuthenticate: "Bearer realm=\"relais\""])

    public static func forbidden(_ action: Action) -> Problem {
        Problem(.forbidden, "This token's role or scopes do not include it, or not for this one.", code: action.rawValue)
    }

    /// The service cannot answer now and will again: 503.
    static func unavailable(_ detail: String, retryAfter seconds: Int = 2) -> Problem {
        Problem(.unavailable, detail, headers: [.retryAfter: String(seconds)])
    }

    /// The problem within a larger answer, its pointers below `pointer`.
    func value(below pointer: String) -> JSONValue {
        let errors = errors.map { InvalidInput.Problem(pointer + $0.pointer, $0.code, $0.message) }
        let problem = Problem(kind, detail, code: code, errors: errors, parameterErrors: parameterErrors, members: members)
        return JSONValue(representing: Representation(problem: problem, path: nil))
    }

    static let mediaType = "application/problem+json"

    /// - Parameter path: Of the request, without its query; `nil` when it could not be read.
    func bytes(for path: String?) -> [UInt8] { JSONText.encode(Representation(problem: self, path: path)) }

    func response(for path: String) -> Response {
        var headers = headers
        headers[.contentType] = Self.mediaType
        headers[.cacheControl] = "no-store"
        let body = bytes(for: path)
        return Response(status: kind.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

private struct Representation: Encodable {
    let problem: Problem
    /// Of the request; a problem within a larger answer has none of its own.
    let path: String?

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encode("/problems/\(problem.kind.rawValue)", forKey: "type")
        try container.encode(problem.kind.title, forKey: "title")
        try container.encode(problem.kind.status.code, forKey: "status")
        try container.encode(problem.detail, forKey: "detail")
        if let path { try container.encode(path, forKey: "instance") }
        if let code = problem.code { try container.encode(code, forKey: "code") }
        if !problem.errors.isEmpty {
            try container.encode(problem.errors, forKey: "errors")
        } else if !problem.parameterErrors.isEmpty {
            try container.encode(problem.parameterErrors, forKey: "errors")
        }
        for (name, value) in problem.members.sorted(by: { $0.key < $1.key }) {
            try container.encode(value, forKey: Name(stringLiteral: name))
        }
    }
}

private struct Name: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringLiteral value: String) { stringValue = value }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
