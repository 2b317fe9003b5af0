import HTTPTypes
import NIOCore
import Postgres
import Relais

extension Problem {
    /// The only place where errors become statuses. Each capability's error has its own exhaustive `switch` below or in a file beside this one
    /// (`ProblemOf…`), so that a new case does not compile until it has a status.
    ///
    /// - Returns: A problem of kind `internalError` for an error that nobody foresaw: it is logged, and its words are not given away.
    public static func of(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as AccountError: of(error)
        case let error as RegistryError: of(error)
        case let error as RequestError: of(error)
        case let error as ReferralError: of(error)
        case let error as FeedError: of(error)
        case let error as InvalidInput: of(error)
        case let error as PostgresError: of(error)
        case is NIOTooManyBytesError: Problem(.tooLarge)
        case is CancellationError: .unavailable("The server is stopping.")
        default: Problem(.internalError)
        }
    }

    static func of(_ error: InvalidInput) -> Problem {
        let count = error.problems.count
        let detail = count == 1 ? error.problems[0].message : "\(count) things are wrong: see errors."
        return Problem(.invalid, detail, errors: error.problems)
    }

    static func of(_ error: FeedError) -> Problem {
        switch error {
        case .otherCluster:
            Problem(
                .invalidQuery, "This cursor was given before the database was restored elsewhere: read everything anew.",
                code: "cursor_of_other_cluster")
        case .logIsAhead:
            .unavailable(
                "The database was restored, and its transaction ids have still to be moved on: an administrator reads docs/history.md.",
                retryAfter: 300)
        case .database(let error): of(error)
        }
    }

    static func of(_ error: AccountError) -> Problem {
        switch error {
        case .unknown: .notFound
        case .forbidden(let action): .forbidden(action)
        case .invalid(let input): of(input)
        case .unknownStructure: of(InvalidInput("/structure", "unknown_id", "There is no such structure."))
        case .unknownMediator: of(InvalidInput("/mediator", "unknown_id", "There is no such mediator."))
        case .database(let error): of(error)
        case .refused(let refusal): of(refusal)
        }
    }

    private static func of(_ refusal: AccountError.Refusal) -> Problem {
        let detail =
            switch refusal {
            case .malformed:
                "This is not a token: one begins with relais_ and has 43 characters after that, sent as Authorization: Bearer relais_…."
            case .unknown: "This token is not known here: check it, or ask an administrator for a new one."
            case .expired: "This token has expired: ask an administrator for a new one."
            case .revoked: "This token has been revoked: ask an administrator for a new one."
            }
        let challenge = "Bearer realm=\"relais\", error=\"invalid_token\", error_description=\"\(refusal.rawValue)\""
        return Problem(.unauthenticated, detail, code: refusal.rawValue, headers: [.wwwAuthenticate: challenge])
    }

    static func of(_ error: PostgresError) -> Problem {
        switch error.kind {
        case .unavailable: .unavailable("The database does not answer. Nothing was done.")
        case .timeout: .unavailable("The database took too long. Nothing was done.")
        case .poolExhausted: .unavailable("Too much is being done at once. Nothing was done.", retryAfter: 1)
        case .cancelled, .closed: .unavailable("The server is stopping. Nothing was done.")
        case .commitOutcomeUnknown: Problem(.outcomeUnknown, headers: [.retryAfter: "2"])
        // Two transactions went on getting in each other's way, although the work was begun anew each time.
        case .server where error.isWorthRetrying: .unavailable("Too many want to change this at once. Nothing was done.", retryAfter: 1)
        // 42P01 and 42703: a table or column that this program knows is not there, so the database is older than the program.
        case .server where error.sqlState == "42P01" || error.sqlState == "42703":
            .unavailable("The database is not up to date: an administrator runs `relais migrate up`.", retryAfter: 30)
        // 25006: the server has become read-only (a standby, at a switch-over). 53xxx: it has no room. 57xxx: it is being stopped.
        case .server where error.sqlState == "25006" || error.sqlState?.hasPrefix("53") == true || error.sqlState?.hasPrefix("57") == true:
            .unavailable("The database cannot do this now. Nothing was done.")
        case .server, .rolledBack, .decoding, .encoding: Problem(.internalError)
        }
    }
}
