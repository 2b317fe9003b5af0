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

    func insert(_ draft: PlaceDraft, as id: Place.ID, at now: Date) async throws(RegistryError) -> Place {
        try await inserted(
            """
            INSERT INTO places (id, \(PlaceDraft.columns), created_at, updated_at) VALUES (\(id), \(draft.values), \(now), \(now))
            RETURNING \(Place.columns)
            """, as: Place.self)
    }

    /// - Returns: `nil` when somebody else changed the place since `current` was read.
    func update(_ current: Place, to draft: PlaceDraft, at now: Date) async throws(RegistryError) -> Place? {
        try await first(
            """
            UPDATE places SET (\(PlaceDraft.columns)) = ROW(\(draft.values)), version = version + 1, updated_at = \(now)
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
