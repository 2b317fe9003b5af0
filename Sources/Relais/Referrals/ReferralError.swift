import Matching
import Postgres

/// What can go wrong with a referral.
public enum ReferralError: Error, Equatable {
    /// There is none with this id that the caller may see.
    case unknown
    case unknownRequest
    case forbidden(String)
    case invalid(InvalidInput)
    case unknownMediator
    /// The referral is in a state from which the verb does not start. Whoever came second in a race gets this one too.
    case notNow(ReferralLifecycle.Verb, in: Referral.Status)
    /// The request is in a state in which nothing is proposed.
    case requestNotNow(in: Request.Status)
    /// The mediator cannot take this request: every constraint that forbids it.
    case notACandidate([Matching.Candidate.Exclusion])
    case capacityUnset, openLimit, weeklyLimit
    case requestAlreadyProposed, requestAlreadyTaken
    /// The mediator has another appointment at that time.
    case bookedTwice
    case database(PostgresError)
}

extension ReferralError: DatabaseFailure {
    public init(_ error: PostgresError) {
        self =
            switch error.constraint {
            case "mediator_capacity_unset": .capacityUnset
            case "mediator_open_limit": .openLimit
            case "mediator_archived": .unknownMediator
            case "mediator_weekly_limit": .weeklyLimit
            case "referral_proposed_once_per_request": .requestAlreadyProposed
            case "referral_taken_once_per_request": .requestAlreadyTaken
            case "mediator_booked_once": .bookedTwice
            case "appointments_place_id_fkey": .invalid(InvalidInput("/place", "unknown_id", "There is no place with this id."))
            default: .database(error)
            }
    }

    /// The mediator cannot take it: another may.
    var asksForAnother: Bool {
        switch self {
        case .capacityUnset, .openLimit, .weeklyLimit, .notACandidate, .unknownMediator: true
        default: false
        }
    }
}
