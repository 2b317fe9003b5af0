import Foundation
import Postgres

extension ApplicationDraft {
    /// The names by which it may be in the registry already: its own and those of its places.
    var names: [String] { [structure.name] + places.map(\.name) }
}

extension Database {
    /// What a list of applications is narrowed by.
    public struct ApplicationFilter: Sendable {
        public var status: Application.Status?
        /// What may be stored in the place of the short code that somebody reads out.
        public var codes: [[UInt8]]?

        public init() {}
    }

    /// The applications, oldest first.
    public func applications(
        _ filter: ApplicationFilter = ApplicationFilter(), _ paging: Paging = Paging()
    ) async throws(PostgresError) -> Page<Application> {
        var conditions: [SQL] = .after(paging, of: Application.self)
        if let status = filter.status { conditions.append("status = \(status)") }
        if let codes = filter.codes {
            conditions.append(codes.isEmpty ? "FALSE" : "code_hash IN (\(.joined(codes.map { "\($0)" }, by: ", ")))")
        }
        let found = try await query(
            "SELECT \(Application.columns) FROM applications WHERE \(.all(conditions)) ORDER BY id LIMIT \(paging.limit + 1)",
            as: Application.self)
        return Page(found, paging) { [$0.id.description] }
    }

    /// One application, with what is in the registry already and may be the same.
    public func application(_ id: Application.ID) async throws(RegistryError) -> ApplicationToDecide? {
        try await transaction(readOnly: true) { tx throws(RegistryError) -> ApplicationToDecide? in
            guard let application = try await tx.application(id) else { return nil }
            return ApplicationToDecide(application: application, likely: try await tx.likelyDuplicates(of: application))
        }
    }
}

extension Session where Failure == RegistryError {
    func application(_ id: Application.ID) async throws(RegistryError) -> Application? {
        try await first("SELECT \(Application.columns) FROM applications WHERE id = \(id)", as: Application.self)
    }

    /// What may be the structure or one of its places, those of the same SIRET first: twenty structures at most, for each place those for which it
    /// would be refused (``PlaceDesk/create(_:allowingDuplicates:by:in:)``), and twenty places that bear a number that was sent, or much the name in
    /// the same commune. What the application itself has become is left out.
    func likelyDuplicates(of application: Application) async throws(RegistryError) -> [LikelyDuplicate] {
        let structures = try await likelyStructures(
            asked:
                "SELECT siret, upper(regexp_replace(structure ->> 'rna', '\\s', '', 'g')) AS rna, structure_key(names[1]) AS key FROM applications WHERE id = \(application.id)",
            alike: 0.5,
            but: application.registered, limit: 20)
        var candidates: [LikelyDuplicate] = []
        var numbers: [String] = []
        for sent in application.places {
            // What a rule forbids that is younger than the application is left out.
            var draft = PlaceDraft(sent, problems: InputProblems())
            if draft.commune == nil { draft.commune = try await commune(of: draft) }
            let place = ComparedPlace(Place.ID(application.id.rawValue), draft)
            if let number = place.pivot { numbers.append(number) }
            candidates += try await self.candidates(for: place).map { LikelyDuplicate($0) }
        }
        let others = try await likelyPlaces(numbers: numbers, of: application.id)
        let own: Set<UUID>
        if let registered = application.registered {
            own = Set(try await values("SELECT id FROM places WHERE structure_id = \(registered)", as: UUID.self))
        } else {
            own = []
        }
        return (structures + candidates + others).filter { !own.contains($0.id) }.merged()
    }

    /// The places that bear the structure's SIRET or one of `numbers`, or much the name of the structure or one of its places in the same commune.
    private func likelyPlaces(numbers: [String], of application: Application.ID) async throws(RegistryError) -> [LikelyDuplicate] {
        try await query(
            """
            WITH asked AS (
                SELECT \(numbers)::text[] || siret AS numbers, communes, array(SELECT spoken_key(name) FROM unnest(names) AS name) AS keys
                  FROM applications WHERE id = \(application)),
            found AS (
                SELECT p.id, p.name, 'siret' AS reason FROM asked, unnest(asked.numbers) AS number, places p
                 WHERE upper(p.pivot) = number AND p.pivot IS NOT NULL AND p.archived_at IS NULL
                UNION ALL
                SELECT p.id, p.name, 'name' FROM asked, places p
                 WHERE p.commune = ANY (asked.communes) AND p.archived_at IS NULL
                   AND EXISTS (SELECT FROM unnest(asked.keys) AS key WHERE similarity(spoken_key(p.name), key) >= 0.5))
            SELECT 'place' AS kind, id, name, array_agg(DISTINCT reason ORDER BY reason DESC) AS reasons FROM found
             GROUP BY id, name ORDER BY bool_or(reason = 'siret') DESC, id LIMIT 20
            """, as: LikelyDuplicate.self)
    }

    func application(link secret: String) async throws(RegistryError) -> Application? {
        try await first(
            "SELECT \(Application.columns) FROM applications WHERE link_hash = \(Keyring.hash(secret))", as: Application.self)
    }

    /// Two who decide at once: the second waits here, and finds it decided.
    func lockedApplication(_ id: Application.ID) async throws(RegistryError) -> Application? {
        try await first("SELECT \(Application.columns) FROM applications WHERE id = \(id) FOR UPDATE", as: Application.self)
    }

    func insert(
        _ draft: ApplicationDraft, as id: Application.ID, communes: [Commune.ID], hashes: (link: [UInt8], code: [UInt8]), at now: Date
    ) async throws(RegistryError) {
        try await execute(
            """
            INSERT INTO applications (id, status, structure, places, contact, consented_at, siret, names, communes, link_hash, code_hash,
                created_at, updated_at)
            VALUES (\(id), 'submitted', \(JSON(draft.sentStructure)), \(JSON(draft.sentPlaces)), \(JSON(draft.contact)),
                \(draft.consents ? now : nil), \(draft.structure.siret), \(draft.names), \(communes), \(hashes.link), \(hashes.code),
                \(now), \(now))
            """)
    }

    /// One conditional UPDATE: of two who decide at once one does, and the other finds it elsewhere.
    func move(
        _ id: Application.ID, from: [Application.Status], to status: Application.Status, set more: SQL, at now: Date
    ) async throws(RegistryError) -> Application {
        let moved = try await first(
            """
            UPDATE applications SET status = \(status), version = version + 1, updated_at = \(now)\(more)
             WHERE id = \(id) AND status = ANY (\(from.map(\.rawValue)))
            RETURNING \(Application.columns)
            """, as: Application.self)
        if let moved { return moved }
        guard try await exists("SELECT FROM applications WHERE id = \(id)") else { throw .unknown }
        throw .conflict(.applicationElsewhere)
    }

    /// The zones of the places that are applied for: what is no territory is refused, for nobody could validate it.
    func check(zonesOf draft: ApplicationDraft) async throws(RegistryError) {
        for (index, place) in draft.places.enumerated() { try await check(zone: place.zone, at: "/places/\(index)/zone") }
    }

    /// The communes of the places that are applied for; a code that there is not is refused.
    func communes(of draft: ApplicationDraft) async throws(RegistryError) -> [Commune.ID] {
        var found: [Commune.ID] = []
        for (index, place) in draft.places.enumerated() {
            if let code = place.commune {
                guard try await exists("SELECT FROM communes WHERE insee_code = \(code)") else {
                    throw .invalid(InvalidInput("/places/\(index)/commune", "unknown_code", "There is no commune with this code."))
                }
                found.append(code)
            } else if let code = try await commune(of: place) {
                found.append(code)
            }
        }
        return Array(Set(found)).sorted()
    }
}
