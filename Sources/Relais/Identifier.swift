import Foundation
import Postgres

/// The identifier of an `Entity`: a UUID that cannot be taken for the identifier of something else.
///
/// Written in lower case. New ones are UUIDv7 (RFC 9562), so that they sort by age.
public struct Identifier<Entity>: Hashable, Sendable, RawRepresentable, LosslessStringConvertible {
    public let rawValue: UUID

    public init(rawValue: UUID) { self.rawValue = rawValue }
    public init(_ uuid: UUID) { rawValue = uuid }

    /// - Returns: `nil` when `text` is not a UUID.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        rawValue = uuid
    }

    /// Written here and not by `uuidString.lowercased()`, which makes two strings: every answer writes several.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            withUnsafeBytes(of: rawValue.uuid) { bytes in
                for (index, byte) in bytes.enumerated() {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    for digit in [byte >> 4, byte & 15] {
                        text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                        place += 1
                    }
                }
            }
            return place
        }
    }
}

extension Identifier: PostgresEncodable, PostgresDecodable {}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        rawValue = try UUID(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Identifier: Comparable {
    public static func < (one: Identifier, other: Identifier) -> Bool { one.rawValue < other.rawValue }
}
