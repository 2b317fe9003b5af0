import Foundation
import Postgres

extension Database {
    public func mediator(_ id: Mediator.ID, at now: Date) async throws(PostgresError) -> Mediator? {
        try await first("SELECT \(Mediator.columns) FROM \(.mediators(at: now)) WHERE id = \(id)", as: Mediator.self)
    }
}

extension Session where Failure == RegistryError {
    func mediator(_ id: Mediator.ID, at now: Date) async throws(RegistryError) -> Mediator? {
        try await first("SELECT \(Mediator.columns) FROM \(.mediators(at: now)) WHERE id = \(id)", as: Mediator.self)
    }

    /// - Parameter maker: Who makes it by hand; when it speaks for its own, that confirms the entry.
    func insert(_ draft: MediatorDraft, as id: Mediator.ID, by maker: Caller? = nil, at now: Date) async throws(RegistryError) {
        let confirms = maker?.speaksForItsOwn == true
        try await execute(
            """
            INSERT INTO mediators (id, structure_id, name, presentation, email, phone, modes, languages, travel_radius_m, paused, zone, created_at, updated_at,
                                   confirmed_at, confirmed_by, confirmed_as)
            VALUES (\(id), \(draft.structure), \(draft.name), \(draft.presentation), \(draft.email), \(draft.phone), \(draft.modes), \(draft.languages),
                    \(draft.travelRadius), \(draft.paused), \(draft.zone?.territories), \(now), \(now), \(confirms ? now : nil), \(confirms ? maker?.token : nil),
                    \(confirms ? maker?.role : nil))
            """)
        try await execute("INSERT INTO mediator_capacities (mediator_id) VALUES (\(id))")
        try await insertPlacesAndSkills(of: draft, for: id)
    }

    /// - Parameter changer: Who changes it by hand; when it speaks for its own, that confirms the entry.
    /// - Returns: Whether nobody else had changed the mediator since `current` was read.
    func update(
        _ current: Mediator, to draft: MediatorDraft, by changer: Caller? = nil, at now: Date
    ) async throws(RegistryError) -> Bool {
        let id = current.id
        let touched = try await execute(
            """
            UPDATE mediators SET structure_id = \(draft.structure), name = \(draft.name), presentation = \(draft.presentation),
                   email = \(draft.email), phone = \(draft.phone),
                   modes = \(draft.modes), languages = \(draft.languages), travel_radius_m = \(draft.travelRadius), paused = \(draft.paused),
                   zone = \(draft.zone?.territories),
                   version = version + 1, updated_at = \(now)\(.confirmation(by: changer, at: now))
             WHERE id = \(id) AND version = \(current.record.version) AND archived_at IS NULL
            """)
        guard touched == 1 else { return false }
        try await execute("DELETE FROM mediator_places WHERE mediator_id = \(id)")
        try await execute("DELETE FROM mediator_skills WHERE mediator_id = \(id)")
        try await insertPlacesAndSkills(of: draft, for: id)
        return true
    }

    private func insertPlacesAndSkills(of draft: MediatorDraft, for id: Mediator.ID) async throws(RegistryError) {
        if !draft.places.isEmpty {
            try await execute("INSERT INTO mediator_places (mediator_id, place_id) SELECT \(id), unnest(\(draft.places))")
        }
        if !draft.skills.isEmpty {
            let (codes, levels) = (draft.skills.map(\.skill), draft.skills.map(\.level))
            try await execute(
                "INSERT INTO mediator_skills (mediator_id, skill, level) SELECT \(id), s.* FROM unnest(\(codes), \(levels)) s")
        }
    }

    /// The row lock keeps a proposal from being made meanwhile (`hold_capacity` takes it first).
    func holdsNothing(_ id: Mediator.ID) async throws(RegistryError) -> Bool {
        try await value("SELECT held = 0 FROM mediator_capacities WHERE mediator_id = \(id) FOR UPDATE", as: Bool.self) ?? true
    }

    /// The structure, places and skills that a mediator names must be there.
    ///
    /// - Parameter places: Those that it has already: one that was archived since stands in nobody's way.
    func checkReferences(of draft: MediatorDraft, having places: [Place.ID] = []) async throws(RegistryError) {
        try await check(structure: draft.structure, at: "/structure")
        try await check(zone: draft.zone)
        let problems = InputProblems()
        try await check(skills: draft.skills.enumerated().map { ("/skills/\($0)/skill", $1.skill) }, problems: problems)
        if !draft.places.isEmpty {
            // Locked, as skills and structures are: none is archived or merged away while a mediator takes it up.
            let known = Set(
                try await values(
                    "SELECT id FROM places WHERE id = ANY (\(draft.places)) AND archived_at IS NULL ORDER BY id FOR SHARE",
                    as: Place.ID.self))
            for (index, place) in draft.places.enumerated() where !known.contains(place) && !places.contains(place) {
                problems.note("/places/\(index)", "unknown_id", "There is no such place, or it is archived.")
            }
        }
        try invalidAsRegistryError { () throws(InvalidInput) in try problems.throwIfAny() }
    }
}
