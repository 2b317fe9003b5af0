import Foundation
import Postgres

extension Session where Failure == RegistryError {
    /// Places, locked in the order of their ids, so that two merges at once do not wait for one another.
    func lockedPlaces(_ ids: [Place.ID]) async throws(RegistryError) -> [Place] {
        try await query("SELECT \(Place.columns) FROM places WHERE id = ANY (\(ids)) ORDER BY id FOR UPDATE", as: Place.self)
    }

    func isMerged(_ place: Place.ID) async throws(RegistryError) -> Bool {
        try await exists("SELECT FROM places WHERE id = \(place) AND merged_into IS NOT NULL")
    }

    /// Takes the loser out of the lists and moves what refers to it.
    func merge(
        _ loser: Place.ID, into survivor: Place.ID, as id: PlaceMerge.ID, by caller: Caller, at now: Date
    ) async throws(RegistryError) -> PlaceMerge {
        try await execute(
            """
            INSERT INTO place_merges (id, survivor_id, loser_id, merged_at, merged_by)
            VALUES (\(id), \(survivor), \(loser), \(now), \(caller.token))
            """)
        try await execute(
            """
            UPDATE places SET archived_at = \(now), updated_at = \(now), version = version + 1, merged_into = \(survivor) WHERE id = \(loser)
            """)
        try await execute("SELECT move_place_references(\(id), \(loser), \(survivor))")
        try await countChanges(of: id, at: now)
        return try await inserted("SELECT \(PlaceMerge.columns) FROM place_merges WHERE id = \(id)", as: PlaceMerge.self)
    }

    /// The merge that took the place away and still holds, locked.
    func merge(of loser: Place.ID) async throws(RegistryError) -> PlaceMerge? {
        try await first(
            "SELECT \(PlaceMerge.columns) FROM place_merges WHERE loser_id = \(loser) AND undone_at IS NULL FOR UPDATE", as: PlaceMerge.self
        )
    }

    /// Puts the loser back and what referred to it.
    func undo(_ merge: PlaceMerge, by caller: Caller, at now: Date) async throws(RegistryError) -> Place {
        try await execute("UPDATE place_merges SET undone_at = \(now), undone_by = \(caller.token) WHERE id = \(merge.id)")
        // First, so that its new version is kept with its stops.
        try await execute("SELECT return_place_references(\(merge.id), \(merge.loser), \(merge.survivor))")
        let place = try await inserted(
            """
            UPDATE places SET archived_at = NULL, updated_at = \(now), version = version + 1, merged_into = NULL WHERE id = \(merge.loser)
            RETURNING \(Place.columns)
            """, as: Place.self)
        try await countChanges(of: merge.id, at: now)
        return place
    }

    /// Whoever shows a place that moved is another version from now on, and so is the survivor when stops came to it, or went.
    private func countChanges(of merge: PlaceMerge.ID, at now: Date) async throws(RegistryError) {
        try await execute([
            """
            UPDATE mediators SET version = version + 1, updated_at = \(now) WHERE id IN (
                SELECT (coalesce(dropped, key) ->> 'mediator_id')::uuid FROM place_merge_moves
                 WHERE merge_id = \(merge) AND relation = 'mediator_places')
            """,
            """
            UPDATE referrals SET version = version + 1, updated_at = \(now) WHERE id IN (
                SELECT (key ->> 'id')::uuid FROM place_merge_moves WHERE merge_id = \(merge) AND relation = 'referrals'
                UNION
                SELECT referral_id FROM appointments WHERE id IN (
                    SELECT (key ->> 'id')::uuid FROM place_merge_moves WHERE merge_id = \(merge) AND relation = 'appointments'))
            """,
            """
            UPDATE places SET version = version + 1, updated_at = \(now)
             WHERE id = (SELECT survivor_id FROM place_merges WHERE id = \(merge)) AND EXISTS (
                    SELECT FROM place_merge_moves m JOIN stops s ON s.id = (m.key ->> 'id')::uuid
                     WHERE m.merge_id = \(merge) AND m.relation = 'stops' AND s.archived_at IS NULL)
            """,
        ])
    }
}
