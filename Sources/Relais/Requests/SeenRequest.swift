import Foundation
import Postgres

/// A request as one caller may see it: who the person is, only to those who may know; where exactly, not to a partner before it has accepted.
public struct SeenRequest: Sendable, Encodable, Versioned {
    public let request: Request
    /// Only to staff, to the prescriber who filed it, and to the mediator who has accepted it.
    public let person: Person?
    public let actions: [Deed]
    let seesLocation: Bool
    /// What staff notes for itself: who comes next, why it is pressing, what went wrong before.
    let seesNotes: Bool
    public var version: Int { request.version }

    /// What the caller may do now, where, and until when.
    public struct Deed: Sendable, Equatable, Encodable {
        public let verb: String
        /// The address to `POST` to.
        public let href: String
        public let until: Date?
    }

    /// - Parameter person: Already judged: `nil` when the caller may not know.
    init(_ request: Request, to caller: Caller, at now: Date, person: Person? = nil, seesLocation: Bool, seesNotes: Bool? = nil) {
        self.request = request
        self.person = person
        self.seesLocation = seesLocation
        self.seesNotes = seesNotes ?? caller.isStaff
        actions = RequestLifecycle.transitions.compactMap { transition in
            guard let action = transition.action, transition.from.contains(request.status), caller.may(action, of: request.prescriber),
                transition.verb != .qualify || !request.needs.isEmpty
            else { return nil }
            let until =
                transition.verb == .reopen ? request.endedAt?.addingTimeInterval(Double(RequestLifecycle.reopenWithinDays) * 86400) : nil
            if let until, until < now { return nil }
            return Deed(verb: transition.verb.rawValue, href: transition.verb.address(of: request.id.description), until: until)
        }
    }

    /// The request as the one who may change it sees it: what a merge patch is applied to.
    public init(whole request: Request, to caller: Caller, at now: Date) {
        self.init(request, to: caller, at: now, seesLocation: true, seesNotes: true)
    }

    /// What the program keeps itself, and no change may touch.
    public static let readOnlyMembers: Set<String> = Set(
        [
            CodingKeys.id, .status, .needsAttention, .nextMediators, .refusals, .noShows, .returnedAt, .retryAt, .outcome, .createdAt,
            .updatedAt,
            .endedAt, .person,
            .actions,
        ].map(\.rawValue))

    enum CodingKeys: String, CodingKey {
        case id, status
        case askedBy = "asked_by"
        case objective, objectives, needs
        case groupSize = "group_size"
        case wishedDates = "wished_dates"
        case commune, location, modes
        case reach = "reach_m"
        case languages, publics
        case specialCare = "special_care"
        case freeOnly = "free_only"
        case ageBand = "age_band"
        case earliest, deadline, times, priority
        case priorityReason = "priority_reason"
        case prescriber
        case needsAttention = "needs_attention"
        case nextMediators = "next_mediators"
        case refusals
        case noShows = "no_shows"
        case returnedAt = "returned_at"
        case retryAt = "retry_at"
        case outcome
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case endedAt = "ended_at"
        case person, actions
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(request.id, forKey: .id)
        try out.encode(request.status, forKey: .status)
        try out.encode(request.askedBy, forKey: .askedBy)
        try out.encode(request.objective, forKey: .objective)
        try out.encodeIfPresent(request.objectives, forKey: .objectives)
        try out.encode(request.needs, forKey: .needs)
        try out.encodeIfPresent(request.groupSize, forKey: .groupSize)
        try out.encode(request.wishedDates, forKey: .wishedDates)
        try out.encodeIfPresent(request.commune, forKey: .commune)
        if seesLocation { try out.encodeIfPresent(request.location, forKey: .location) }
        try out.encode(request.modes, forKey: .modes)
        try out.encode(request.reach, forKey: .reach)
        try out.encode(request.languages, forKey: .languages)
        try out.encode(request.publics, forKey: .publics)
        try out.encode(request.specialCare, forKey: .specialCare)
        try out.encode(request.freeOnly, forKey: .freeOnly)
        try out.encodeIfPresent(request.ageBand, forKey: .ageBand)
        try out.encodeIfPresent(request.earliest, forKey: .earliest)
        try out.encodeIfPresent(request.deadline, forKey: .deadline)
        try out.encode(request.times, forKey: .times)
        try out.encode(request.priority, forKey: .priority)
        if seesNotes { try out.encodeIfPresent(request.priorityReason, forKey: .priorityReason) }
        try out.encodeIfPresent(request.prescriber, forKey: .prescriber)
        if seesNotes {
            try out.encodeIfPresent(request.needsAttention, forKey: .needsAttention)
            try out.encode(request.nextMediators, forKey: .nextMediators)
            try out.encode(request.refusals, forKey: .refusals)
            try out.encode(request.noShows, forKey: .noShows)
            try out.encodeIfPresent(request.returnedAt, forKey: .returnedAt)
        }
        try out.encodeIfPresent(request.retryAt, forKey: .retryAt)
        try out.encodeIfPresent(request.outcome, forKey: .outcome)
        try out.encode(request.createdAt, forKey: .createdAt)
        try out.encode(request.updatedAt, forKey: .updatedAt)
        try out.encodeIfPresent(request.endedAt, forKey: .endedAt)
        try out.encodeIfPresent(person, forKey: .person)
        try out.encode(actions, forKey: .actions)
    }
}
