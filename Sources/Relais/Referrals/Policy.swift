import Foundation
import Matching
import Postgres

/// The weights, limits and delays that the network works by (règle d'orientation), in one of their versions. A version never changes: each referral
/// keeps the one that made it.
@dynamicMemberLookup
public struct Policy: Sendable, Equatable {
    /// The latest is the one in force.
    public let version: Int
    public let details: PolicyDraft
    public let madeAt: Date
    /// Who made it; `nil` for what came with the program or was written past it.
    public let by: HistoryEntry.Author?

    public subscript<Value>(dynamicMember member: KeyPath<PolicyDraft, Value>) -> Value { details[keyPath: member] }
}

/// What a policy says.
public struct PolicyDraft: Sendable, Equatable, Encodable {
    /// Offers go to several mediators at once, first to accept; otherwise one after the other.
    public var offersToSeveral: Bool
    public var weights: Weights
    /// At this distance, in metres, nearness counts half.
    public var halfDistance: Double
    /// How many working days somebody has to answer a proposal.
    public var answerWorkingDays: Int
    /// After how many declined or expired proposals a request is marked for staff's attention.
    public var refusalsBeforeAttention: Int
    /// How many days an entry of the registry counts as right after somebody said so.
    public var staleAfterDays: Int
    /// What staff sees again when a structure's manager changes it: ``Review/members``.
    public var reviewMembers: [String]

    /// How much each part of a candidate's score counts. Only their proportions matter.
    public struct Weights: Sendable, Equatable, Codable {
        public var skillFit: Double
        public var proximity: Double
        public var balance: Double

        private enum CodingKeys: String, CodingKey {
            case skillFit = "skill_fit"
            case proximity, balance
        }
    }

    private enum CodingKeys: String, CodingKey {
        case offersToSeveral = "offers_to_several"
        case weights
        case halfDistance = "half_distance_m"
        case answerWorkingDays = "answer_working_days"
        case refusalsBeforeAttention = "refusals_before_attention"
        case staleAfterDays = "stale_after_days"
        case reviewMembers = "review_members"
    }
}

extension Policy {
    /// As the matcher takes them.
    var weights: Matching.Weights {
        Weights(
            skillFit: details.weights.skillFit, proximity: details.weights.proximity, balance: details.weights.balance,
            halfDistance: details.halfDistance)
    }
}

extension PolicyDraft {
    /// Reads a policy as the API takes it: whole, after a patch was merged into the one in force.
    ///
    /// - Parameter was: The one in force. A name of a member that it has already is not asked again to be known.
    init(reading json: JSONValue, was: PolicyDraft) throws(InvalidInput) {
        let problems = InputProblems()
        var object = InputObject(json, problems: problems)
        let offersToSeveral = object.flag("offers_to_several") ?? false
        let weights = Self.weights(&object)
        let halfDistance = object.number("half_distance_m", in: 100...200_000, required: true)
        let answerWorkingDays = object.integer("answer_working_days", in: 1...30, required: true)
        let refusals = object.integer("refusals_before_attention", in: 1...20, required: true)
        let staleAfterDays = object.integer("stale_after_days", in: 1...3660, required: true)
        let members = object.codes("review_members", of: Review.known + was.reviewMembers) ?? []
        object.finish()
        try problems.throwIfAny()
        // Without one of them, a problem was noted and thrown.
        guard let weights, let halfDistance, let answerWorkingDays, let refusals, let staleAfterDays else {
            throw InvalidInput("", "required", "Something is missing.")
        }
        self.init(
            offersToSeveral: offersToSeveral, weights: weights, halfDistance: halfDistance, answerWorkingDays: answerWorkingDays,
            refusalsBeforeAttention: refusals, staleAfterDays: staleAfterDays, reviewMembers: members.sorted())
    }

    private static func weights(_ object: inout InputObject) -> Weights? {
        guard var weights = object.object("weights", required: true) else { return nil }
        let skillFit = weights.number("skill_fit", in: 0...100, required: true)
        let proximity = weights.number("proximity", in: 0...100, required: true)
        let balance = weights.number("balance", in: 0...100, required: true)
        weights.finish()
        guard let skillFit, let proximity, let balance else { return nil }
        if skillFit + proximity + balance == 0 {
            object.note("weights", "range", "One of them at least must be more than 0: with none, every candidate is as good.")
        }
        return Weights(skillFit: skillFit, proximity: proximity, balance: balance)
    }
}

extension Policy: Versioned {}

extension Policy: Encodable {
    private enum CodingKeys: String, CodingKey {
        case version
        case madeAt = "created_at"
        case by = "created_by"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try details.encode(to: encoder)
        try container.encode(madeAt, forKey: .madeAt)
        try container.encode(by, forKey: .by)
    }
}

extension Policy: RowDecodable {
    public static let columns: SQL = """
        version, offers_to_several, settings, stale_after_days, review_members, created_at, created_by, created_as
        """

    public init(row: borrowing Row) throws(PostgresError) {
        version = try row["version"]
        let settings: JSON<Settings> = try row["settings"]
        details = PolicyDraft(
            offersToSeveral: try row["offers_to_several"], weights: settings.value.weights, halfDistance: settings.value.halfDistance,
            answerWorkingDays: settings.value.answerWorkingDays, refusalsBeforeAttention: settings.value.refusalsBeforeAttention,
            staleAfterDays: try row["stale_after_days"], reviewMembers: try row["review_members"])
        madeAt = try row["created_at"]
        let role: Caller.Role? = try row["created_as"]
        let token: Token.ID? = try row["created_by"]
        by = role.map { HistoryEntry.Author(role: $0, token: token) }
    }

    /// What only the program reads of a policy: the rest has columns of its own, which SQL looks at.
    struct Settings: Sendable, Codable {
        let weights: PolicyDraft.Weights
        let halfDistance: Double
        let answerWorkingDays: Int
        let refusalsBeforeAttention: Int

        private enum CodingKeys: String, CodingKey {
            case weights
            case halfDistance = "half_distance_m"
            case answerWorkingDays = "answer_working_days"
            case refusalsBeforeAttention = "refusals_before_attention"
        }

        init(_ draft: PolicyDraft) {
            weights = draft.weights
            halfDistance = draft.halfDistance
            answerWorkingDays = draft.answerWorkingDays
            refusalsBeforeAttention = draft.refusalsBeforeAttention
        }
    }
}
