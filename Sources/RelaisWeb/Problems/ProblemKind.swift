import HTTPTypes

extension Problem {
    /// The kinds of problem: a closed list, each with a page of its own under `/problems/`.
    public enum Kind: String, Sendable, CaseIterable {
        case malformed
        case invalidQuery = "invalid-query"
        case unauthenticated, forbidden
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case notAcceptable = "not-acceptable"
        case conflict
        case repeatInFlight = "repeat-in-flight"
        case preconditionFailed = "precondition-failed"
        case tooLarge = "too-large"
        case headersTooLarge = "headers-too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case invalid
        case keyReused = "idempotency-key-reused"
        case preconditionRequired = "precondition-required"
        case tooManyRequests = "too-many-requests"
        case internalError = "internal-error"
        case unavailable
        case outcomeUnknown = "outcome-unknown"

        public var status: HTTPResponse.Status {
            switch self {
            case .malformed, .invalidQuery: .badRequest
            case .unauthenticated: .unauthorized
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .notAcceptable: .notAcceptable
            case .conflict, .repeatInFlight: .conflict
            case .preconditionFailed: .preconditionFailed
            case .tooLarge: .contentTooLarge
            case .headersTooLarge: .requestHeaderFieldsTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .invalid, .keyReused: .unprocessableContent
            case .preconditionRequired: .preconditionRequired
            case .tooManyRequests: .tooManyRequests
            case .internalError: .internalServerError
            case .unavailable, .outcomeUnknown: .serviceUnavailable
            }
        }

        /// The same words whenever this kind occurs.
        public var title: String {
            switch self {
            case .malformed: "The request cannot be read"
            case .invalidQuery: "A parameter of the query is wrong"
            case .unauthenticated: "A valid token is needed"
            case .forbidden: "This token may not do that"
            case .notFound: "There is nothing here"
            case .methodNotAllowed: "This method is not for this address"
            case .notAcceptable: "This cannot be given in the wanted form"
            case .conflict: "This cannot be done in the present state"
            case .repeatInFlight: "The same request is being worked on"
            case .preconditionFailed: "It has been changed by somebody else"
            case .tooLarge: "The body is too large"
            case .headersTooLarge: "The address or the headers are too large"
            case .unsupportedMediaType: "The body is not in a form that is read here"
            case .invalid: "Some of the values are wrong"
            case .keyReused: "This Idempotency-Key belongs to another request"
            case .preconditionRequired: "If-Match is needed"
            case .tooManyRequests: "Too many requests"
            case .internalError: "Something went wrong on the server"
            case .unavailable: "The service is not available for the moment"
            case .outcomeUnknown: "It is not known whether this was done"
            }
        }

        /// What a client can do about it: the text of the kind's page.
        public var advice: String {
            switch self {
            case .malformed: "Send well-formed HTTP and JSON in UTF-8, without a member twice, nested at most 32 levels."
            case .invalidQuery: "`errors` names each parameter that is unknown or wrong, and what would be right."
            case .unauthenticated:
                "Send `Authorization: Bearer relais_…` with a token that is neither expired nor revoked; `code` says what is wrong with this one."
            case .forbidden: "Ask an administrator for a token with the role or scope that this needs."
            case .notFound: "Check the address. What you may not know about is answered in the same way."
            case .methodNotAllowed: "`Allow` lists the methods of this address."
            case .notAcceptable: "Ask for application/json, or leave Accept out."
            case .conflict: "`code` says what is in the way. Read the resource again: its `actions` tell what can be done now."
            case .repeatInFlight: "Wait for `Retry-After` seconds and send the same request with the same Idempotency-Key again."
            case .preconditionFailed: "Read the resource again, make the change anew, and send the new ETag in If-Match."
            case .tooLarge: "A body has 1 MiB at most, a file to be imported 128 MiB."
            case .headersTooLarge: "The address and each header have 16 KiB at most, all headers 32 KiB, and there are at most 100."
            case .unsupportedMediaType: "Send JSON (to import, CSV too), and say so in Content-Type."
            case .invalid: "`errors` lists everything that is wrong, each with a JSON pointer or a parameter, a code and a message."
            case .keyReused: "Use a new Idempotency-Key for each new request; the same one only to repeat a request unchanged."
            case .preconditionRequired: "Send the ETag that was read in If-Match, so that nobody's change is overwritten."
            case .tooManyRequests: "Wait for `Retry-After` seconds. `RateLimit` tells how many requests are left."
            case .internalError: "Nothing you can do; tell the administrator the X-Request-Id."
            case .unavailable: "Wait for `Retry-After` seconds and try again."
            case .outcomeUnknown: "Send the same request with the same Idempotency-Key again: it is done once, whatever happened."
            }
        }
    }
}
