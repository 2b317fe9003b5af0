import Postgres

/// Communes that do things together: an établissement public de coopération intercommunale with its own taxation.
public struct Epci: Sendable, Equatable, Identifiable, Encodable {
    /// The SIREN: nine digits.
    public typealias ID = String

    public let id: ID
    public let name: String
    /// The communes that belong to it, by code.
    public let communes: [Commune.ID]
}

extension Epci: RowDecodable {
    public static let columns: SQL = """
        siren, name, ARRAY(SELECT commune FROM epci_communes WHERE epci = siren ORDER BY commune) AS communes
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["siren"]
        name = try row["name"]
        communes = try row["communes"]
    }
}

/// Which EPCI are asked for.
public struct EpciFilter: Sendable {
    /// Words that stand in the name, written as one likes.
    public var name: String?
    /// A département that has one of its communes.
    public var department: String?

    public init() {}

    fileprivate var conditions: [SQL] {
        var conditions: [SQL] = []
        if let name { conditions.append("strpos(search_key(name), search_key(\(name))) > 0") }
        if let department {
            conditions.append(
                """
                EXISTS (SELECT FROM epci_communes m JOIN communes c ON c.insee_code = m.commune WHERE m.epci = siren AND c.department = \(department))
                """)
        }
        return conditions
    }
}

extension Database {
    public func epci(_ id: Epci.ID) async throws(PostgresError) -> Epci? {
        try await first("SELECT \(Epci.columns) FROM epci WHERE siren = \(id)", as: Epci.self)
    }

    /// A piece of the list of EPCI, by SIREN. There are some 1,250 in France.
    public func allEpci(_ filter: EpciFilter = EpciFilter(), _ paging: Paging = Paging()) async throws(PostgresError) -> Page<Epci> {
        let conditions = filter.conditions + .after(paging, code: "siren")
        let found = try await query(
            "SELECT \(Epci.columns) FROM epci WHERE \(.all(conditions)) ORDER BY siren LIMIT \(paging.limit + 1)", as: Epci.self)
        return Page(found, paging) { [$0.id] }
    }
}
