import Postgres

/// The life of a referral as data: states, transitions, who makes each, what each needs. Code, `GET /referral-states`, documentation, the `actions` of
/// a referral and the tests read this table (`domain.md`, "Life of a referral").
public enum ReferralLifecycle {
    /// Where a referral is.
    public enum Status: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case proposed, accepted, scheduled
        case declined, expired, withdrawn, completed
        case noShow = "no_show"
        case cancelled

        /// Holds the mediator's capacity.
        public var isOpen: Bool { self == .proposed || self == .accepted || self == .scheduled }
        /// The mediator has taken the request.
        public var isTaken: Bool { self == .accepted || self == .scheduled }
    }

    public enum Verb: String, Sendable, CaseIterable, Codable {
        case accept, decline, withdraw, expire
        case schedule, reschedule, unschedule
        case complete
        case noShow = "no_show"
        case cancel
        case handOver = "hand_over"

        /// What has happened, as the event says it: `referral.accepted`.
        public var past: String {
            switch self {
            case .accept: "accepted"
            case .decline: "declined"
            case .withdraw: "withdrawn"
            case .expire: "expired"
            case .schedule: "scheduled"
            case .reschedule: "rescheduled"
            case .unschedule: "unscheduled"
            case .complete: "completed"
            case .noShow: "no_show"
            case .cancel, .handOver: "cancelled"
            }
        }

        /// Where somebody does it by `POST` to the referral with this id: `/api/v1/referrals/…/no-show`.
        public func address(of id: String) -> String { "/api/v1/referrals/\(id)/\(rawValue.replacing("_", with: "-"))" }
    }

    public struct Transition: Sendable, Equatable {
        public let from: [Status]
        public let verb: Verb
        public let to: Status
        /// The permission that it takes; `nil`: the program alone does it.
        public let action: Action?
        /// Members that the verb's body must have.
        public let needs: [String]
        /// What happens to the request in the same transaction; a second no-show makes it `missed` instead.
        public let request: RequestLifecycle.Verb?

        init(
            _ from: [Status], _ verb: Verb, _ to: Status, _ action: Action?, needs: [String] = [], request: RequestLifecycle.Verb? = nil
        ) {
            self.from = from
            self.verb = verb
            self.to = to
            self.action = action
            self.needs = needs
            self.request = request
        }
    }

    public static let transitions: [Transition] = [
        Transition([.proposed], .accept, .accepted, .answerReferral, request: .accepted),
        Transition([.proposed], .decline, .declined, .answerReferral, needs: ["reason"], request: .refused),
        Transition([.proposed], .withdraw, .withdrawn, .withdraw, request: .refused),
        Transition([.proposed], .expire, .expired, nil, request: .refused),
        Transition([.accepted], .schedule, .scheduled, .answerReferral, needs: ["start", "end"]),
        Transition([.scheduled], .reschedule, .scheduled, .answerReferral, needs: ["start", "end"]),
        Transition([.scheduled], .unschedule, .accepted, .answerReferral),
        Transition([.accepted, .scheduled], .complete, .completed, .answerReferral, needs: ["outcome"], request: .completed),
        Transition([.accepted, .scheduled], .noShow, .noShow, .answerReferral, request: .returned),
        Transition([.accepted, .scheduled], .cancel, .cancelled, .answerReferral, needs: ["reason"], request: .returned),
        // Cancelled, and proposed to the other in the same transaction.
        Transition([.accepted, .scheduled], .handOver, .cancelled, .handOver, needs: ["mediator"], request: .returned),
    ]

    /// The transition that `verb` makes. Every verb has exactly one, which a test holds.
    public static func transition(of verb: Verb) -> Transition {
        guard let transition = transitions.first(where: { $0.verb == verb }) else { preconditionFailure("no transition for \(verb)") }
        return transition
    }

    /// What happens to the request when `verb` is done to its referral, or, of a proposal that was not taken, when nobody else is asked.
    static func requestVerb(after verb: Verb) -> RequestLifecycle.Verb {
        guard let then = transition(of: verb).request else { preconditionFailure("\(verb) leaves the request as it is") }
        return then
    }

    /// Why a mediator declines: a closed list, with free text beside it.
    public enum DeclineReason: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case full, absent
        case wrongSkill = "wrong_skill"
        case tooFar = "too_far"
        case notOurPublic = "not_our_public"
        case duplicate
        case personUnreachable = "person_unreachable"
        case other
    }

    /// What became of a request that was taken.
    public enum Outcome: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case resolved
        case partlyResolved = "partly_resolved"
        case redirected
        case noShow = "no_show"
        case abandoned, unreachable
    }
}
