import Foundation

/// A value kept as `jsonb`. Instants of type `Date` are written in ISO 8601; ``Timestamp`` and ``Day`` write themselves.
public struct JSON<Value: Sendable>: Sendable {
    public var value: Value

    public init(_ value: Value) {
        self.value = value
    }
}

extension JSON: Equatable where Value: Equatable {}

extension JSON: PostgresEncodable where Value: Encodable {
    public static var postgresType: PostgresType { .jsonb }

    public func encode(into encoder: inout PostgresEncoder) {
        let writer = JSONEncoder()
        writer.dateEncodingStrategy = .iso8601
        writer.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            encoder.append(integer: UInt8(1))
            encoder.append(bytes: try writer.encode(value))
        } catch {
            encoder.refuse(.encoding("\(Value.self) cannot be written as JSON", detail: String(describing: error)))
        }
    }
}

extension JSON: PostgresDecodable where Value: Decodable {
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> JSON<Value> {
        let text = try RawJSON.decode(field)
        let reader = JSONDecoder()
        reader.dateDecodingStrategy = .iso8601
        do {
            return JSON(try reader.decode(Value.self, from: Data(text.bytes)))
        } catch {
            throw .decoding("holds JSON not readable as \(Value.self)", detail: String(describing: error))
        }
    }
}

/// The text of a `jsonb` or `json`, not read.
public struct RawJSON: Sendable, Hashable {
    /// JSON in UTF-8.
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension RawJSON: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .jsonb }

    public func encode(into encoder: inout PostgresEncoder) {
        // The version of the binary format, which is otherwise the text.
        encoder.append(integer: UInt8(1))
        if bytes.contains(0) { encoder.refuse(.encoding("a JSON text holds a NUL byte, which PostgreSQL cannot store")) }
        encoder.append(bytes: bytes)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> RawJSON {
        switch field.type {
        case PostgresType.jsonb.oid: RawJSON(bytes: Array(field.bytes.dropFirst()))
        case 114: RawJSON(bytes: Array(field.bytes))
        default: throw field.mismatch(RawJSON.self)
        }
    }
}
