import Foundation

extension Bool: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .bool }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(integer: UInt8(self ? 1 : 0))
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Bool {
        guard field.type == PostgresType.bool.oid else { throw field.mismatch(Bool.self) }
        try field.expect(size: 1)
        return field.bytes[0] != 0
    }
}

extension String: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .text }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(text: self)
    }

    /// Reads every type whose binary format is text: also the types of extensions and enumerations, whose numbers differ per database.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> String {
        var bytes = field.bytes
        switch field.type {
        case 25, 1043, 1042, 19, 18, 114, 142, 705, 16384...: break
        case PostgresType.jsonb.oid: bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        default: throw field.mismatch(String.self)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .decoding("is not UTF-8, not readable as String") }
        return text
    }
}

extension Float: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .float4 }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(integer: bitPattern)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Float {
        guard field.type == PostgresType.float4.oid else { throw field.mismatch(Float.self) }
        try field.expect(size: 4)
        return Float(bitPattern: field.integer(UInt32.self))
    }
}

extension Double: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .float8 }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(integer: bitPattern)
    }

    /// Reads `numeric` too, to the nearest number: `avg` gives one.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Double {
        switch field.type {
        case PostgresType.float8.oid:
            try field.expect(size: 8)
            return Double(bitPattern: field.integer(UInt64.self))
        case PostgresType.float4.oid: return Double(try Float.decode(field))
        case PostgresType.numeric.oid:
            guard let number = Double(try Numeric(field).text) else { throw field.mismatch(Double.self) }
            return number
        default: throw field.mismatch(Double.self)
        }
    }
}

extension UUID: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into encoder: inout PostgresEncoder) {
        withUnsafeBytes(of: uuid) { encoder.append(bytes: $0) }
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> UUID {
        guard field.type == PostgresType.uuid.oid else { throw field.mismatch(UUID.self) }
        try field.expect(size: 16)
        return UUID(uuid: field.bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Data: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .bytea }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(bytes: self)
    }

    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Data {
        guard field.type == PostgresType.bytea.oid else { throw field.mismatch(Data.self) }
        return Data(field.bytes)
    }
}
