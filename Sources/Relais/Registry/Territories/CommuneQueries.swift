import Foundation
import Postgres

/// Which communes are asked for.
public struct CommuneFilter: Sendable {
    /// How the name starts, written as one likes (``CommuneName``).
    public var name: String?
    public var postcode: String?
    public var department: String?

    public init() {}

    fileprivate var conditions: [SQL] {
        var conditions: [SQL] = []
        if let name { conditions.append("starts_with(name_key, \(CommuneName.key(name)))") }
        if let postcode { conditions.append("postcodes @> ARRAY[\(postcode)]") }
        if let department { conditions.append("department = \(department)") }
        return conditions
    }
}

extension Database {
    public func commune(_ id: Commune.ID) async throws(PostgresError) -> Commune? {
        try await first("SELECT \(Commune.columns) FROM communes WHERE insee_code = \(id)", as: Commune.self)
    }

    /// A piece of the list of communes, by INSEE code.
    public func communes(_ filter: CommuneFilter = CommuneFilter(), _ paging: Paging = Paging()) async throws(PostgresError) -> Page<
        Commune
    > {
        let conditions = filter.conditions + .after(paging, code: "insee_code")
        let found = try await query(
            "SELECT \(Commune.columns) FROM communes WHERE \(.all(conditions)) ORDER BY insee_code LIMIT \(paging.limit + 1)",
            as: Commune.self)
        return Page(found, paging) { [$0.id] }
    }
}

extension Session where Failure == RegistryError {
    /// The commune that bears the place's postcode and commune's name; `nil` when none does, or several do.
    func commune(of place: PlaceDraft) async throws(RegistryError) -> Commune.ID? {
        let found = try await values(
            """
            SELECT insee_code FROM communes
             WHERE name_key = \(CommuneName.key(place.communeName)) AND postcodes @> ARRAY[\(place.postcode)] LIMIT 2
            """, as: Commune.ID.self)
        return found.count == 1 ? found.first : nil
    }

    /// Communes that may be meant by an unknown code: those of the place's name or postcode, or else the next codes.
    func communes(near code: Commune.ID, of place: PlaceDraft) async throws(RegistryError) -> [Commune] {
        let key = CommuneName.key(place.communeName)
        let alike = try await query(
            """
            SELECT \(Commune.columns) FROM communes WHERE name_key = \(key) OR postcodes @> ARRAY[\(place.postcode)]
             ORDER BY name_key = \(key) DESC, insee_code LIMIT 3
            """, as: Commune.self)
        if !alike.isEmpty { return alike }
        return try await query(
            "SELECT \(Commune.columns) FROM communes WHERE insee_code > \(code) ORDER BY insee_code LIMIT 3", as: Commune.self)
    }
}
