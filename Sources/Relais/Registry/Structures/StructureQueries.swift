import Foundation
import Postgres

/// Which structures are asked for.
public struct StructureFilter: Sendable {
    public var network: String?
    public var parent: Structure.ID?
    public var archived = false
    public var reliability: Reliability?

    public init() {}

    fileprivate var conditions: [SQL] {
        var conditions: [SQL] = [archived ? "archived_at IS NOT NULL" : "archived_at IS NULL"]
        if let network { conditions.append("\(network) = ANY (networks)") }
        if let parent { conditions.append("parent_id = \(parent)") }
        conditions += reliability?.conditions ?? []
        return conditions
    }
}

extension StructureDraft {
    /// The values of ``columns``, one for each.
    var values: SQL {
        "\(name), \(siret), \(rna), \(typologies), \(networks), \(parent), \(phone), \(email), \(website), \(JSON(contacts))"
    }
}

extension Database {
    public func structure(_ id: Structure.ID) async throws(PostgresError) -> Structure? {
        try await first("SELECT \(Structure.columns) FROM structures WHERE id = \(id)", as: Structure.self)
    }

    /// A piece of the list of structures.
    public func structures(
        _ filter: StructureFilter = StructureFilter(), sort: EntrySort = .id, _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<Structure> {
        let conditions = filter.conditions + sort.after(paging.after, of: Structure.self)
        let found = try await query(
            "SELECT \(Structure.columns) FROM structures WHERE \(.all(conditions)) ORDER BY \(sort.by) LIMIT \(paging.limit + 1)",
            as: Structure.self)
        return Page(found, paging) { sort.key($0.id, $0.standing) }
    }
}

extension Session where Failure == RegistryError {
    func structure(_ id: Structure.ID) async throws(RegistryError) -> Structure? {
        try await first("SELECT \(Structure.columns) FROM structures WHERE id = \(id)", as: Structure.self)
    }

    /// Nothing can come to belong to the structure until the transaction ends: who refers to it waits for its row (`checkReferences`).
    func lockedStructure(_ id: Structure.ID) async throws(RegistryError) -> Structure? {
        try await first("SELECT \(Structure.columns) FROM structures WHERE id = \(id) FOR UPDATE", as: Structure.self)
    }

    /// - Parameter maker: Who makes it by hand; when it speaks for its own, that confirms the entry. An import has none.
    func insert(
        _ draft: StructureDraft, as id: Structure.ID, by maker: Caller? = nil, at now: Date
    ) async throws(RegistryError) -> Structure {
        let confirms = maker?.speaksForItsOwn == true
        return try await inserted(
            """
            INSERT INTO structures (id, \(StructureDraft.columns), created_at, updated_at, confirmed_at, confirmed_by, confirmed_as)
            VALUES (\(id), \(draft.values), \(now), \(now), \(confirms ? now : nil), \(confirms ? maker?.token : nil),
                    \(confirms ? maker?.role : nil))
            RETURNING \(Structure.columns)
            """, as: Structure.self)
    }

    /// - Parameter changer: Who changes it by hand; when it speaks for its own, that confirms the entry. An import has none.
    /// - Returns: `nil` when somebody else changed the structure since `current` was read.
    func update(
        _ current: Structure, to draft: StructureDraft, by changer: Caller? = nil, at now: Date
    ) async throws(RegistryError) -> Structure? {
        try await first(
            """
            UPDATE structures SET (\(StructureDraft.columns)) = ROW(\(draft.values)), version = version + 1,
                   updated_at = \(now)\(.confirmation(by: changer, at: now))
             WHERE id = \(current.id) AND version = \(current.record.version) AND archived_at IS NULL
            RETURNING \(Structure.columns)
            """, as: Structure.self)
    }

    /// Whether anything that is not archived belongs to the structure.
    func isInUse(_ id: Structure.ID) async throws(RegistryError) -> Bool {
        try await exists(
            """
            SELECT FROM places WHERE structure_id = \(id) AND archived_at IS NULL
            UNION ALL SELECT FROM mediators WHERE structure_id = \(id) AND archived_at IS NULL
            UNION ALL SELECT FROM structures WHERE parent_id = \(id) AND archived_at IS NULL
            """)
    }

    /// A structure stands under another that is there. (That it never stands under itself is the database's: `structure_above_itself`.)
    func checkReferences(of draft: StructureDraft) async throws(RegistryError) {
        if let parent = draft.parent { try await check(structure: parent, at: "/parent") }
    }
}
