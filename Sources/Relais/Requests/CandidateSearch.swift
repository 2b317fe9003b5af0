import Foundation
import Matching
import Postgres

extension Session {
    /// What the matcher must know of a request.
    func demand(of request: Request) async throws(Failure) -> Demand {
        let lineages = try await query(
            """
            WITH RECURSIVE lineage (asked, skill, steps) AS (
                SELECT code, code, 0 FROM skills WHERE code = ANY (\(request.needs.map(\.skill)))
                UNION ALL
                SELECT asked, parent, steps + 1 FROM lineage JOIN skills ON code = skill WHERE parent IS NOT NULL
            )
            SELECT asked, array_agg(skill ORDER BY steps) AS lineage FROM lineage GROUP BY asked
            """, as: Lineage.self)
        let bySkill = Dictionary(lineages.map { ($0.asked, $0.lineage) }, uniquingKeysWith: { first, _ in first })
        let declined = try await values(
            "SELECT DISTINCT mediator_id FROM referrals WHERE request_id = \(request.id) AND status IN ('declined', 'expired')",
            as: UUID.self)
        let location: Location? =
            if let known = request.location {
                known
            } else if let commune = request.commune {
                try await first(
                    "SELECT latitude, longitude FROM communes WHERE insee_code = \(commune) AND latitude IS NOT NULL", as: Centre.self)?
                    .location
            } else { nil }
        let territories =
            if let commune = request.commune {
                try await value("SELECT territories_of(\(commune))", as: [String].self) ?? []
            } else { [String]() }
        return Demand(
            needs: request.needs.map { need in
                let skill = need.skill
                return Demand.Need(skill: skill, level: need.level, lineage: bySkill[skill] ?? [skill])
            },
            modes: Set(request.modes), location: location, reach: request.reach, publics: Set(request.publics), declinedBy: Set(declined),
            territories: Set(territories))
    }

    /// The mediators that the matcher considers for `demand`: with `all`, every one that is not archived; otherwise those who accept and hold the skills.
    func supplies(for demand: Demand, only mediator: Mediator.ID? = nil, all: Bool = false, at now: Date) async throws(Failure) -> [Supply]
    {
        var conditions: [SQL] = ["m.archived_at IS NULL"]
        if let mediator { conditions.append("m.id = \(mediator)") }
        if !all, mediator == nil {
            conditions += ["NOT m.paused", "s.archived_at IS NULL"]
            for need in demand.needs {
                conditions.append(
                    """
                    EXISTS (SELECT FROM mediator_skills k WHERE k.mediator_id = m.id AND k.skill = ANY (\(need.lineage)) AND k.level >= \(need.level))
                    """)
            }
        }
        return try await query(
            """
            SELECT m.id, m.modes, m.travel_radius_m, m.zone, NOT m.paused AND s.archived_at IS NULL AS accepting,
                   c.agreed_open, open_limit(c, \(now)) AS open_limit, weekly_limit(c, \(now)) AS weekly_limit, coalesce(c.held, 0) AS held,
                   coalesce(w.proposed, 0) AS proposed,
                   k.skills, k.levels, p.places, p.latitudes, p.longitudes, p.publics
              FROM mediators m
              JOIN structures s ON s.id = m.structure_id
              LEFT JOIN mediator_capacities c ON c.mediator_id = m.id
              LEFT JOIN mediator_weeks w ON w.mediator_id = m.id AND w.week = week_of(\(now))
              CROSS JOIN LATERAL (
                  SELECT coalesce(array_agg(skill ORDER BY skill), '{}') AS skills, coalesce(array_agg(level ORDER BY skill), '{}') AS levels
                    FROM mediator_skills WHERE mediator_id = m.id) k
              CROSS JOIN LATERAL (
                  SELECT coalesce(array_agg(id ORDER BY id), '{}') AS places,
                         coalesce(array_agg(CASE WHEN p.latitude IS NULL THEN coalesce(t.latitude, 'NaN') ELSE p.latitude END ORDER BY id), '{}')
                             AS latitudes,
                         coalesce(array_agg(CASE WHEN p.latitude IS NULL THEN coalesce(t.longitude, 'NaN') ELSE p.longitude END ORDER BY id), '{}')
                             AS longitudes,
                         coalesce(array_agg(array_to_string(publics, '|') ORDER BY id), '{}') AS publics
                    FROM mediator_places JOIN places p ON id = place_id
                    -- The centre of its commune stands for a place that nobody has put on the map.
                    LEFT JOIN communes t ON t.insee_code = p.commune
                   WHERE mediator_id = m.id AND archived_at IS NULL) p
             WHERE \(.all(conditions))
             ORDER BY m.id
            """, as: Supply.self)
    }

    /// Who can take the request, best first; with `explainingAll`, also who cannot and why.
    func candidates(for request: Request, policy: Policy, explainingAll: Bool = false, at now: Date) async throws(Failure) -> [Matching
        .Candidate]
    {
        let demand = try await demand(of: request)
        let supplies = try await supplies(for: demand, all: explainingAll, at: now)
        return Matching.candidates(for: demand, among: supplies, weights: policy.weights, explainingAll: explainingAll)
    }
}

private struct Lineage: RowDecodable {
    static let columns: SQL = "asked, lineage"
    let asked: String
    let lineage: [String]

    init(row: borrowing Row) throws(PostgresError) {
        asked = try row["asked"]
        lineage = try row["lineage"]
    }
}

private struct Centre: RowDecodable {
    static let columns: SQL = "latitude, longitude"
    let location: Location

    init(row: borrowing Row) throws(PostgresError) {
        location = Location(latitude: try row["latitude"], longitude: try row["longitude"])
    }
}

extension Supply: RowDecodable {
    public static let columns: SQL = "id, modes, …"

    public init(row: borrowing Row) throws(PostgresError) {
        let skills: [String] = try row["skills"]
        let levels: [Int16] = try row["levels"]
        let places: [UUID] = try row["places"]
        let latitudes: [Double] = try row["latitudes"]
        let longitudes: [Double] = try row["longitudes"]
        let publics: [String] = try row["publics"]
        let modes: [Mode] = try row["modes"]
        let zone: [String]? = try row["zone"]
        self.init(
            id: try row["id"],
            skills: Dictionary(zip(skills, levels.map(Int.init)), uniquingKeysWith: max),
            modes: Set(modes),
            travelRadius: try row["travel_radius_m"],
            places: places.indices.map { index in
                Place(
                    id: places[index],
                    location: latitudes[index].isNaN ? nil : Location(latitude: latitudes[index], longitude: longitudes[index]),
                    publics: Set(publics[index].split(separator: "|").map(String.init)))
            },
            capacity: Capacity(
                agreedOpen: try row["agreed_open"], openLimit: try row["open_limit"], weeklyLimit: try row["weekly_limit"],
                held: try row["held"], proposedThisWeek: try row["proposed"]),
            accepting: try row["accepting"], zone: zone.map(Set.init))
    }
}

extension Mode: PostgresEncodable, PostgresDecodable {}
