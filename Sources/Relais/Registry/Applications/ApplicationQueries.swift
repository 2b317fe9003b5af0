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

    /// One application, with what is in the registry already and may be the same: at most twenty, those of the same SIRET first.
    public func application(_ id: Application.ID) async throws(PostgresError) -> ApplicationToDecide? {
        guard let application = try await first("SELECT \(Application.columns) FROM applications WHERE id = \(id)", as: Application.self)
        else { return nil }
        let likely = try await query(
            """
            WITH asked AS (
                SELECT siret, communes, array(SELECT search_key(name) FROM unnest(names) AS name) AS keys FROM applications WHERE id = \(id)),
            found AS (
                \(.likelyStructures(alike: 0.5))
                UNION ALL
                SELECT 'place', p.id, p.name, 'siret' FROM asked, places p WHERE p.pivot = asked.siret AND p.archived_at IS NULL
                UNION ALL
                SELECT 'place', p.id, p.name, 'name' FROM asked, places p
                 WHERE p.commune = ANY (asked.communes) AND p.archived_at IS NULL
                   AND EXISTS (SELECT FROM unnest(asked.keys) AS key WHERE similarity(search_key(p.name), key) >= 0.5))
            \(.likelyDuplicates(but: application.registered, limit: 20))
            """, as: LikelyDuplicate.self)
        return ApplicationToDecide(application: application, likely: likely)
    }
}

extension Session where Failure == RegistryError {
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
