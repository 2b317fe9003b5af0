import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres
import Relais

/// The one way to write: a use case, its event, its jobs and the answer kept for repeats commit together, and only then is anything answered.
///
/// ```swift
/// @Sendable func accept(_ request: Request, context: AppContext) async throws -> Response {
///     let id = try context.id(Referral.self)
///     return try await writing.perform(request, context, failing: ReferralError.self) { tx throws(ReferralError) in
///         try await desk.accept(id, by: context.caller, in: tx)
///     }
/// }
/// ```
/// The body runs again, from the beginning and in a new transaction, when two transactions got in each other's way (40001, 40P01): it must change
/// nothing but the database.
public struct Writing: Sendable {
    let database: Database
    let keyring: Keyring
    let generators: Generators

    public init(database: Database, keyring: Keyring, generators: Generators) {
        self.database = database
        self.keyring = keyring
        self.generators = generators
    }

    /// Runs `body` and answers with its value as JSON, and its version as the ETag.
    ///
    /// - Parameter location: The address of what was created, for 201.
    func perform<Value: Encodable & Sendable, Failure: DatabaseFailure>(
        _ request: Request, _ context: AppContext, failing: Failure.Type, status: HTTPResponse.Status = .ok,
        location: ((Value) -> String)? = nil, _ body: (Session<Failure>) async throws(Failure) -> Value
    ) async throws -> Response {
        try await run(request, context) { tx throws(Failure) in
            let value = try await body(tx)
            return Answer(status, value, location: location?(value))
        }
    }

    /// Runs `body` and answers 204.
    func perform<Failure: DatabaseFailure>(
        _ request: Request, _ context: AppContext, failing: Failure.Type, _ body: (Session<Failure>) async throws(Failure) -> Void
    ) async throws -> Response {
        try await run(request, context) { tx throws(Failure) in
            try await body(tx)
            return Answer(.noContent)
        }
    }

    private enum Outcome: Sendable {
        case done(Answer)
        case found(RepeatClaim.Found)
    }

    private func run<Failure: DatabaseFailure>(
        _ request: Request, _ context: AppContext, _ work: (Session<Failure>) async throws(Failure) -> Answer
    ) async throws -> Response {
        guard let key = try request.idempotencyKey else {
            return try await database.transaction(attempts: 3) { tx throws(Failure) in try await work(tx) }.response
        }
        let claim = RepeatClaim(
            by: context.caller, key: key,
            request: [Array(request.method.rawValue.utf8), Array(request.uri.string.utf8), Array(context.body.bytes.readableBytesView)])
        let outcome = try await database.transaction(attempts: 3) { tx throws(Failure) in
            let now = generators.now()
            let found = try await tx.claim(claim, at: now)
            guard found == .nothing else { return Outcome.found(found) }
            let answer = try await work(tx)
            guard let sealed = try? keyring.seal(answer.stored, under: key) else { throw Failure(.encoding("an answer cannot be sealed")) }
            try await tx.keep(status: answer.status.code, answer: sealed, under: claim, at: now)
            return .done(answer)
        }
        switch outcome {
        case .done(let answer): return answer.response
        case .found(.answered(let status, let sealed)): return try repeated(status, sealed, key).response
        case .found(.otherRequest):
            throw Problem(.keyReused, "This Idempotency-Key was used for another request. Use a new key for a new request.")
        case .found(.inFlight), .found(.nothing):
            throw Problem(.repeatInFlight, headers: [.retryAfter: "1"])
        }
    }

    private func repeated(_ status: Int, _ sealed: [UInt8], _ key: String) throws(Problem) -> Answer {
        guard let stored = keyring.open(sealed, under: key), let answer = Answer(status: status, stored: stored) else {
            throw Problem(
                .conflict, "This request was done, but its answer can no longer be read: the server's keys have changed since.",
                code: "answer_lost")
        }
        return answer
    }
}

extension Request {
    /// The client's `Idempotency-Key`: a quoted string (RFC 9651, 3.3.3), or a bare token, of 1 to 255 characters.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let field = headers[.idempotencyKey] else { return nil }
            guard let key = Self.idempotencyKey(field) else {
                throw Problem(
                    .malformed, "Idempotency-Key must be a quoted string or a token of 1 to 255 characters: \"0198c2f4-…\".",
                    code: "idempotency_key")
            }
            return key
        }
    }

    static func idempotencyKey(_ field: String) -> String? {
        let field = field.trimmingSpaces()
        var key = ""
        if field.first == "\"" {
            guard field.count >= 2, field.last == "\"" else { return nil }
            var characters = field.dropFirst().dropLast().makeIterator()
            while let character = characters.next() {
                if character == "\"" { return nil }
                guard character == "\\" else {
                    key.append(character)
                    continue
                }
                guard let escaped = characters.next(), escaped == "\"" || escaped == "\\" else { return nil }
                key.append(escaped)
            }
            guard key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        } else {
            guard field.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }) else {
                return nil
            }
            key = String(field)
        }
        return (1...255).contains(key.utf8.count) ? key : nil
    }
}

extension HTTPField.Name {
    static let idempotencyKey = constant("Idempotency-Key")
    static let xRequestID = constant("X-Request-Id")
    static let link = constant("Link")
    static let rateLimit = constant("RateLimit")
    static let rateLimitPolicy = constant("RateLimit-Policy")
    static let xForwardedFor = constant("X-Forwarded-For")

    /// A name written here, which is therefore valid.
    private static func constant(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name(name.description) else { preconditionFailure("not a field name: \(name)") }
        return name
    }
}
