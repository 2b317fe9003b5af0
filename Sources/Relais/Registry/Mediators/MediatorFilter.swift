import Foundation
import Postgres

/// Which mediators are asked for.
public struct MediatorFilter: SearchFilter {
    public typealias Entry = Mediator

    public var structure: Structure.ID?
    /// Those who hold exactly this skill, at whatever level.
    public var skill: Skill.ID?
    /// Those who hold a skill, or an ancestor of it, at a level at least.
    public var need: Mediator.Skilled?
    public var place: Place.ID?
    /// Only those whose zone covers this commune.
    public var serves: Commune.ID?
    /// Codes by the member that holds them.
    public var codes: [Member: [String]] = [:]
    /// What somebody writes in a search box.
    public var words: String?
    /// One of the mediator's places is that near; or the mediator goes to people, and goes that far from the nearest of its places.
    public var near: Near?
    /// Whether it would take something new now: its structure is there, it is not paused, and its capacity leaves room.
    public var accepting: Bool?
    public var archived = false
    public var reliability: Reliability?
    /// The instant at which capacities are looked at.
    public let now: Date

    public init(at now: Date) { self.now = now }

    /// The members of a mediator that hold codes, as filters and facets are called. The last four are those of its places, all together.
    public enum Member: String, SearchMember {
        case skills, modes, languages, publics, fees, programmes
        case specialCare = "special_care"

        public var column: SQL {
            switch self {
            case .skills: "skills"
            case .modes: "modes"
            case .languages: "languages"
            case .publics: ofPlaces(.publics)
            case .fees: ofPlaces(.fees)
            case .programmes: ofPlaces(.programmes)
            case .specialCare: ofPlaces(.specialCare)
            }
        }

        private func ofPlaces(_ member: PlaceFilter.Member) -> SQL {
            """
            ARRAY(SELECT DISTINCT unnest(p.\(member.column)) FROM mediator_places l JOIN places p ON p.id = l.place_id \
            WHERE l.mediator_id = mediators.id AND p.archived_at IS NULL)
            """
        }
    }

    public static var kind: String { "mediator" }

    public var table: SQL {
        guard let near else { return .mediators(at: now) }
        return """
            \(.mediators(at: now)) LEFT JOIN (
                SELECT l.mediator_id, min(p.spot <-> \(near.spot)) AS line FROM mediator_places l JOIN places p ON p.id = l.place_id
                 WHERE p.archived_at IS NULL GROUP BY l.mediator_id) nearest ON nearest.mediator_id = mediators.id
            """
    }

    /// To the nearest of its places.
    public var line: SQL? { near.map { _ in "line" } }

    public func without(_ name: String) -> MediatorFilter {
        var filter = self
        switch name {
        case "structure": filter.structure = nil
        // What the facet counts is asked by one code under another name.
        case "skill", "skills": filter.skill = nil
        case "need": filter.need = nil
        case "place": filter.place = nil
        case "serves": filter.serves = nil
        case "q": filter.words = nil
        case "near": filter.near = nil
        case "accepting": filter.accepting = nil
        default:
            if let member = Member(rawValue: name) { filter.codes[member] = nil }
            filter.reliability = filter.reliability?.without(name)
        }
        return filter
    }

    public var named: [(name: String, condition: SQL)] {
        var all: [(String, SQL)] = []
        if let structure { all.append(("structure", "structure_id = \(structure)")) }
        if let skill { all.append(("skill", "id IN (SELECT mediator_id FROM mediator_skills WHERE skill = \(skill))")) }
        if let need {
            let skills: SQL = "skill = ANY (skill_lineage(\(need.skill))) AND level >= \(need.level)"
            all.append(("need", "id IN (SELECT mediator_id FROM mediator_skills WHERE \(skills))"))
        }
        if let place { all.append(("place", "id IN (SELECT mediator_id FROM mediator_places WHERE place_id = surviving_place(\(place)))")) }
        if let serves { all.append(("serves", "zone && territories_of(\(serves))")) }
        for member in Member.allCases {
            if let codes = codes[member] { all.append((member.rawValue, "\(member.column) && \(codes)")) }
        }
        if let accepting {
            let accepts: SQL = """
                NOT paused AND coalesce(left_now, 0) > 0
                AND EXISTS (SELECT FROM structures s WHERE s.id = mediators.structure_id AND s.archived_at IS NULL)
                """
            all.append(("accepting", accepting ? accepts : "NOT (\(accepts))"))
        }
        if let words {
            let asked = SearchWords(words, among: Self.kind)
            // Who has none of the words is passed over before the words of its skills are put beside its own, which takes most of the time.
            let skilled: SQL = """
                SELECT k.mediator_id FROM skills s JOIN mediator_skills k ON k.skill = s.code WHERE s.words @@ \(asked.any)
                """
            all.append(("q", "(own_words @@ \(asked.any) OR id IN (\(skilled))) AND \(asked.found)"))
        }
        if let near {
            let travels: SQL = "modes && '{home,on_site}' AND line <= \(Near.chord(ofMetres: "travel_radius_m"))"
            all.append(("near", "line <= \(near.chord) OR \(travels)"))
        }
        all += reliability?.named ?? []
        return all
    }
}
