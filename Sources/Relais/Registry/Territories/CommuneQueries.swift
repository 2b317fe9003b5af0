import Foundation
import Postgres

/// Which communes are asked for.
public struct CommuneFilter: Sendable {
    /// What somebody writes in a search box: a name or some of its words, written as one likes (``CommuneName``), a postcode or an INSEE code.
    public var words: String?
    public var postcode: String?
    public var department: String?

    public init() {}

    /// All that is asked but the words.
    fileprivate var conditions: [SQL] {
        var conditions: [SQL] = []
        if let postcode { conditions.append("postcodes @> ARRAY[\(postcode)]") }
        if let department { conditions.append("department = \(department)") }
        return conditions
    }
}

extension Database {
    public func commune(_ id: Commune.ID) async throws(PostgresError) -> Commune? {
        try await first("SELECT \(Commune.columns) FROM communes WHERE insee_code = \(id)", as: Commune.self)
    }

    /// A piece of the list of communes, by INSEE code. Where words are asked for: of those that are meant by them, best first; when there is none
    /// anywhere, of those whose name is one slip of the pen away.
    public func communes(_ filter: CommuneFilter = CommuneFilter(), _ paging: Paging = Paging()) async throws(PostgresError) -> Page<
        Commune
    > {
        guard let asked = filter.words.map({ CommuneWords($0) }) else {
            return try await communes(filter.conditions + .after(paging, code: "insee_code"), by: "insee_code", paging)
        }
        let conditions = filter.conditions + asked.after(paging)
        let page = try await communes(conditions + [asked.found], by: asked.order, paging)
        guard page.items.isEmpty, let nearly = asked.nearlyFound else { return page }
        return try await communes(conditions + [nearly], by: asked.order, paging)
    }

    private func communes(_ conditions: [SQL], by order: SQL, _ paging: Paging) async throws(PostgresError) -> Page<Commune> {
        let found = try await query(
            "SELECT \(Commune.columns) FROM communes WHERE \(.all(conditions)) ORDER BY \(order) LIMIT \(paging.limit + 1)",
            as: Commune.self)
        return Page(found, paging) { [$0.id] }
    }
}

/// What somebody writes in a search box to find a commune, as SQL.
private struct CommuneWords {
    /// Those that have it as a postcode or as their code; or else those whose name has all the words, each at the beginning of one of its own.
    let found: SQL
    private let key: String
    /// The names that may be meant by it when nobody bears it.
    private let slips: [String]

    init(_ text: String) {
        key = CommuneName.key(text)
        let code = text.trimmed.uppercased()
        if Form.postcode.matches(code) || Form.insee.matches(code) {
            found = "insee_code = \(code) OR postcodes @> ARRAY[\(code)]"
            slips = []
            return
        }
        // Words are letters and digits: nothing that LIKE would read as a pattern.
        let patterns: [String] = key.split(separator: " ").map { "% \($0)%" }
        found = patterns.isEmpty ? "FALSE" : .all(patterns.map { "' ' || name_key LIKE \($0)" })
        slips = CommuneName.slips(of: key)
    }

    /// Those of a name that may be meant; `nil` when nothing else can be. A name that is right is never taken for another, whatever else is asked.
    var nearlyFound: SQL? {
        slips.isEmpty ? nil : "name_key = ANY (\(slips)) AND NOT EXISTS (SELECT FROM communes WHERE \(found))"
    }

    /// The very name, then names that begin so, then the others; the largest commune first.
    var order: SQL {
        """
        CASE WHEN name_key = \(key) THEN 0 WHEN starts_with(name_key, \(key)) THEN 1 ELSE 2 END, -coalesce(population, 0), insee_code
        """
    }

    /// The keyset of ``order``: what comes after the commune that the cursor names.
    func after(_ paging: Paging) -> [SQL] {
        paging.after.map { ["(\(order)) > (SELECT \(order) FROM communes WHERE insee_code = \($0.text(0)))"] } ?? []
    }
}

extension Session where Failure == RegistryError {
    /// The commune that bears the place's postcode and commune's name; `nil` when none does, or several do. Of Paris, Lyon and Marseille it is the
    /// arrondissement that the postcode tells.
    func commune(of place: PlaceDraft) async throws(RegistryError) -> Commune.ID? {
        let key = CommuneName.key(place.communeName)
        let found = try await values(
            """
            SELECT insee_code FROM communes WHERE name_key = \(key) AND postcodes @> ARRAY[\(place.postcode)]
            UNION ALL
            SELECT insee_code FROM communes
             WHERE kind = 'ARM' AND starts_with(name_key, \(key + " ")) AND postcodes @> ARRAY[\(place.postcode)] LIMIT 2
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
