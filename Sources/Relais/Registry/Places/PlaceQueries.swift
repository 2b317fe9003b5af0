import Foundation
import Matching
import Postgres

extension PlaceDraft {
    /// The values of ``columns``, one for each.
    var values: SQL {
        """
        \(structure), \(name), \(pivot), \(address), \(addressExtra), \(postcode), \(communeName), \(commune), \(location?.latitude), \
        \(location?.longitude), \(typologies), \(phone), \(emails), \(websites), \(openingHours), \(summary), \(description), \(itinerance), \
        \(parentStructure), \(services), \(publics), \(specialCare), \(fees), \(programmes), \(labels), \(otherLabels), \(accessModes), \
        \(supportModes), \(accessibilityURL), \(bookingURL), \(zone?.territories), \(updatedOn), \(source), \(sourceID)
        """
    }
}

extension Database {
    public func place(_ id: Place.ID) async throws(PostgresError) -> Place? {
        try await first("SELECT \(Place.columns) FROM places WHERE id = \(id)", as: Place.self)
    }
}

extension Session where Failure == RegistryError {
    func place(_ id: Place.ID) async throws(RegistryError) -> Place? {
        try await first("SELECT \(Place.columns) FROM places WHERE id = \(id)", as: Place.self)
    }

    /// - Parameter maker: Who makes it by hand; when it speaks for its own, that confirms the entry. An import has none.
    func insert(
        _ draft: PlaceDraft, as id: Place.ID, by maker: Caller? = nil, at now: Date
    ) async throws(RegistryError) -> Place {
        let confirms = maker?.speaksForItsOwn == true
        return try await inserted(
            """
            INSERT INTO places (id, \(PlaceDraft.columns), created_at, updated_at, confirmed_at, confirmed_by, confirmed_as)
            VALUES (\(id), \(draft.values), \(now), \(now), \(confirms ? now : nil), \(confirms ? maker?.token : nil),
                    \(confirms ? maker?.role : nil))
            RETURNING \(Place.columns)
            """, as: Place.self)
    }

    /// - Parameter changer: Who changes it by hand; when it speaks for its own, that confirms the entry. An import has none.
    /// - Returns: `nil` when somebody else changed the place since `current` was read.
    func update(
        _ current: Place, to draft: PlaceDraft, by changer: Caller? = nil, at now: Date
    ) async throws(RegistryError) -> Place? {
        try await first(
            """
            UPDATE places SET (\(PlaceDraft.columns)) = ROW(\(draft.values)), version = version + 1,
                   updated_at = \(now)\(.confirmation(by: changer, at: now))
             WHERE id = \(current.id) AND version = \(current.record.version) AND archived_at IS NULL
            RETURNING \(Place.columns)
            """, as: Place.self)
    }

    /// The structure and the commune that a place names must be there.
    func checkReferences(of draft: PlaceDraft) async throws(RegistryError) {
        if let structure = draft.structure { try await check(structure: structure, at: "/structure") }
        try await check(zone: draft.zone)
        guard let commune = draft.commune else { return }
        if try await exists("SELECT FROM communes WHERE insee_code = \(commune)") { return }
        let near = try await communes(near: commune, of: draft)
        let words = near.isEmpty ? "" : " Near ones: \(near.map { "\($0.id) \($0.name)" }.joined(separator: ", "))."
        throw .invalid(InvalidInput("/commune", "unknown_code", "There is no commune with this code.\(words)"))
    }
}
