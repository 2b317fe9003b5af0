import Foundation
import Matching
import Postgres

/// Where people are received.
@dynamicMemberLookup
public struct Place: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Place>

    public let id: ID
    public let details: PlaceDraft
    public let record: Record
    public let standing: Standing

    public subscript<Value>(dynamicMember member: KeyPath<PlaceDraft, Value>) -> Value { details[keyPath: member] }
}

/// What is told of a place. Its members are those of the national standard 1.0.2 (`lieu de médiation numérique`), in English, with the
/// vocabularies as codes (``Vocabulary``).
public struct PlaceDraft: Sendable, Equatable, Encodable {
    /// Files of places name no structure, so a place may have none.
    public var structure: Structure.ID?
    public var name: String
    /// SIRET, RNA, RIDET or fourteen zeros for "unknown", as it was read: never a key.
    public var pivot: String?
    public var address: String
    public var addressExtra: String?
    /// Five digits.
    public var postcode: String
    /// The commune's name as it was read.
    public var communeName: String
    /// The commune's INSEE code, when it could be found.
    public var commune: Commune.ID?
    public var location: Location?
    public var typologies: [String] = []
    public var phone: String?
    public var emails: [String] = []
    public var websites: [String] = []
    /// OSM `opening_hours`, as it was read.
    public var openingHours: String?
    public var summary: String?
    public var description: String?
    public var itinerance: [String] = []
    /// What the standard calls `structure_parente`: free text.
    public var parentStructure: String?
    /// Of the nine services of the standard.
    public var services: [String] = []
    public var publics: [String] = []
    public var specialCare: [String] = []
    public var fees: [String] = []
    public var programmes: [String] = []
    public var labels: [String] = []
    public var otherLabels: [String] = []
    public var accessModes: [String] = []
    public var supportModes: [String] = []
    public var accessibilityURL: String?
    public var bookingURL: String?
    /// The territory that is served; `nil`: not known.
    public var zone: Zone?
    /// The day on which the record was last changed at its source.
    public var updatedOn: Day?
    /// Who collected the record, and what it is called there.
    public var source: String?
    public var sourceID: String?

    public init(name: String, address: String, postcode: String, communeName: String, commune: Commune.ID? = nil) {
        self.name = name
        self.address = address
        self.postcode = postcode
        self.communeName = communeName
        self.commune = commune
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case structure, name, pivot, address
        case addressExtra = "address_extra"
        case postcode
        case communeName = "commune_name"
        case commune, location, typologies, phone, emails, websites
        case openingHours = "opening_hours"
        case summary, description, itinerance
        case parentStructure = "parent_structure"
        case services, publics
        case specialCare = "special_care"
        case fees, programmes, labels
        case otherLabels = "other_labels"
        case accessModes = "access_modes"
        case supportModes = "support_modes"
        case accessibilityURL = "accessibility_url"
        case bookingURL = "booking_url"
        case zone
        case updatedOn = "updated_on"
        case source
        case sourceID = "source_id"
    }
}

extension Place: Versioned {
    public var version: Int { record.version }
}

extension Place: Encodable {
    private enum CodingKeys: String, CodingKey { case id }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try details.encode(to: encoder)
        try record.encode(to: encoder)
        try standing.encode(to: encoder)
    }
}

extension Place: RowDecodable {
    public static let columns: SQL = "id, \(PlaceDraft.columns), \(Record.columns), \(Standing.columns)"

    public init(row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        details = try PlaceDraft(row: row)
        record = try Record(row: row)
        standing = try Standing(row: row)
    }
}

extension PlaceDraft: RowDecodable {
    public static let columns: SQL = """
        structure_id, name, pivot, address, address_extra, postcode, commune_name, commune, latitude, longitude, typologies, phone, emails, \
        websites, opening_hours, summary, description, itinerance, parent_structure, services, publics, special_care, fees, programmes, labels, \
        other_labels, access_modes, support_modes, accessibility_url, booking_url, zone, updated_on, source, source_id
        """

    public init(row: borrowing Row) throws(PostgresError) {
        structure = try row["structure_id"]
        name = try row["name"]
        pivot = try row["pivot"]
        address = try row["address"]
        addressExtra = try row["address_extra"]
        postcode = try row["postcode"]
        communeName = try row["commune_name"]
        commune = try row["commune"]
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { nil }
        typologies = try row["typologies"]
        phone = try row["phone"]
        emails = try row["emails"]
        websites = try row["websites"]
        openingHours = try row["opening_hours"]
        summary = try row["summary"]
        description = try row["description"]
        itinerance = try row["itinerance"]
        parentStructure = try row["parent_structure"]
        services = try row["services"]
        publics = try row["publics"]
        specialCare = try row["special_care"]
        fees = try row["fees"]
        programmes = try row["programmes"]
        labels = try row["labels"]
        otherLabels = try row["other_labels"]
        accessModes = try row["access_modes"]
        supportModes = try row["support_modes"]
        accessibilityURL = try row["accessibility_url"]
        bookingURL = try row["booking_url"]
        let territories: [String]? = try row["zone"]
        zone = territories.map { Zone(territories: $0) }
        updatedOn = try row["updated_on"]
        source = try row["source"]
        sourceID = try row["source_id"]
    }
}
