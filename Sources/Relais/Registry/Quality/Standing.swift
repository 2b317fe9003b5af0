import Foundation
import Postgres

/// How far an entry of the registry can be relied on: who said last that it is right, and how much it says.
public struct Standing: Sendable, Equatable {
    public let confirmedAt: Date?
    /// The token by which it was confirmed; `nil` when the program itself did.
    public let confirmedBy: Token.ID?
    /// What who confirmed it is in the network.
    public let confirmedAs: Caller.Role?
    /// From then on the entry counts as stale. (An instant and not a flag, so that what was read stays true while it is kept.)
    public let staleFrom: Date
    /// When the entry was last known to be right: what the order by freshness goes by.
    public let knownAt: Date
    /// From 0 to 100; its parts are told by ``Quality``.
    public let quality: Int
}

extension Standing: RowDecodable {
    /// To be read from `places`, `structures` or ``SQL/mediators(at:)``.
    public static let columns: SQL = "confirmed_at, confirmed_by, confirmed_as, \(SQL.staleFrom) AS stale_from, known_at, quality"

    public init(row: borrowing Row) throws(PostgresError) {
        confirmedAt = try row["confirmed_at"]
        confirmedBy = try row["confirmed_by"]
        confirmedAs = try row["confirmed_as"]
        staleFrom = try row["stale_from"]
        knownAt = try row["known_at"]
        quality = try row["quality"]
    }
}

extension Standing: Encodable {
    private enum CodingKeys: String, CodingKey {
        case confirmedAt = "confirmed_at"
        case confirmedBy = "confirmed_by"
        case confirmedAs = "confirmed_as"
        case staleFrom = "stale_from"
        case quality
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(confirmedAt, forKey: .confirmedAt)
        try container.encode(confirmedBy, forKey: .confirmedBy)
        try container.encode(confirmedAs, forKey: .confirmedAs)
        try container.encode(staleFrom, forKey: .staleFrom)
        try container.encode(quality, forKey: .quality)
    }
}

extension SQL {
    /// How long an entry is taken to be right, by the policy in force; uncorrelated, so it is looked up once a statement.
    private static let stalePeriod: SQL = "(SELECT stale_after_days FROM policies ORDER BY version DESC LIMIT 1) * interval '24 hours'"

    /// The instant from which a row is stale.
    static let staleFrom: SQL = "known_at + \(stalePeriod)"

    /// The condition that a row is stale at `now`, or is not; one that the indexes by `known_at` serve.
    static func stale(_ isStale: Bool, at now: Date) -> SQL {
        isStale ? "known_at <= \(now) - \(stalePeriod)" : "known_at > \(now) - \(stalePeriod)"
    }

    /// What an UPDATE sets beside the change itself, when the change is made by the entry's own people: who changes it has looked at it.
    static func confirmation(by caller: Caller?, at now: Date) -> SQL {
        guard let caller, caller.speaksForItsOwn else { return "" }
        return ", confirmed_at = \(now), confirmed_by = \(caller.token), confirmed_as = \(caller.role)"
    }
}

extension Caller {
    /// Belongs to those whom the entries that it may change speak of: a structure's manager, a mediator. Staff, tools and imports do not.
    public var speaksForItsOwn: Bool { role == .manager || role == .mediator }
}
