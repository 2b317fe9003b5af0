import Foundation

/// How help is given.
public enum Mode: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// At a place of the mediator's.
    case place
    /// At the person's home.
    case home
    case remote
    case workshop
    /// At the premises of the structure that asks.
    case onSite = "on_site"

    public static func < (one: Mode, other: Mode) -> Bool { one.rawValue < other.rawValue }
}

/// What a request asks of whoever takes it: the hard constraints' left side.
public struct Demand: Sendable, Equatable {
    /// A skill that is needed, at least at `level`.
    public struct Need: Sendable, Equatable {
        public let skill: String
        /// 1…3.
        public let level: Int
        /// The skill, its parent, its parent's parent…: holding any of them at the level meets the need.
        public let lineage: [String]

        public init(skill: String, level: Int, lineage: [String]) {
            self.skill = skill
            self.level = level
            self.lineage = lineage
        }
    }

    public let needs: [Need]
    public let modes: Set<Mode>
    /// Where the person is, or where the structure's premises are; `nil`: unknown.
    public let location: Location?
    /// How far the person goes, in metres.
    public let reach: Int
    /// The territories that the person's commune lies in, as ``Supply/zone`` names them; empty: unknown.
    public let territories: Set<String>
    public let publics: Set<String>
    /// Mediators who declined this request, or let its proposal expire.
    public let declinedBy: Set<UUID>

    public init(
        needs: [Need], modes: Set<Mode>, location: Location?, reach: Int, publics: Set<String>, declinedBy: Set<UUID>,
        territories: Set<String> = []
    ) {
        self.needs = needs
        self.modes = modes
        self.location = location
        self.reach = reach
        self.publics = publics
        self.declinedBy = declinedBy
        self.territories = territories
    }
}

/// A mediator as the matcher sees one.
public struct Supply: Sendable, Equatable {
    public struct Place: Sendable, Equatable {
        public let id: UUID
        public let location: Location?
        /// The publics that the place is for; empty: everybody.
        public let publics: Set<String>

        public init(id: UUID, location: Location?, publics: Set<String>) {
            self.id = id
            self.location = location
            self.publics = publics
        }
    }

    /// What may be open, and what is; in referrals.
    public struct Capacity: Sendable, Equatable {
        /// `nil`: never agreed, so the mediator is no candidate.
        public let agreedOpen: Int?
        /// The limits in force: the lower of agreed and declared.
        public let openLimit: Int?
        public let weeklyLimit: Int?
        public let held: Int
        public let proposedThisWeek: Int

        public init(agreedOpen: Int?, openLimit: Int?, weeklyLimit: Int?, held: Int, proposedThisWeek: Int) {
            self.agreedOpen = agreedOpen
            self.openLimit = openLimit
            self.weeklyLimit = weeklyLimit
            self.held = held
            self.proposedThisWeek = proposedThisWeek
        }
    }

    public let id: UUID
    /// Level by skill.
    public let skills: [String: Int]
    public let modes: Set<Mode>
    /// How far the mediator travels, in metres, from the nearest of its places.
    public let travelRadius: Int
    /// The territories that the mediator goes to, whatever the distance allows; `nil`: not known, so it excludes nothing.
    public let zone: Set<String>?
    public let places: [Place]
    public let capacity: Capacity
    /// Takes new referrals: not paused, and neither it nor its structure archived.
    public let accepting: Bool

    public init(
        id: UUID, skills: [String: Int], modes: Set<Mode>, travelRadius: Int, places: [Place], capacity: Capacity, accepting: Bool = true,
        zone: Set<String>? = nil
    ) {
        self.accepting = accepting
        self.zone = zone
        self.id = id
        self.skills = skills
        self.modes = modes
        self.travelRadius = travelRadius
        self.places = places
        self.capacity = capacity
    }
}
