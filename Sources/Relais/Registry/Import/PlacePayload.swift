import Foundation
import Matching
import Postgres

/// Changes of places as a JSON array, which one statement writes: a thousand rows travel as one parameter.
///
/// Places are objects whose members are the columns of the table, as `jsonb_populate_record` reads them.
struct PlacePayload {
    private var bytes: [UInt8] = [UInt8(ascii: "[")]
    private(set) var count = 0

    var json: RawJSON { RawJSON(bytes: bytes + [UInt8(ascii: "]")]) }

    /// - Parameters:
    ///   - kind: One of `import_change_kind_known`.
    ///   - version: The version that the place will have.
    ///   - row: What the place is afterwards; `nil` when it stays, and when it is new: then it is what the source says.
    ///   - said: What the source says.
    ///   - also: See ``ThreeWayMerge/alsoSaid``.
    mutating func add(
        _ kind: StaticString, _ place: Place.ID, _ key: SourceKey?, version: Int, changed: [PlaceMember] = [], row: PlaceDraft?,
        said: PlaceDraft, also: PlaceDraft? = nil
    ) {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        count += 1
        text("{\"kind\":\"\(kind)\",\"place\":\"\(place)\",\"version\":\(version),\"changed\":")
        write(changed.flatMap(\.columns))
        text(",\"members\":")
        write(changed.map(\.name))
        text(",\"source\":")
        write(key?.source)
        text(",\"source_id\":")
        write(key?.id)
        if let row {
            text(",\"row\":")
            write(row)
        }
        text(",\"said\":")
        write(said)
        if let also {
            text(",\"also\":")
            write(also)
        }
        text("}")
    }

    private mutating func write(_ draft: PlaceDraft) {
        text("{\"name\":")
        write(draft.name)
        member("structure_id", draft.structure?.description)
        member("pivot", draft.pivot)
        member("address", draft.address)
        member("address_extra", draft.addressExtra)
        member("postcode", draft.postcode)
        member("commune_name", draft.communeName)
        member("commune", draft.commune)
        text(",\"latitude\":\(draft.location.map { "\($0.latitude)" } ?? "null")")
        text(",\"longitude\":\(draft.location.map { "\($0.longitude)" } ?? "null")")
        member("typologies", draft.typologies)
        member("phone", draft.phone)
        member("emails", draft.emails)
        member("websites", draft.websites)
        member("opening_hours", draft.openingHours)
        member("summary", draft.summary)
        member("description", draft.description)
        member("itinerance", draft.itinerance)
        member("parent_structure", draft.parentStructure)
        member("services", draft.services)
        member("publics", draft.publics)
        member("special_care", draft.specialCare)
        member("fees", draft.fees)
        member("programmes", draft.programmes)
        member("labels", draft.labels)
        member("other_labels", draft.otherLabels)
        member("access_modes", draft.accessModes)
        member("support_modes", draft.supportModes)
        member("accessibility_url", draft.accessibilityURL)
        member("booking_url", draft.bookingURL)
        if let zone = draft.zone { member("zone", zone.territories) }
        member("updated_on", draft.updatedOn.map { "\($0)" })
        member("source", draft.source)
        member("source_id", draft.sourceID)
        text("}")
    }

    private mutating func member(_ name: StaticString, _ value: String?) {
        text(",\"\(name)\":")
        write(value)
    }

    private mutating func member(_ name: StaticString, _ values: [String]) {
        text(",\"\(name)\":")
        write(values)
    }

    private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ values: [String]) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ value: String?) {
        guard var value else { return text("null") }
        bytes.append(UInt8(ascii: "\""))
        value.withUTF8 { utf8 in
            // What needs no escape is copied in one go.
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: utf8[start..<index])
                start = index + 1
                if byte < 0x20 {
                    text("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
                } else {
                    bytes.append(UInt8(ascii: "\\"))
                    bytes.append(byte)
                }
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
