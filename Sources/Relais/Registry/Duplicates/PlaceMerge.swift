import Foundation
import Postgres

/// That two places were found to be one: which was kept, and what moved to it.
public struct PlaceMerge: Sendable, Encodable {
    public typealias ID = Identifier<PlaceMerge>

    public let id: ID
    public let survivor: Place.ID
    /// Archived since; its id answers the survivor.
    public let loser: Place.ID
    public let mergedAt: Date
    /// How many references moved, by what they are of: `mediator_places`, `referrals`, `appointments`…
    public let moved: [String: Int]

    private enum CodingKeys: String, CodingKey {
        case id, survivor, loser
        case mergedAt = "merged_at"
        case moved
    }
}

extension PlaceMerge: RowDecodable {
    public static let columns: SQL = """
        id, survivor_id, loser_id, merged_at, coalesce((
            SELECT jsonb_object_agg(relation, count) FROM (
                SELECT relation, count(*) FROM place_merge_moves WHERE merge_id = place_merges.id GROUP BY relation) AS counts), '{}') AS moved
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        survivor = try row["survivor_id"]
        loser = try row["loser_id"]
        mergedAt = try row["merged_at"]
        let moved: JSON<[String: Int]> = try row["moved"]
        self.moved = moved.value
    }
}
