import Foundation
import Matching
import Postgres

/// Which places are asked for.
public struct PlaceFilter: SearchFilter {
    public typealias Entry = Place

    public var structure: Structure.ID?
    /// This commune, or what belongs to it (``Commune/parent``).
    public var commune: Commune.ID?
    /// The code of a département: `42`, `2A`.
    public var department: String?
    public var source: String?
    /// Only those whose zone covers this commune.
    public var serves: Commune.ID?
    /// A skill: places that offer it or an ancestor of it among their services, or where a mediator works who holds one of them.
    public var need: Skill.ID?
    /// Codes by the member of the place that holds them.
    public var codes: [Member: [String]] = [:]
    /// What somebody writes in a search box.
    public var words: String?
    public var near: Near?
    /// A day on which an itinerant service stops somewhere: then ``near``, ``commune`` and ``department`` ask where it stops.
    public var itinerantOn: StopDay?
    /// Open at this instant, as far as the place says so.
    public var openAt: Date?
    /// Whether that is the present, and was asked by `open_now`.
    public var isOpenNow = false
    public var reliability: Reliability?
    /// Whether a source no longer has the place's record.
    public var vanished: Bool?
    public var archived = false

    public init() {}

    /// The members of a place that hold codes, as filters and facets are called.
    public enum Member: String, SearchMember {
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

        public var column: SQL {
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

    public var table: SQL { "places" }
    public static var kind: String { "place" }
    public static var walksOutwards: Bool { true }
    public var line: SQL? { near.map { itinerantOn?.nearest($0, self) ?? "spot <-> \($0.spot)" } }
    public var names: [String] { named.map(\.name) + (openAt == nil ? [] : [isOpenNow ? "open_now" : "open_at"]) }

    public func condition(in database: Database, most: Int) async throws(PostgresError) -> SQL {
        openAt == nil ? .all(conditions()) : "id = ANY (\(try await database.open(self, most: most)))"
    }

    public func without(_ name: String) -> PlaceFilter {
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
        case "open_at", "open_now": filter.openAt = nil
        default:
            if let member = Member(rawValue: name) { filter.codes[member] = nil }
            filter.reliability = filter.reliability?.without(name)
        }
        return filter
    }

    public var named: [(name: String, condition: SQL)] {
        var all: [(String, SQL)] = []
        if let structure { all.append(("structure", "structure_id = \(structure)")) }
        if let commune { all.append(("commune", itinerantOn == nil ? "commune = ANY (\(SQL.communes(within: commune)))" : "TRUE")) }
        if let department {
            let communes: SQL = "commune IN (SELECT insee_code FROM communes WHERE department = \(department))"
            all.append(("department", itinerantOn == nil ? communes : "TRUE"))
        }
        if let source { all.append(("source", "source = \(source)")) }
        if let serves { all.append(("serves", "zone && territories_of(\(serves))")) }
        if let vanished {
            let marked: SQL = "EXISTS (SELECT FROM place_sources s WHERE s.place_id = places.id AND s.vanished_at IS NOT NULL)"
            all.append(("vanished", vanished ? marked : "NOT \(marked)"))
        }
        if let need {
            // The network's own skills, which the standard's services do not name, are held by people.
            let whereSomebodyHoldsIt: SQL = """
                SELECT l.place_id FROM mediator_places l
                  JOIN mediators m ON m.id = l.mediator_id AND m.archived_at IS NULL
                  JOIN mediator_skills k ON k.mediator_id = m.id
                 WHERE k.skill = ANY (skill_lineage(\(need)))
                """
            all.append(("need", "services && skill_lineage(\(need)) OR places.id IN (\(whereSomebodyHoldsIt))"))
        }
        for member in Member.allCases {
            if let codes = codes[member] { all.append((member.rawValue, "\(member.column) && \(codes)")) }
        }
        if let words { all.append(("q", SearchWords(words, among: Self.kind).found)) }
        if let near { all.append(("near", itinerantOn == nil ? near.holds("spot") : "TRUE")) }
        // It asks for what near, commune and department leave to it.
        if let itinerantOn { all.append(("itinerant_on", itinerantOn.places(self))) }
        all += reliability?.named ?? []
        return all
    }
}
