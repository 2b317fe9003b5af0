import Postgres

/// Why somebody is not let in, or a token not made.
public enum AccountError: Error, Equatable {
    /// There is no such token.
    case unknown(Token.ID)
    /// What was shown is not a token that opens anything.
    case refused(Refusal)
    case forbidden(Action)
    case invalid(InvalidInput)
    /// The structure that a token should be bound to is not there.
    case unknownStructure
    /// The mediator that a token should be bound to is not there.
    case unknownMediator
    case database(PostgresError)

    public enum Refusal: String, Sendable, CaseIterable {
        /// It does not look like a token.
        case malformed
        /// It looks like one, and is none of ours.
        case unknown
        case expired, revoked
    }
}

extension AccountError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self =
            switch error.constraint {
            case "tokens_structure_id_fkey": .unknownStructure
            case "tokens_mediator_id_fkey": .unknownMediator
            default: .database(error)
            }
    }
}
