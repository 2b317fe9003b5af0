import Foundation
import Postgres

/// An entry of the registry that may be the structure, or one of its places, that is applied for or is to be made, and why.
public struct LikelyDuplicate: Sendable, Equatable, Encodable {
    public let kind: String
    public let id: UUID
    public let name: String
    /// `siret`, `name`: the same number; a name written much like it (of a place: in the same commune).
    public let reasons: [String]

    /// Two structures cannot have one SIRET, so this one is the same, or one of the two numbers is wrong.
    public var hasSameSiret: Bool { reasons.contains("siret") }

    private enum CodingKeys: String, CodingKey { case kind, id, name, reasons }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: CodingKeys.self)
        try out.encode(kind, forKey: .kind)
        try out.encode(Structure.ID(id), forKey: .id)
        try out.encode(name, forKey: .name)
        try out.encode(reasons, forKey: .reasons)
    }
}

extension LikelyDuplicate: RowDecodable {
    public static let columns: SQL = "kind, id, name, reasons"

    public init(row: borrowing Row) throws(PostgresError) {
        kind = try row["kind"]
        id = try row["id"]
        name = try row["name"]
        reasons = try row["reasons"]
    }
}

extension SQL {
    /// The structures that may be the one of the row `asked`, which has its `siret`, and its name's key as the first of its `keys`; one row a reason.
    ///
    /// - Parameter alike: How like the names are at least, from 0 to 1.
    static func likelyStructures(alike: Double) -> SQL {
        """
        SELECT 'structure' AS kind, s.id, s.name, 'siret' AS reason FROM asked, structures s
         WHERE s.siret = asked.siret AND s.archived_at IS NULL
        UNION ALL
        SELECT 'structure', s.id, s.name, 'name' FROM asked, structures s
         WHERE search_key(s.name) % asked.keys[1] AND similarity(search_key(s.name), asked.keys[1]) >= \(alike) AND s.archived_at IS NULL
        """
    }

    /// What the table `found` has, one row an entry with all its reasons: those of the same SIRET first.
    static func likelyDuplicates(but known: Structure.ID? = nil, limit: Int) -> SQL {
        """
        SELECT kind, id, name, array_agg(DISTINCT reason ORDER BY reason DESC) AS reasons FROM found
         WHERE id IS DISTINCT FROM \(known) GROUP BY kind, id, name
         ORDER BY bool_or(reason = 'siret') DESC, kind DESC, id LIMIT \(limit)
        """
    }
}

extension Session where Failure == RegistryError {
    /// The structures that a new one may be: ten at most, those of the same SIRET first.
    ///
    /// Staff is shown more for an application (0.5), but here somebody is refused: names of one kind, as of two town halls, must pass.
    func likelyDuplicates(of draft: StructureDraft) async throws(RegistryError) -> [LikelyDuplicate] {
        try await query(
            """
            WITH asked AS (SELECT \(draft.siret)::text AS siret, ARRAY[search_key(\(draft.name))] AS keys),
            found AS (
                \(.likelyStructures(alike: 0.75)))
            \(.likelyDuplicates(limit: 10))
            """, as: LikelyDuplicate.self)
    }
}
