import Foundation
import Postgres

/// How many referrals a mediator may hold at once and be proposed in an ISO week, and how much of that is taken.
public struct Capacity: Sendable, Equatable {
    /// Validated by a coordinator; `nil`: never, and the mediator is then no candidate.
    public let agreedOpen: Int?
    public let agreedWeekly: Int?
    /// The partner's own word.
    public let declaredOpen: Int?
    public let declaredWeekly: Int?
    /// When the partner said so, and by which token.
    public let statedAt: Date?
    public let statedBy: Token.ID?
    /// Until when its word holds; afterwards the agreed capacity counts.
    public let validUntil: Date?
    /// Referrals that are open now.
    public let held: Int
    /// Proposals that count in the present ISO week (Europe/Paris).
    public let proposedThisWeek: Int
    /// How many more may be opened now, by the limits in force; `nil` when none was ever agreed.
    public let left: Int?

    /// How long a declaration holds when it does not say until when.
    public static let validity: TimeInterval = 30 * 86_400
}

extension Capacity: Encodable {
    private enum CodingKeys: String, CodingKey {
        case agreedOpen = "agreed_open"
        case agreedWeekly = "agreed_weekly"
        case declaredOpen = "declared_open"
        case declaredWeekly = "declared_weekly"
        case statedAt = "stated_at"
        case statedBy = "stated_by"
        case validUntil = "valid_until"
        case held
        case proposedThisWeek = "proposed_this_week"
        case left
    }

    /// All members are always there, null where nothing was said: that a limit is unset is an answer.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(agreedOpen, forKey: .agreedOpen)
        try container.encode(agreedWeekly, forKey: .agreedWeekly)
        try container.encode(declaredOpen, forKey: .declaredOpen)
        try container.encode(declaredWeekly, forKey: .declaredWeekly)
        try container.encode(statedAt, forKey: .statedAt)
        try container.encode(statedBy, forKey: .statedBy)
        try container.encode(validUntil, forKey: .validUntil)
        try container.encode(held, forKey: .held)
        try container.encode(proposedThisWeek, forKey: .proposedThisWeek)
        try container.encode(left, forKey: .left)
    }
}

extension Capacity: RowDecodable {
    /// To be read from ``SQL/mediators(at:)``.
    public static let columns: SQL = """
        agreed_open, agreed_weekly, declared_open, declared_weekly, stated_at, stated_by, valid_until, held, proposed_this_week, left_now
        """

    public init(row: borrowing Row) throws(PostgresError) {
        agreedOpen = try row["agreed_open"]
        agreedWeekly = try row["agreed_weekly"]
        declaredOpen = try row["declared_open"]
        declaredWeekly = try row["declared_weekly"]
        statedAt = try row["stated_at"]
        statedBy = try row["stated_by"]
        validUntil = try row["valid_until"]
        held = try row["held"]
        proposedThisWeek = try row["proposed_this_week"]
        left = try row["left_now"]
    }
}
