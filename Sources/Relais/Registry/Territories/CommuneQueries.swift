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
    /// Those that have it as a postcode or as their code; or else those whose name has all the words, each at the beginning of one of its own, where a
    /// postcode or the code of a département may stand for a word.
    let found: SQL
    /// The name that is asked for.
    private let key: String
    /// The names that may be meant by it when nobody bears it.
    private let slips: [String]
    /// Where it is to be.
    private let place: SQL

    init(_ text: String) {
        let written = CommuneName.key(text)
        let code = text.trimmed.uppercased()
        if Form.postcode.matches(code) || Form.insee.matches(code) {
            found = "insee_code = \(code) OR postcodes @> ARRAY[\(code)]"
            (key, slips, place) = (written, [], "TRUE")
            return
        }
        // "Montbrison 42600", "Villars (42)": but "Lyon 3e" has it in its name.
        let words = written.split(separator: " ").map(String.init)
        let numbers = words.filter { Form.postcode.matches($0) || Form.department.matches($0.uppercased()) }
        let name = numbers.count == 1 && words.count > 1 ? words.filter { $0 != numbers[0] } : words
        key = name.joined(separator: " ")
        slips = CommuneName.slips(of: key)
        if let number = numbers.first, name.count < words.count {
            place = "department = \(number.uppercased()) OR postcodes @> ARRAY[\(number)]"
            found = "\(Self.names(with: words)) OR (\(Self.names(with: name))) AND (\(place))"
        } else {
            place = "TRUE"
            found = Self.names(with: words)
        }
    }

    /// Words are letters and digits: nothing that LIKE would read as a pattern.
    private static func names(with words: [String]) -> SQL {
        words.isEmpty ? "FALSE" : .all(words.map { "' ' || name_key LIKE \("% \($0)%")" })
    }

    /// Those of a name that may be meant; `nil` when nothing else can be. A name that is right is never taken for another, whatever else is asked.
    var nearlyFound: SQL? {
        slips.isEmpty
            ? nil : "name_key = ANY (\(slips)) AND (\(place)) AND NOT EXISTS (SELECT FROM communes WHERE \(found))"
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

/// What an address tells of its commune.
struct CommuneAddress: Hashable {
    /// The name as it is compared (``CommuneName``), without CEDEX and its number.
    let key: String
    let postcode: String
    let isCedex: Bool

    init(_ place: PlaceDraft) {
        let words = CommuneName.key(place.communeName).split(separator: " ")
        let name = words.prefix { $0 != "cedex" }
        isCedex = !name.isEmpty && name.count < words.count
        key = (isCedex ? name : words[...]).joined(separator: " ")
        postcode = place.postcode
    }

    /// The codes of the départements that the postcode is of, as its first digits tell: two of Corsica.
    var departments: [String] { postcode.hasPrefix("20") ? ["2A", "2B"] : [Commune.department(of: postcode)] }
}

extension SQL {
    /// The codes of a commune and of what belongs to it: arrondissements, delegated and associated communes. Worked out once a statement.
    static func communes(within code: Commune.ID) -> SQL {
        "ARRAY(SELECT \(code) UNION ALL SELECT insee_code FROM communes WHERE parent = \(code))"
    }
}

extension Session where Failure == RegistryError {
    /// The commune of the place's postcode and commune's name; `nil` when there is none, or several.
    func commune(of place: PlaceDraft) async throws(RegistryError) -> Commune.ID? {
        let found = try await communes(at: [CommuneAddress(place)]).values.first ?? []
        return found.count == 1 ? found.first?.id : nil
    }

    /// The communes that addresses may be in: those that bear name and postcode; of Paris, Lyon and Marseille the arrondissement of the postcode. A CEDEX
    /// has postcodes of its own, which no list of communes has: then it is who bears the name in the département.
    func communes(at addresses: [CommuneAddress]) async throws(RegistryError) -> [CommuneAddress: [Commune]] {
        let postcodes = Array(Set(addresses.map(\.postcode)))
        let communes = try await query(
            """
            SELECT \(Commune.columns) FROM communes WHERE name_key = ANY (\(Array(Set(addresses.map(\.key)))))
            UNION SELECT \(Commune.columns) FROM communes WHERE kind = 'ARM' AND postcodes && \(postcodes)
            """, as: Commune.self)
        let usual = Set(
            try await values(
                "SELECT code FROM unnest(\(postcodes)) AS code WHERE EXISTS (SELECT FROM communes WHERE postcodes @> ARRAY[code])",
                as: String.self))
        var named = Dictionary(grouping: communes) { CommuneName.key($0.name) }
        for commune in communes where commune.kind == "ARM" {
            // "Paris 11e Arrondissement" is Paris in an address, or Paris 11e.
            let words = CommuneName.key(commune.name).split(separator: " ")
            for count in 1..<max(2, words.count) { named[words.prefix(count).joined(separator: " "), default: []].append(commune) }
        }
        var found: [CommuneAddress: [Commune]] = [:]
        for address in Set(addresses) {
            let alike = named[address.key] ?? []
            let there = alike.filter { $0.postcodes.contains(address.postcode) }
            let arrondissements = there.filter { $0.kind == "ARM" }
            if !there.isEmpty {
                found[address] = arrondissements.isEmpty ? there : arrondissements
            } else if address.isCedex || !usual.contains(address.postcode) {
                found[address] = alike.filter { $0.kind != "ARM" && address.departments.contains($0.department) }
            }
        }
        return found
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
