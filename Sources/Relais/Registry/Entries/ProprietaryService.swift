import Postgres

/// Where something runs.
public enum Hosting: String, Sendable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable {
    /// Somebody keeps it on a server.
    case hosted
    /// On one's own computer or telephone.
    case local
    case both
}

/// A proprietary service that people leave for a free one: a fact that staff can edit.
public struct ProprietaryServiceDraft: EntryDraft {
    public var name: String
    public var publisher: String
    public var hosting: Hosting
    /// The node of the tree that stands for leaving it: `libre-messagerie`.
    public var skill: Skill.ID

    public struct Filter: EntryFilter {
        public var skill: Skill.ID?
        /// Part of its name, without regard to case and accents.
        public var name: String?

        public init() {}

        public var conditions: [SQL] {
            var conditions: [SQL] = []
            if let skill { conditions.append("skill = \(skill)") }
            // search_key leaves letters, digits and spaces: nothing that LIKE would read as a pattern.
            if let name { conditions.append("search_key(name) LIKE '%' || search_key(\(name)) || '%'") }
            return conditions
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, publisher
        case hosting = "kind"
        case skill
    }

    public static let kind = "proprietary_service"
    public static let table: SQL = "proprietary_services"
    public static let columns: SQL = "name, publisher, kind, skill"
    public var values: SQL { "\(name), \(publisher), \(hosting), \(skill)" }

    public init?(_ object: inout InputObject) {
        let name = object.text("name", required: true)
        let publisher = object.text("publisher", required: true)
        let hosting = object.choice("kind", of: Hosting.self, required: true)
        let skill = object.text("skill", form: .skill, required: true)
        guard let name, let publisher, let hosting, let skill else { return nil }
        self.name = name
        self.publisher = publisher
        self.hosting = hosting
        self.skill = skill
    }

    public init(row: borrowing Row) throws(PostgresError) {
        name = try row["name"]
        publisher = try row["publisher"]
        hosting = try row["kind"]
        skill = try row["skill"]
    }

    public static let references: Set = ["skill"]

    public func checkReferences(in tx: Session<RegistryError>) async throws(RegistryError) { try await tx.check(skill: skill) }
}
