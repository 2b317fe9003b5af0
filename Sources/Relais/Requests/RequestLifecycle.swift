import Postgres

/// The life of a request as data: states, transitions, who makes each, what each needs. Code, `GET /request-states`, documentation, the `actions` of
/// a request and the tests read this table (`domain.md`, "Life of a request").
public enum RequestLifecycle {
    /// Where a request is.
    public enum Status: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case received, qualified, waiting, referred
        case inProgress = "in_progress"
        case closed, unserved, cancelled

        /// Nothing more will come, unless it is reopened.
        public var isOver: Bool { self == .closed || self == .unserved || self == .cancelled }
    }

    /// What moves a request. Those after `reopen` follow from what happens to its referrals, or to the network.
    public enum Verb: String, Sendable, CaseIterable, Codable {
        case qualify, propose, park
        case giveUp = "give_up"
        case cancel, reopen
        /// A referral was declined, expired or withdrawn, and nobody is asked next.
        case refused
        case accepted, completed
        /// The referral was cancelled, or the person missed a first appointment.
        case returned
        /// The person missed a second appointment.
        case missed
        case noCandidate = "no_candidate"
        case candidateFound = "candidate_found"

        /// What has happened, as the event says it: `request.qualified`.
        public var past: String {
            switch self {
            case .qualify: "qualified"
            case .propose: "referred"
            case .park: "parked"
            case .giveUp: "given_up"
            case .cancel: "cancelled"
            case .reopen: "reopened"
            case .refused, .accepted, .completed, .returned, .missed, .noCandidate, .candidateFound: rawValue
            }
        }

        /// Where somebody does it by `POST` to the request with this id: `/api/v1/requests/…/give-up`.
        public func address(of id: String) -> String {
            "/api/v1/requests/\(id)/\(self == .propose ? "referrals" : rawValue.replacing("_", with: "-"))"
        }
    }

    public struct Transition: Sendable, Equatable {
        public let from: [Status]
        public let verb: Verb
        public let to: Status
        /// The permission that it takes; `nil`: it follows from something else.
        public let action: Action?
        /// Members that the verb's body must have.
        public let needs: [String]

        init(_ from: [Status], _ verb: Verb, _ to: Status, _ action: Action? = nil, needs: [String] = []) {
            self.from = from
            self.verb = verb
            self.to = to
            self.action = action
            self.needs = needs
        }
    }

    public static let transitions: [Transition] = [
        Transition([.received], .qualify, .qualified, .qualifyRequest),
        Transition([.qualified, .waiting], .propose, .referred, .propose, needs: ["mediator"]),
        Transition([.qualified, .waiting], .park, .waiting, .qualifyRequest, needs: ["until"]),
        Transition([.received, .qualified, .waiting], .giveUp, .unserved, .qualifyRequest, needs: ["reason"]),
        Transition([.received, .qualified, .waiting, .referred, .inProgress], .cancel, .cancelled, .cancelRequest),
        Transition([.closed, .unserved, .cancelled], .reopen, .qualified, .qualifyRequest, needs: ["reason"]),
        Transition([.referred], .refused, .qualified),
        Transition([.referred], .accepted, .inProgress),
        Transition([.inProgress], .completed, .closed),
        Transition([.inProgress], .returned, .qualified),
        Transition([.inProgress], .missed, .closed),
        Transition([.qualified], .noCandidate, .waiting),
        Transition([.waiting], .candidateFound, .qualified),
    ]

    /// The transition that `verb` makes. Every verb has exactly one, which a test holds.
    public static func transition(of verb: Verb) -> Transition {
        guard let transition = transitions.first(where: { $0.verb == verb }) else { preconditionFailure("no transition for \(verb)") }
        return transition
    }

    /// Days within which a request that is over may be reopened.
    public static let reopenWithinDays = 30
}
