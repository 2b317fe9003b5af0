import Foundation
import Relais

/// The one way in which values become JSON: instants in RFC 3339, slashes as they are, members in the order of the type.
enum JSONText {
    static func encode(_ value: some Encodable) -> [UInt8] {
        (try? Array(encoder.encode(value))) ?? Array("null".utf8)
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.rfc3339)
        }
        return encoder
    }()
}

extension JSONValue {
    /// The representation of a value as it goes over the wire: what a merge patch is applied to.
    init(representing value: some Encodable) {
        self = (try? JSONValue(parsing: JSONText.encode(value), depth: 100)) ?? .null
    }
}
