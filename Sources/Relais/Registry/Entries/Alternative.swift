import Postgres

/// What replaces a proprietary service: a free program, or a service made with one.
public struct AlternativeDraft: EntryDraft {
    public var service: Entry<ProprietaryServiceDraft>.ID
    public var name: String
    public var hosting: Hosting
    public var website: String
    /// As it is written at its source: `AGPL-3.0`.
    public var licence: String
    /// What is gained and what is lost, in plain French; at most 500 characters.
    public var note: String

    public struct Filter: EntryFilter {
        public var service: Entry<ProprietaryServiceDraft>.ID?

        public init() {}

        public var conditions: [SQL] { service.map { ["service_id = \($0)"] } ?? [] }
    }

    private enum CodingKeys: String, CodingKey {
        case service, name
        case hosting = "kind"
        case website, licence, note
    }

    public static let kind = "alternative"
    public static let table: SQL = "alternatives"
    public static let columns: SQL = "service_id, name, kind, website, licence, note"
    public var values: SQL { "\(service), \(name), \(hosting), \(website), \(licence), \(note)" }

    public init?(_ object: inout InputObject) {
        let service = object.id("service", of: ProprietaryServiceDraft.self, required: true)
        let name = object.text("name", required: true)
        let hosting = object.choice("kind", of: Hosting.self, required: true)
        let website = object.text("website", form: .url, required: true)
        let licence = object.text("licence", required: true)
        let note = object.text("note", max: 500, required: true)
        guard let service, let name, let hosting, let website, let licence, let note else { return nil }
        self.service = service
        self.name = name
        self.hosting = hosting
        self.website = website
        self.licence = licence
        self.note = note
    }

    public init(row: borrowing Row) throws(PostgresError) {
        service = try row["service_id"]
        name = try row["name"]
        hosting = try row["kind"]
        website = try row["website"]
        licence = try row["licence"]
        note = try row["note"]
    }

    public static let references: Set = ["service"]

    public func checkReferences(in tx: Session<RegistryError>) async throws(RegistryError) {
        // Kept from being archived until the transaction ends.
        let isArchived = try await tx.value(
            "SELECT archived_at IS NOT NULL FROM proprietary_services WHERE id = \(service) FOR SHARE", as: Bool.self)
        guard let isArchived else { throw .invalid(InvalidInput("/service", "unknown_id", "There is no such service.")) }
        if isArchived { throw .invalid(InvalidInput("/service", "archived", "This service is archived.")) }
    }
}
