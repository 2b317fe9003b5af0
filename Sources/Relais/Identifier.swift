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

    public var description: String { rawValue.uuidString.lowercased() }
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
