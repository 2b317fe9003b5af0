import Foundation
import Matching
import Postgres

/// Which places are asked for. Several values of one filter: any of them; several filters: all of them.
public struct PlaceFilter: Sendable {
    public var structure: Structure.ID?
    public var commune: Commune.ID?
    /// The code of a département: `42`, `2A`.
    public var department: String?
    public var source: String?
    /// Only those whose zone covers this commune.
    public var serves: Commune.ID?
    /// A skill: places that offer it or an ancestor of it among their services.
    public var need: Skill.ID?
    /// Codes by the member of the place that holds them.
    public var codes: [Member: [String]] = [:]
    /// What somebody writes in a search box.
    public var words: String?
    public var near: Near?
    /// A day on which an itinerant service stops somewhere: then ``near`` and ``commune`` ask where it stops.
    public var itinerantOn: StopDay?
    /// Open at this instant, as far as the place says so.
    public var openAt: Date?
    public var reliability: Reliability?
    /// Whether a source no longer has the place's record.
    public var vanished: Bool?
    public var archived = false

    public init() {}

    /// The members of a place that hold codes, as filters and facets are called.
    public enum Member: String, Sendable, CaseIterable {
        case services, publics, fees, programmes, labels, itinerance, typologies
        case specialCare = "special_care"
        case accessModes = "access_modes"
        case supportModes = "support_modes"

        /// The closed list that the codes are of.
        public var vocabulary: Vocabulary {
            switch self {
            case .services: .services
            case .publics: .publics
            case .fees: .fees
            case .programmes: .programmes
            case .labels: .labels
            case .itinerance: .itinerance
            case .typologies: .typologies
            case .specialCare: .specialCare
            case .accessModes: .accessModes
            case .supportModes: .supportModes
            }
        }

        var column: SQL {
            switch self {
            case .services: "services"
            case .publics: "publics"
            case .fees: "fees"
            case .programmes: "programmes"
            case .labels: "labels"
            case .itinerance: "itinerance"
            case .typologies: "typologies"
            case .specialCare: "special_care"
            case .accessModes: "access_modes"
            case .supportModes: "support_modes"
            }
        }
    }

    /// What somebody writes in a search box, as SQL of which each part is worked out once and not for each row.
    struct Words {
        /// Without accents and case.
        let key: SQL
        let query: SQL
        /// The words of it that say something: "de" and "les" do not.
        let telling: SQL

        init(_ words: String) {
            key = "(SELECT search_key(\(words)))"
            query = "(SELECT plainto_tsquery('french_unaccent', search_key(\(words))))"
            telling = """
                (SELECT array_agg(word) FROM regexp_split_to_table(search_key(\(words)), ' ') AS word \
                WHERE word <> '' AND ts_lexize('french_stem', word) <> '{}')::text[]
                """
        }
    }

    /// Within a distance of a point.
    public struct Near: Sendable, Equatable {
        public static let farthest = 200_000
        public static let usual = 50_000

        public let location: Location
        /// In metres, 1…200,000.
        public let distance: Int

        public init(location: Location, distance: Int = Near.usual) {
            self.location = location
            self.distance = distance
        }

        /// The point on the unit sphere, worked out once and not for each row.
        var spot: SQL { "(SELECT on_sphere(\(location.latitude), \(location.longitude)))" }
        /// The straight line through the unit sphere that stands for the distance; with the metre that rounding takes.
        var chord: Double { 2 * sin((Double(distance) + 0.5) / 6_371_008.8 / 2) }
    }

    /// The filters that are given, by their parameters: an answer without items says which one to leave out.
    var names: [String] { named.map(\.name) + (openAt == nil ? [] : ["open_at"]) }

    /// The same without one of its filters.
    func without(_ name: String) -> PlaceFilter {
        var filter = self
        switch name {
        case "structure": filter.structure = nil
        case "commune": filter.commune = nil
        case "department": filter.department = nil
        case "source": filter.source = nil
        case "serves": filter.serves = nil
        case "vanished": filter.vanished = nil
        case "need": filter.need = nil
        case "q": filter.words = nil
        case "near": filter.near = nil
        case "itinerant_on": filter.itinerantOn = nil
        case "open_at": filter.openAt = nil
        case "stale": filter.reliability?.stale = nil
        case "min_quality": filter.reliability?.least = nil
        case "max_quality": filter.reliability?.most = nil
        default: if let member = Member(rawValue: name) { filter.codes[member] = nil }
        }
        return filter
    }

    /// Each filter that SQL can ask, by the name of its parameter.
    private var named: [(name: String, condition: SQL)] {
        var all: [(String, SQL)] = []
        if let structure { all.append(("structure", "structure_id = \(structure)")) }
        if let commune { all.append(("commune", itinerantOn == nil ? "commune = \(commune)" : "TRUE")) }
        if let department { all.append(("department", "commune IN (SELECT insee_code FROM communes WHERE department = \(department))")) }
        if let source { all.append(("source", "source = \(source)")) }
        if let serves { all.append(("serves", "zone && territories_of(\(serves))")) }
        if let vanished {
            let marked: SQL = "EXISTS (SELECT FROM place_sources s WHERE s.place_id = places.id AND s.vanished_at IS NOT NULL)"
            all.append(("vanished", vanished ? marked : "NOT \(marked)"))
        }
        if let need { all.append(("need", "services && skill_lineage(\(need))")) }
        for member in Member.allCases {
            if let codes = codes[member] { all.append((member.rawValue, "\(member.column) && \(codes)")) }
        }
        if let words {
            let asked = Words(words)
            // Whole words, as stems; or a name of which each word that is asked for is written much like a part.
            all.append(
                (
                    "q",
                    "(words @@ \(asked.query) OR name_key %> \(asked.key) AND name_key %> ALL (\(asked.telling)))"
                ))
        }
        if let near {
            all.append(("near", itinerantOn == nil ? near.holds("spot") : "TRUE"))
        }
        // It asks for what near and commune leave to it.
        if let itinerantOn { all.append(("itinerant_on", itinerantOn.places(self))) }
        all += reliability?.named ?? []
        return all
    }

    func conditions() -> [SQL] {
        [archived ? "archived_at IS NOT NULL" : "archived_at IS NULL"] + named.map(\.condition)
    }
}
