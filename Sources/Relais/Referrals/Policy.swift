import Foundation
import Matching
import Postgres

/// The weights and limits of the matcher (règle d'orientation), in one of its versions. A version never changes: each referral keeps the one that made it.
public struct Policy: Sendable, Equatable {
    public let version: Int
    /// Offers go to several mediators at once, first to accept; otherwise one after the other.
    public let offersToSeveral: Bool
    let settings: Settings

    struct Settings: Sendable, Equatable, Codable {
        let weights: [String: Double]
        let halfDistance: Double
        let answerWorkingDays: Int
        let refusalsBeforeAttention: Int

        enum CodingKeys: String, CodingKey {
            case weights
            case halfDistance = "half_distance_m"
            case answerWorkingDays = "answer_working_days"
            case refusalsBeforeAttention = "refusals_before_attention"
        }
    }

    var weights: Weights {
        Weights(
            skillFit: settings.weights["skill_fit"] ?? 0, proximity: settings.weights["proximity"] ?? 0,
            balance: settings.weights["balance"] ?? 0,
            halfDistance: settings.halfDistance)
    }
}

extension Policy: RowDecodable {
    public static let columns: SQL = "version, offers_to_several, settings"

    public init(row: borrowing Row) throws(PostgresError) {
        version = try row["version"]
        offersToSeveral = try row["offers_to_several"]
        let settings: JSON<Settings> = try row["settings"]
        self.settings = settings.value
    }
}

extension Session {
    /// The policy in force: the latest version.
    func policy() async throws(Failure) -> Policy? {
        try await first("SELECT \(Policy.columns) FROM policies ORDER BY version DESC LIMIT 1", as: Policy.self)
    }
}
