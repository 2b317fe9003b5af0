import Postgres

/// What can go wrong with a request.
public enum RequestError: Error, Equatable {
    /// There is none with this id that the caller may see.
    case unknown
    case forbidden(String)
    case invalid(InvalidInput)
    /// The request is in a state from which the verb does not start. Whoever came second in a race gets this one too.
    case notNow(RequestLifecycle.Verb, in: Request.Status)
    /// It ended too long ago to be reopened.
    case endedLongAgo
    /// It was changed since the version that the caller read.
    case changedSince
    case database(PostgresError)
}

extension RequestError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self =
            switch error.constraint {
            case "requests_commune_fkey": .invalid(InvalidInput("/commune", "unknown_code", "There is no commune with this INSEE code."))
            case "requests_prescriber_fkey": .invalid(InvalidInput("/prescriber", "unknown_id", "There is no structure with this id."))
            case "request_needs_skill_fkey": .invalid(InvalidInput("/needs", "unknown_code", "There is no skill with this code."))
            default: .database(error)
            }
    }
}
