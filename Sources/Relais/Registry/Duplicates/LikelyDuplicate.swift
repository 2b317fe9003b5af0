import Foundation
import Postgres

/// An entry of the registry that may be the structure, or one of its places, that is applied for or is to be made, and why.
public struct LikelyDuplicate: Sendable, Equatable, Encodable {
    public let kind: String
    public let id: UUID
    public let name: String
    /// `siret`, `rna`, `name`: the same number; a name written much like it. Of a place also what else speaks for it, as ``Likeness/Kind`` calls it.
    public let reasons: [String]

    /// Two structures cannot have one SIRET, so this one is the same, or one of the two numbers is wrong.
    public var hasSameSiret: Bool { reasons.contains("siret") }
    /// The same SIRET or RNA: neither can be of two.
    public var hasSameNumber: Bool { hasSameSiret || reasons.contains("rna") }

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

extension LikelyDuplicate {
    /// A place that may be one that is applied for, and what speaks for it.
    init(_ candidate: DuplicateCandidate) {
        let reasons = candidate.likeness.reasons.filter { $0.weight > 0 }.map { reason -> String in
            switch reason.kind {
            case .sameSiret: "siret"
            case .sameName, .similarName: "name"
            default: reason.kind.rawValue
            }
        }
        self.init(kind: "place", id: candidate.place.id.rawValue, name: candidate.place.name, reasons: reasons)
    }
}

extension [LikelyDuplicate] {
    /// Each entry once, with all its reasons: those of the same SIRET first, then in the order that they have.
    func merged() -> [LikelyDuplicate] {
        var reasons: [UUID: [String]] = [:]
        var entries: [LikelyDuplicate] = []
        for entry in self {
            if reasons[entry.id] == nil { entries.append(entry) }
            let known = reasons[entry.id] ?? []
            reasons[entry.id] = known + entry.reasons.filter { !known.contains($0) }
        }
        let all = entries.map { LikelyDuplicate(kind: $0.kind, id: $0.id, name: $0.name, reasons: reasons[$0.id] ?? []) }
        return all.filter { $0.hasSameSiret } + all.filter { !$0.hasSameSiret }
    }
}

extension Session where Failure == RegistryError {
    /// The structures that a new one, or one that changes, may be: ten at most, those of the same SIRET first.
    ///
    /// Staff is shown more for an application (0.5), but here somebody is refused: names of one kind, as of two town halls, must pass.
    func likelyDuplicates(of draft: StructureDraft, but known: Structure.ID? = nil) async throws(RegistryError) -> [LikelyDuplicate] {
        try await likelyStructures(
            asked: "SELECT \(draft.siret)::text AS siret, \(draft.rna)::text AS rna, structure_key(\(draft.name)) AS key", alike: 0.75,
            but: known, limit: 10)
    }

    /// The structures that may be the one that is asked for: those of the same SIRET first, then the likest.
    ///
    /// - Parameters:
    ///   - asked: The row that has its `siret`, its `rna` and the `key` of its name.
    ///   - alike: How like the keys of the names are at least, from 0 to 1.
    func likelyStructures(
        asked: SQL, alike: Double, but known: Structure.ID?, limit: Int
    ) async throws(RegistryError) -> [LikelyDuplicate] {
        // Of `%`: the index then gives these alone, and not every other town hall.
        later("SELECT set_config('pg_trgm.similarity_threshold', \(String(alike)), true)")
        return try await query(
            """
            WITH asked AS (\(asked)),
            found AS (
                SELECT s.id, s.name, 'siret' AS reason, 1 AS likeness FROM asked, structures s
                 WHERE s.siret = asked.siret AND s.archived_at IS NULL
                UNION ALL
                SELECT s.id, s.name, 'rna', 1 FROM asked, structures s WHERE s.rna = asked.rna AND s.archived_at IS NULL
                UNION ALL
                SELECT s.id, s.name, 'name', similarity(structure_key(s.name), asked.key) FROM asked, structures s
                 WHERE structure_key(s.name) % asked.key AND s.archived_at IS NULL
                   AND coalesce(structure_kind(structure_key(s.name)) = structure_kind(asked.key), TRUE))
            SELECT 'structure' AS kind, id, name, array_agg(DISTINCT reason ORDER BY reason DESC) AS reasons FROM found
             WHERE id IS DISTINCT FROM \(known) GROUP BY id, name
             ORDER BY bool_or(reason IN ('siret', 'rna')) DESC, max(likeness) DESC, id LIMIT \(limit)
            """, as: LikelyDuplicate.self)
    }
}
