import Matching
import Postgres

/// A place as the national standard 1.0.2 writes it: its columns, in the order of `schema.json`, with labels for codes and bars between several values.
///
/// What the standard requires and the registry does not know is filled in: fourteen zeros as `pivot`, the day of the last change as `date_maj`, the
/// place's own id as `id`. ``PlaceDraft/withoutFillings(of:)`` takes that out again, so that what was exported and comes back changes nothing.
public struct StandardRecord: Sendable {
    /// The columns of the standard.
    public static let columns = table.map(\.column)

    /// The values of ``columns``, one for each; empty where nothing is known.
    public let values: [String]

    public init(_ place: Place) { values = Self.table.map { $0.value(place) } }

    private static let table: [(column: String, value: @Sendable (Place) -> String)] = [
        ("id", { $0.sourceID ?? $0.id.description }),
        // What a file gave and is no such number stays with the place, and would make the export no file of the standard.
        ("pivot", { place in place.pivot.flatMap { Form.pivot.matches($0) ? $0 : nil } ?? Siret.placeholder }),
        ("nom", \.name),
        ("commune", \.communeName),
        ("code_postal", \.postcode),
        ("code_insee", { $0.commune ?? "" }),
        ("adresse", \.address),
        ("complement_adresse", { $0.addressExtra ?? "" }),
        ("latitude", { $0.location.map { "\($0.latitude)" } ?? "" }),
        ("longitude", { $0.location.map { "\($0.longitude)" } ?? "" }),
        ("typologie", { joined($0.typologies) }),
        ("telephone", { $0.phone ?? "" }),
        ("courriels", { joined($0.emails) }),
        // A bar in an address is one that should have been written so (RFC 3986, 2): it would be read as the end of it.
        ("site_web", { joined($0.websites.map { $0.replacing("|", with: "%7C") }) }),
        ("horaires", { $0.openingHours ?? "" }),
        ("presentation_resume", { $0.summary ?? "" }),
        ("presentation_detail", { $0.description ?? "" }),
        ("source", { $0.source ?? "" }),
        ("itinerance", { labels($0.itinerance, .itinerance) }),
        ("structure_parente", { $0.parentStructure ?? "" }),
        ("date_maj", { "\($0.updatedOn ?? $0.changeDay)" }),
        ("services", { labels($0.services, .services) }),
        ("publics_specifiquement_adresses", { labels($0.publics, .publics) }),
        ("prise_en_charge_specifique", { labels($0.specialCare, .specialCare) }),
        ("frais_a_charge", { labels($0.fees, .fees) }),
        ("dispositif_programmes_nationaux", { labels($0.programmes, .programmes) }),
        ("formations_labels", { labels($0.labels, .labels) }),
        ("autres_formations_labels", { joined($0.otherLabels.map { $0.replacing("|", with: "/") }) }),
        ("modalites_acces", { labels($0.accessModes, .accessModes) }),
        ("modalites_accompagnement", { labels($0.supportModes, .supportModes) }),
        ("fiche_acces_libre", { $0.accessibilityURL ?? "" }),
        ("prise_rdv", { $0.bookingURL ?? "" }),
    ]

    private static func joined(_ values: [String]) -> String { values.joined(separator: "|") }

    private static func labels(_ codes: [String], _ vocabulary: Vocabulary) -> String {
        joined(codes.map { vocabulary.label(of: $0) ?? $0 })
    }
}

extension Place {
    /// The day on which the registry changed it last, in the network's zone.
    var changeDay: Day { Day.today(at: record.updatedAt) }
}

extension PlaceDraft {
    /// This record of a file without what an export fills in for what the place does not say, or did not when it was written (``StandardRecord``).
    ///
    /// What is filled in says nothing, so it replaces nothing: where something stands here now, it counts as what the source said before.
    func withoutFillings(of known: KnownPlace) -> PlaceDraft {
        let place = known.place
        let before = known.base ?? place.details
        var draft = self
        if pivot == Siret.placeholder { draft.pivot = place.pivot == nil ? nil : before.pivot }
        if let updatedOn, known.filledDays.contains(updatedOn) { draft.updatedOn = place.updatedOn == nil ? nil : before.updatedOn }
        if place.sourceID == nil, let sourceID, Place.ID(sourceID) == place.id { draft.sourceID = nil }
        return draft
    }
}
