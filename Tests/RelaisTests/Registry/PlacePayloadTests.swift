import Foundation
import Matching
import Postgres
import Support
import Testing

@testable import Relais

/// An import writes places whole: a column that ``PlacePayload`` forgot would be emptied by each.
@Suite("Places as an import writes them", .database)
struct PlacePayloadTests {
    let database = OwnDatabase.current

    /// A draft that says something of each of its members.
    static func full() throws -> PlaceDraft {
        var draft = PlaceDraft(
            name: "Médiathèque \"A\"", address: "1 rue\nbât. B", postcode: "42000", communeName: "Saint-Étienne", commune: "42218")
        draft.structure = Structure.ID("0198c2f4-0000-7000-8000-000000000001")
        draft.pivot = "00000000000000"
        draft.addressExtra = "2e étage"
        draft.location = Location(latitude: 45.44, longitude: 4.39)
        draft.typologies = ["BIB"]
        draft.phone = "+33477000001"
        draft.emails = ["a@example.org", "b@example.org"]
        draft.websites = ["https://example.org"]
        draft.openingHours = "Mo-Fr 09:00-12:00"
        draft.summary = "Court"
        draft.description = "Long"
        draft.itinerance = ["fixe"]
        draft.parentStructure = "La ville"
        draft.services = ["usage-securise"]
        draft.publics = ["seniors"]
        draft.specialCare = ["illettrisme"]
        draft.fees = ["gratuit"]
        draft.programmes = ["france-services"]
        draft.labels = ["aidants-connect"]
        draft.otherLabels = ["Un label"]
        draft.accessModes = ["telephoner"]
        draft.supportModes = ["en-autonomie"]
        draft.accessibilityURL = "https://acceslibre.example.org"
        draft.bookingURL = "https://rdv.example.org"
        draft.zone = Zone(communes: ["42218"], departments: ["43"])
        draft.updatedOn = Day("2024-04-02")
        draft.source = "X"
        draft.sourceID = "1"
        for member in Mirror(reflecting: draft).children {
            #expect(!saysNothing(member.value), "\(member.label ?? "?") is to be filled here, so that this test looks at it")
        }
        return draft
    }

    private static func saysNothing(_ value: Any) -> Bool {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional, .collection: return mirror.children.isEmpty
        default: return (value as? String)?.isEmpty == true
        }
    }

    private static func payload(of draft: PlaceDraft) -> PlacePayload {
        var payload = PlacePayload()
        payload.add("created", Place.ID(UUID()), nil, version: 1, row: nil, said: draft)
        return payload
    }

    @Test func nothingIsLostOnTheWay() async throws {
        let draft = try Self.full()
        let written = try await database.first(
            "SELECT \(PlaceDraft.columns) FROM jsonb_populate_record(NULL::places, \(Self.payload(of: draft).json) -> 0 -> 'said')",
            as: PlaceDraft.self)
        #expect(written == draft)
    }

    @Test func eachColumnThatIsToldOfAPlaceIsWritten() async throws {
        let json = try JSONValue(parsing: Self.payload(of: try Self.full()).json.bytes)
        guard case .array(let entries) = json, case .object(let entry)? = entries.first, case .object(let said)? = entry["said"] else {
            Issue.record("\(json) is no list of places")
            return
        }
        let columns = try await database.values(
            """
            SELECT attname::text FROM pg_attribute
             WHERE attrelid = 'places'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            """, as: String.self)
        // What no source tells: the registry keeps it itself.
        let kept: Set = [
            "id", "version", "created_at", "updated_at", "archived_at", "confirmed_at", "confirmed_by", "confirmed_as", "merged_into",
            "stop_count",
        ]
        #expect(Set(said.keys) == Set(columns).subtracting(kept))
    }
}
