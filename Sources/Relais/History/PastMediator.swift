import Foundation
import Postgres

/// A mediator as it was told at some time: with its limits, and without what it held, of which the referrals tell.
public struct PastMediator: Sendable, Equatable {
    public let id: Mediator.ID
    public var details: MediatorDraft
    /// `agreed_open`, `agreed_weekly`, `declared_open`, `declared_weekly` and `valid_until`, null where nothing was said.
    public let limits: JSONValue
    public let record: Record
    public let standing: Standing

    public var version: Int { record.version }

    /// As those see it who may not read the mediator's contact.
    public var withoutContact: PastMediator {
        var seen = self
        seen.details.email = nil
        seen.details.phone = nil
        return seen
    }
}

extension PastMediator: Encodable {
    private enum CodingKeys: String, CodingKey { case id, capacity }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try container.encode(limits, forKey: .capacity)
        try record.encode(to: encoder)
        try standing.encode(to: encoder)
    }
}

extension PastMediator: Historic {
    public static let kind = "mediator"
    public static let table: SQL = "mediators"
    public static let key: (column: SQL, type: SQL) = ("id", "uuid")
    public static let told: SQL = """
        r.*, ARRAY(SELECT jsonb_array_elements_text(v.row -> 'places'))::uuid[] AS places,
        ARRAY(SELECT jsonb_array_elements_text(v.row -> 'skills')) AS skills,
        ARRAY(SELECT jsonb_array_elements_text(v.row -> 'levels'))::int[] AS levels, v.row -> 'capacity' AS limits,
        points_total(quality_points(
            kept, coalesce(jsonb_array_length(v.row -> 'skills'), 0), coalesce(jsonb_array_length(v.row -> 'places'), 0))) AS quality
        """
    public static let derived: SQL = "jsonb_build_object('known_at', coalesce(kept.confirmed_at, kept.created_at))"
    public static let columns: SQL = "id, \(MediatorDraft.columns), limits, \(Record.columns), \(Standing.columns)"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        details = try MediatorDraft(row: row)
        let limits: JSON<JSONValue>? = try row["limits"]
        self.limits = limits?.value ?? .null
        record = try Record(row: row)
        standing = try Standing(row: row)
    }
}

extension Mediator {
    /// Members that only those see who may read a mediator's contact (``seen(by:)``): in its past, too.
    public static let contact: Set<String> = ["email", "phone"]

    /// Whether `caller` may read the contact of the mediator as it is now.
    public func isOpen(to caller: Caller) -> Bool {
        caller.isStaff || caller.mediator == id || (caller.role == .manager && caller.structure == self.structure)
    }
}
