import Foundation
import Matching
import Postgres

/// A person of a structure who helps people, with skills, places, modes and a capacity.
@dynamicMemberLookup
public struct Mediator: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Mediator>

    /// A skill, and how well it is held: from 1 to 3.
    public struct Skilled: Sendable, Hashable, Codable {
        public let skill: Skill.ID
        public let level: Int

        public init(_ skill: Skill.ID, level: Int) {
            self.skill = skill
            self.level = level
        }
    }

    public let id: ID
    public var details: MediatorDraft
    public let capacity: Capacity
    public let record: Record
    public let standing: Standing

    public subscript<Value>(dynamicMember member: KeyPath<MediatorDraft, Value>) -> Value { details[keyPath: member] }

    /// The mediator as `caller` sees it: e-mail and telephone are for staff, for the managers of its structure and for itself.
    public func seen(by caller: Caller) -> Mediator {
        if isOpen(to: caller) { return self }
        var seen = self
        seen.details.email = nil
        seen.details.phone = nil
        return seen
    }
}

/// What is told of a mediator.
public struct MediatorDraft: Sendable, Equatable, Encodable {
    public var structure: Structure.ID
    public var name: String
    /// What the mediator tells of itself, in plain words: at most 2,000 characters.
    public var presentation: String?
    public var email: String?
    public var phone: String?
    public var places: [Place.ID]
    public var skills: [Mediator.Skilled]
    public var modes: [Mode]
    /// ISO 639-1 codes.
    public var languages: [String]
    /// How far the mediator travels, in metres, for the modes `home` and `on_site`: from 0 to 500,000.
    public var travelRadius: Int
    /// Takes nothing new for now, whatever the capacity says.
    public var paused: Bool
    /// The territory that is served, for the modes `home` and `on_site`; `nil`: not known, and nothing is excluded by it.
    public var zone: Zone?

    public init(
        structure: Structure.ID, name: String, presentation: String? = nil, email: String? = nil, phone: String? = nil,
        places: [Place.ID] = [], skills: [Mediator.Skilled] = [], modes: [Mode] = [], languages: [String] = ["fr"], travelRadius: Int = 0,
        paused: Bool = false, zone: Zone? = nil
    ) {
        self.structure = structure
        self.name = name
        self.presentation = presentation
        self.email = email
        self.phone = phone
        self.places = places
        self.skills = skills
        self.modes = modes
        self.languages = languages
        self.travelRadius = travelRadius
        self.paused = paused
        self.zone = zone
    }

    private enum CodingKeys: String, CodingKey {
        case structure, name, presentation, email, phone, places, skills, modes, languages
        case travelRadius = "travel_radius_m"
        case paused, zone
    }
}

extension Mediator: Versioned {
    /// Counts what is changed of the mediator and of its limits. What it holds changes without it.
    public var version: Int { record.version }
}

extension Mediator: Encodable {
    private enum CodingKeys: String, CodingKey { case id, capacity }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try container.encode(capacity, forKey: .capacity)
        try record.encode(to: encoder)
        try standing.encode(to: encoder)
    }
}

extension Mediator: RowDecodable {
    /// To be read from ``SQL/mediators(at:)``.
    public static let columns: SQL = "id, \(MediatorDraft.columns), \(Capacity.columns), \(Record.columns), \(Standing.columns)"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        details = try MediatorDraft(row: row)
        capacity = try Capacity(row: row)
        record = try Record(row: row)
        standing = try Standing(row: row)
    }
}

extension MediatorDraft: RowDecodable {
    public static let columns: SQL = """
        structure_id, name, presentation, email, phone, places, skills, levels, modes, languages, travel_radius_m, paused, zone
        """

    public init(row: borrowing Row) throws(PostgresError) {
        structure = try row["structure_id"]
        name = try row["name"]
        presentation = try row["presentation"]
        email = try row["email"]
        phone = try row["phone"]
        places = try row["places"]
        let skills: [Skill.ID] = try row["skills"]
        let levels: [Int] = try row["levels"]
        self.skills = zip(skills, levels).map { Mediator.Skilled($0, level: $1) }
        modes = try row["modes"]
        languages = try row["languages"]
        travelRadius = try row["travel_radius_m"]
        paused = try row["paused"]
        let territories: [String]? = try row["zone"]
        zone = territories.map { Zone(territories: $0) }
    }
}

extension SQL {
    /// The mediators as a table with all that is told of them at `now`, which says what week it is and whether a declaration still holds.
    ///
    /// What is left follows the trigger `hold_capacity`: the lower of the agreed limit and of a declared one that is not stale, less what is held.
    public static func mediators(at now: Date) -> SQL {
        """
        (SELECT m.*,
                ARRAY(SELECT place_id FROM mediator_places WHERE mediator_id = m.id ORDER BY place_id) AS places,
                ARRAY(SELECT skill FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill) AS skills,
                ARRAY(SELECT level::int FROM mediator_skills WHERE mediator_id = m.id ORDER BY skill) AS levels,
                c.agreed_open, c.agreed_weekly, c.declared_open, c.declared_weekly, c.stated_at, c.stated_by, c.valid_until, c.held,
                m.own_words || setweight((SELECT words_of(s.words) FROM mediator_skills k JOIN skills s ON s.code = k.skill
                                           WHERE k.mediator_id = m.id), 'B') AS words,
                coalesce(w.proposed, 0) AS proposed_this_week, points_total(\(mediatorQualityPoints)) AS quality,
                CASE WHEN c.agreed_open IS NOT NULL THEN greatest(0, least(
                    least(c.agreed_open, CASE WHEN d.holds THEN c.declared_open END) - c.held,
                    least(c.agreed_weekly, CASE WHEN d.holds THEN c.declared_weekly END) - coalesce(w.proposed, 0)))
                END AS left_now
           FROM mediators m
           JOIN mediator_capacities c ON c.mediator_id = m.id
           LEFT JOIN mediator_weeks w ON w.mediator_id = m.id AND w.week = week_of(\(now))
          CROSS JOIN LATERAL (SELECT c.valid_until IS NULL OR c.valid_until > \(now) AS holds) d) mediators
        """
    }
}
