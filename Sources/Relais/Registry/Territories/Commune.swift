import Foundation
import Matching
import Postgres

/// A commune of the national code (code officiel géographique), or a municipal arrondissement of one.
public struct Commune: Sendable, Equatable, Identifiable {
    /// The INSEE code: `42218`, `2A004`.
    public typealias ID = String

    public let id: ID
    public internal(set) var name: String
    public let postcodes: [String]
    public let location: Location?
    public let population: Int?
    /// The département's code: `42`, `2A`, `974`.
    public let department: String
    /// `COM`, `ARM` (municipal arrondissement), `COMD` or `COMA` (delegated and associated communes).
    public let kind: String
    /// The commune that an arrondissement, a delegated or an associated commune belongs to.
    public let parent: Commune.ID?
    /// The EPCI that it belongs to, as far as that was brought in (``EpciImport``).
    public var epci: Epci.ID?
}

extension Commune {
    /// The code of the département that a code of a commune begins with: `42`, `2A`, overseas `974`.
    static func department(of id: Commune.ID) -> String { String(id.prefix(id.hasPrefix("97") || id.hasPrefix("98") ? 3 : 2)) }
}

extension Commune: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, postcodes, location, population, department, kind, parent, epci
    }
}

extension Commune: RowDecodable {
    public static let columns: SQL = """
        insee_code, name, postcodes, latitude, longitude, population, department, kind, parent,
        (SELECT epci FROM epci_communes WHERE commune = insee_code) AS epci
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["insee_code"]
        name = try row["name"]
        postcodes = try row["postcodes"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { nil }
        population = try row["population"]
        department = try row["department"]
        kind = try row["kind"]
        parent = try row["parent"]
        epci = try row["epci"]
    }
}

/// How names of communes are compared.
public enum CommuneName {
    /// The name without what people write differently: case, accents, ligatures, hyphens, apostrophes, `St` for `Saint`,
    /// `Ss` for `Sous`, and double spaces.
    ///
    /// `CommuneName.key("St-Étienne")` and `CommuneName.key("SAINT ETIENNE")` are the same.
    public static func key(_ name: String) -> String {
        // Foundation folds é to e, but keeps œ and æ, which are letters of their own.
        let spelled = name.replacingOccurrences(of: "œ", with: "oe").replacingOccurrences(of: "Œ", with: "oe")
            .replacingOccurrences(of: "æ", with: "ae").replacingOccurrences(of: "Æ", with: "ae")
        let folded = spelled.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        let words = folded.split { !($0.isLetter || $0.isNumber) }
        return words.map { abbreviations[$0] ?? $0 }.joined(separator: " ")
    }

    private static let abbreviations: [Substring: Substring] = ["st": "saint", "ste": "sainte", "ss": "sous"]

    /// The keys that are one slip of the pen away from `key`: a letter or space too many, one that lacks or is another, two neighbours that changed places.
    /// So an index on names finds who is meant: some 50 for each letter.
    ///
    /// - Returns: None for less than four letters, which are meant; for numbers, which are, too; and for what is longer than any commune's name.
    static func slips(of key: String) -> [String] {
        let written = Array(key.utf8)
        guard (4...60).contains(written.count), written.allSatisfy({ letters.contains($0) }) else { return [] }
        var slips: Set<[UInt8]> = []
        func add(_ slip: (inout [UInt8]) -> Void) {
            var other = written
            slip(&other)
            slips.insert(other)
        }
        for position in 0...written.count {
            for letter in letters { add { $0.insert(letter, at: position) } }
            guard position < written.count else { break }
            for letter in letters { add { $0[position] = letter } }
            add { $0.remove(at: position) }
            if position > 0 { add { $0.swapAt(position - 1, position) } }
        }
        return slips.map { String(decoding: $0, as: UTF8.self) }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz ".utf8)
}
