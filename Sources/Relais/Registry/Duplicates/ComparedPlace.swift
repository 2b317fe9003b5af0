import Foundation
import Matching
import Postgres

/// The few facts of a place by which one looks for its duplicates, brought into comparable form once.
public struct ComparedPlace: Sendable {
    public let id: Place.ID
    /// As it was written, for whoever reads the answer.
    public let name: String
    /// The commune's name as it was written.
    public let town: String
    let words: NameWords
    let address: StreetAddress
    let postcode: String
    /// The INSEE code when it is known.
    let commune: String?
    /// The commune's name, folded.
    let communeName: String
    let location: Location?
    /// 14 digits; nil for the zeros that stand for "unknown".
    let pivot: String?
    let phone: String?
    let emails: Set<String>
    /// `host/path`
    let websites: Set<String>
    let hosts: Set<String>
    /// Who keeps the record, told by source and the form of its ids; nil when it was entered here.
    let collection: String?
    /// The number by which its source knows it: `17` of `hinaura-17`.
    let localID: String?

    public init(
        id: Place.ID, name: String, address: String, postcode: String, communeName: String, commune: String? = nil,
        location: Location? = nil,
        pivot: String? = nil, phone: String? = nil, emails: [String] = [], websites: [String] = [], source: String? = nil,
        sourceID: String? = nil
    ) {
        self.id = id
        self.name = name
        town = communeName
        words = NameWords(name, commune: communeName)
        self.address = StreetAddress(address, postcode: postcode, commune: communeName)
        self.postcode = postcode
        self.commune = commune
        self.communeName = Self.town(communeName)
        self.location = location
        self.pivot = Self.pivot(pivot)
        self.phone = ContactKeys.phone(phone)
        self.emails = Set(emails.compactMap(ContactKeys.email))
        let websites = websites.compactMap(ContactKeys.website)
        self.websites = Set(websites)
        hosts = Set(websites.compactMap { ContactKeys.host(of: $0).map(String.init) })
        collection = sourceID.map { "\(source ?? "")|\(Self.form(of: $0))" }
        localID = sourceID.map { String($0.split { !($0.isLetter || $0.isNumber) }.last ?? "") }
    }

    /// `hinaura` of `hinaura-17`, nothing of `17` or a UUID: the records of one source whose ids have one form are kept apart by it.
    private static func form(of sourceID: String) -> Substring {
        let letters = sourceID.prefix { $0.isLetter }
        let next = sourceID.dropFirst(letters.count).first
        return next.map { $0 == "-" || $0 == "_" || $0 == ":" || $0 == "/" } == true ? letters : ""
    }

    /// Without CEDEX and the number of an arrondissement, which the postcode tells as well.
    private static func town(_ name: String) -> String {
        var words = FoldedWords.of(name)
        if let cedex = words.firstIndex(of: "cedex") { words.removeSubrange(cedex...) }
        return words.joined(separator: " ")
    }

    private static func pivot(_ text: String?) -> String? {
        guard let text else { return nil }
        let number = text.filter { $0.isLetter || $0.isNumber }
        return number.count < 9 || number.allSatisfy { $0 == "0" } ? nil : number.uppercased()
    }
}

extension ComparedPlace: RowDecodable {
    public static let columns: SQL =
        "id, name, address, postcode, commune_name, commune, latitude, longitude, pivot, phone, emails, websites, source, source_id"

    public init(row: borrowing Row) throws(PostgresError) {
        let latitude: Double? = try row["latitude"]
        let longitude: Double? = try row["longitude"]
        let location = if let latitude, let longitude { Location(latitude: latitude, longitude: longitude) } else { Location?.none }
        self.init(
            id: try row["id"], name: try row["name"], address: try row["address"], postcode: try row["postcode"],
            communeName: try row["commune_name"], commune: try row["commune"], location: location, pivot: try row["pivot"],
            phone: try row["phone"], emails: try row["emails"], websites: try row["websites"], source: try row["source"],
            sourceID: try row["source_id"])
    }
}

extension ComparedPlace {
    init(_ id: Place.ID, _ draft: PlaceDraft) {
        self.init(
            id: id, name: draft.name, address: draft.address, postcode: draft.postcode, communeName: draft.communeName,
            commune: draft.commune,
            location: draft.location, pivot: draft.pivot, phone: draft.phone, emails: draft.emails, websites: draft.websites,
            source: draft.source, sourceID: draft.sourceID)
    }
}
