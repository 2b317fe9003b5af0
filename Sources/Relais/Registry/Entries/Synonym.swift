import Postgres

/// What people say when they need a skill, as they say it: "mon téléphone est plein".
public struct SynonymDraft: EntryDraft {
    /// At most 200 characters, with at least one word that says something ("ça" is found by nothing).
    public var phrase: String
    public var skill: Skill.ID

    public struct Filter: EntryFilter {
        public var skill: Skill.ID?

        public init() {}

        public var conditions: [SQL] { skill.map { ["skill = \($0)"] } ?? [] }
    }

    public static let kind = "synonym"
    public static let table: SQL = "skill_synonyms"
    public static let columns: SQL = "phrase, skill"
    public var values: SQL { "\(phrase), \(skill)" }

    public init?(_ object: inout InputObject) {
        let phrase = object.text("phrase", required: true)
        let skill = object.text("skill", form: .skill, required: true)
        guard let phrase, let skill else { return nil }
        self.phrase = phrase
        self.skill = skill
    }

    public init(row: borrowing Row) throws(PostgresError) {
        phrase = try row["phrase"]
        skill = try row["skill"]
    }

    public static let references: Set = ["skill"]

    public func checkReferences(in tx: Session<RegistryError>) async throws(RegistryError) { try await tx.check(skill: skill) }
}
