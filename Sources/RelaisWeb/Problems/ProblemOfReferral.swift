import Matching
import Relais

extension Problem {
    static func of(_ error: RequestError) -> Problem {
        switch error {
        case .unknown: .notFound
        case .forbidden(let detail): Problem(.forbidden, detail)
        case .invalid(let input): of(input)
        case .notNow(let verb, let status):
            Problem(
                .conflict, "The request is \(status.rawValue), from which \(verb.rawValue) does not start.", code: "not_now",
                members: ["state": .string(status.rawValue)])
        case .endedLongAgo:
            Problem(
                .conflict, "The request ended more than \(RequestLifecycle.reopenWithinDays) days ago: file a new one.",
                code: "ended_long_ago")
        case .changedSince: Problem(.preconditionFailed)
        case .database(let error): of(error)
        }
    }

    static func of(_ error: ReferralError) -> Problem {
        switch error {
        case .unknown, .unknownRequest: .notFound
        case .unknownMediator: of(InvalidInput("/mediator", "unknown_id", "There is no mediator with this id, or it is archived."))
        case .forbidden(let detail): Problem(.forbidden, detail)
        case .invalid(let input): of(input)
        case .notNow(let verb, let status):
            Problem(
                .conflict, "The referral is \(status.rawValue), from which \(verb.rawValue) does not start.", code: "not_now",
                members: ["state": .string(status.rawValue)])
        case .requestNotNow(let status):
            Problem(
                .conflict, "The request is \(status.rawValue): nothing is proposed from there.", code: "not_now",
                members: ["state": .string(status.rawValue)])
        case .notACandidate(let exclusions):
            Problem(
                .conflict, "The mediator cannot take this request: \(exclusions.map(\.constraint).joined(separator: ", ")).",
                code: exclusions.contains { $0.constraint == "capacity" } ? "capacity" : "not_a_candidate",
                members: ["excluded_by": .array(exclusions.map { JSONValue(representing: $0) })])
        case .capacityUnset: capacity("No capacity was ever agreed for this mediator: a coordinator sets it first.", "unset")
        case .openLimit: capacity("The mediator holds all the referrals that may be open at once.", "open")
        case .weeklyLimit: capacity("The mediator was proposed all that this week may bring.", "week")
        case .requestAlreadyProposed:
            Problem(.conflict, "The request is already proposed to somebody, who has not answered yet.", code: "proposed")
        case .requestAlreadyTaken: Problem(.conflict, "Another mediator has already taken the request.", code: "taken")
        case .bookedTwice: Problem(.conflict, "The mediator has another appointment at that time.", code: "booked_twice")
        case .database(let error): of(error)
        }
    }

    private static func capacity(_ detail: String, _ value: String) -> Problem {
        Problem(
            .conflict, detail, code: "capacity",
            members: ["excluded_by": .array([.object(["constraint": .string("capacity"), "value": .string(value)])])])
    }
}
