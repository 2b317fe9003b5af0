import Foundation
import Postgres

/// What a structure's own manager changed and staff is to see again, as the policy says.
public struct Review: Sendable, Equatable, Identifiable, Encodable, Versioned {
    public typealias ID = Identifier<Review>

    public let id: ID
    /// `structure` or `place`.
    public let kind: String
    public let subject: UUID
    /// What was changed since staff saw it: `structure.name`; `place` for a place that is new.
    public let members: [String]
    public let changedBy: Token.ID?
    public let changedAt: Date
    public let seenBy: Token.ID?
    public let seenAt: Date?
    public let version: Int

    /// All that a policy may name for ``members``.
    static let known =
        ["place", "place.stops"] + StructureDraft.CodingKeys.allCases.map { "structure.\($0.rawValue)" }
        + PlaceDraft.CodingKeys.allCases.map { "place.\($0.rawValue)" }

    private enum CodingKeys: String, CodingKey {
        case id, kind, subject, members
        case changedBy = "changed_by"
        case changedAt = "changed_at"
        case seenBy = "seen_by"
        case seenAt = "seen_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(id, forKey: .id)
        try out.encode(kind, forKey: .kind)
        try out.encode(Place.ID(subject), forKey: .subject)
        try out.encode(members, forKey: .members)
        try out.encode(changedBy, forKey: .changedBy)
        try out.encode(changedAt, forKey: .changedAt)
        try out.encode(seenBy, forKey: .seenBy)
        try out.encode(seenAt, forKey: .seenAt)
    }
}

extension Review: RowDecodable {
    public static let columns: SQL = "id, kind, subject, members, changed_by, changed_at, seen_by, seen_at, version"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        kind = try row["kind"]
        subject = try row["subject"]
        members = try row["members"]
        changedBy = try row["changed_by"]
        changedAt = try row["changed_at"]
        seenBy = try row["seen_by"]
        seenAt = try row["seen_at"]
        version = try row["version"]
    }
}

/// Where staff sees again what managers changed.
public struct ReviewDesk: Sendable {
    let generators: Generators

    public init(_ generators: Generators) { self.generators = generators }

    /// Staff has seen it. Once seen it stays seen, and nothing happens.
    public func see(
        _ id: Review.ID, if precondition: Precondition, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> Review {
        guard caller.reach(for: .supervise) != nil else { throw .forbidden(member: nil) }
        guard let current = try await tx.first("SELECT \(Review.columns) FROM reviews WHERE id = \(id) FOR UPDATE", as: Review.self)
        else { throw .unknown }
        if current.seenAt != nil { return current }
        // What a manager changed meanwhile has not been seen.
        guard precondition.holds(for: current.version) else { throw .changedSince }
        let now = generators.now()
        let seen = try await tx.inserted(
            """
            UPDATE reviews SET seen_at = \(now), seen_by = \(caller.token), version = version + 1 WHERE id = \(id) RETURNING \(Review.columns)
            """, as: Review.self)
        try await tx.publish(Event("review.seen", id), by: caller, at: now)
        return seen
    }
}

extension Database {
    /// What waits to be seen, or what was seen; oldest first.
    public func reviews(seen: Bool = false, _ paging: Paging = Paging()) async throws(PostgresError) -> Page<Review> {
        let conditions: [SQL] = [seen ? "seen_at IS NOT NULL" : "seen_at IS NULL"] + .after(paging, of: Review.self)
        let found = try await query(
            "SELECT \(Review.columns) FROM reviews WHERE \(.all(conditions)) ORDER BY id LIMIT \(paging.limit + 1)", as: Review.self)
        return Page(found, paging) { [$0.id.description] }
    }

    public func review(_ id: Review.ID) async throws(PostgresError) -> Review? {
        try await first("SELECT \(Review.columns) FROM reviews WHERE id = \(id)", as: Review.self)
    }
}

extension Session where Failure == RegistryError {
    /// Has staff see again what a manager changed, as far as the policy in force names it.
    ///
    /// - Parameter members: As the policy writes them: `place.address`.
    func askReview<Entity>(
        _ kind: String, _ subject: Identifier<Entity>, of members: [String], as id: UUID, by caller: Caller, at now: Date
    ) async throws(RegistryError) {
        guard caller.role == .manager else { return }
        try await execute(
            """
            INSERT INTO reviews AS r (id, kind, subject, members, changed_by, changed_at)
            SELECT \(id), \(kind), \(subject), named, \(caller.token), \(now)
              FROM (SELECT ARRAY(SELECT unnest(review_members) INTERSECT SELECT unnest(\(members)) ORDER BY 1) AS named
                      FROM policies ORDER BY version DESC LIMIT 1) p
             WHERE named <> '{}'
            ON CONFLICT (kind, subject) WHERE seen_at IS NULL DO UPDATE
               SET members = ARRAY(SELECT unnest(r.members) UNION SELECT unnest(excluded.members) ORDER BY 1),
                   changed_by = excluded.changed_by, changed_at = excluded.changed_at, version = r.version + 1
            """)
    }
}
