import Foundation
import Matching
import Postgres

/// What somebody needs (demande): the objective in their own words, then the skills that meet it.
public struct Request: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Request>
    public typealias Status = RequestLifecycle.Status

    public enum AskedBy: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case individual, structure
        case localAuthority = "local_authority"
    }

    /// A skill that is needed, and the level (1…3) that it takes.
    public struct Need: Sendable, Equatable, Codable {
        public let skill: Skill.ID
        public let level: Int

        public init(_ skill: Skill.ID, level: Int) {
            self.skill = skill
            self.level = level
        }
    }

    /// What a structure or local authority wants to achieve: whom for, what they should learn, and only then with which tools.
    public struct Objectives: Sendable, Equatable, Codable {
        public let publics: [String]
        public let messages: [String]
        public let tools: [String]
        /// The proprietary services to be left for free ones.
        public let leaving: [String]
    }

    /// When the person can come: weekdays (`mo`…`su`) between two local times (`09:00`).
    public struct Times: Sendable, Equatable, Codable {
        public let weekdays: [String]
        public let start: String
        public let end: String
    }

    public enum AgeBand: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
        case under18 = "under_18"
        case from18 = "18_25"
        case from26 = "26_59"
        case from60 = "60_74"
        case from75 = "75_plus"
    }

    public let id: ID
    public let version: Int
    public let status: Status
    public let askedBy: AskedBy
    public let objective: String
    public let objectives: Objectives?
    public let needs: [Need]
    public let groupSize: Int?
    public let wishedDates: [Day]
    public let commune: Commune.ID?
    public let location: Location?
    public let modes: [Mode]
    /// How far the person goes, in metres.
    public let reach: Int
    public let languages: [String]
    public let publics: [String]
    public let specialCare: [String]
    public let freeOnly: Bool
    public let ageBand: AgeBand?
    public let earliest: Day?
    public let deadline: Day?
    public let times: [Times]
    /// 1…3; 3 comes first.
    public let priority: Int
    public let priorityReason: String?
    /// The structure that files for somebody, or asks for itself.
    public let prescriber: Structure.ID?
    public let needsAttention: String?
    public let nextMediators: [Mediator.ID]
    public let refusals: Int
    public let noShows: Int
    /// Since when it is at the top of the queue again: it was refused, given back or reopened.
    public let returnedAt: Date?
    /// Before which nobody is looked for.
    public let retryAt: Date?
    public let outcome: ReferralLifecycle.Outcome?
    public let createdAt: Date
    public let updatedAt: Date
    public let endedAt: Date?
    let person: Person.ID?
}

extension Request: RowDecodable {
    public static let columns: SQL = """
        id, version, status, asked_by, objective, objectives, group_size, wished_dates, commune, latitude, longitude, modes, reach_m, languages, publics,
        special_care, free_only, age_band, earliest, deadline, times, priority, priority_reason, prescriber, needs_attention, next_mediators, refusals,
        no_shows, returned_at, retry_at, outcome, created_at, updated_at, ended_at, person_id,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('skill', n.skill, 'level', n.level) ORDER BY n.position), '[]')
           FROM request_needs n WHERE n.request_id = requests.id) AS needs
        """

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        version = try row["version"]
        status = try row["status"]
        askedBy = try row["asked_by"]
        objective = try row["objective"]
        let objectives: JSON<Objectives>? = try row["objectives"]
        self.objectives = objectives?.value
        let needs: JSON<[Need]> = try row["needs"]
        self.needs = needs.value
        groupSize = try row["group_size"]
        wishedDates = try row["wished_dates"]
        commune = try row["commune"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { nil }
        modes = try row["modes"]
        reach = try row["reach_m"]
        languages = try row["languages"]
        publics = try row["publics"]
        specialCare = try row["special_care"]
        freeOnly = try row["free_only"]
        ageBand = try row["age_band"]
        earliest = try row["earliest"]
        deadline = try row["deadline"]
        let times: JSON<[Times]> = try row["times"]
        self.times = times.value
        priority = try row["priority"]
        priorityReason = try row["priority_reason"]
        prescriber = try row["prescriber"]
        needsAttention = try row["needs_attention"]
        nextMediators = try row["next_mediators"]
        refusals = try row["refusals"]
        noShows = try row["no_shows"]
        returnedAt = try row["returned_at"]
        retryAt = try row["retry_at"]
        outcome = try row["outcome"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
        endedAt = try row["ended_at"]
        person = try row["person_id"]
    }
}
