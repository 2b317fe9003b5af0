extension PostgresDecodable where Self: FixedWidthInteger {
    /// Reads any integer of the server that fits; `sum` and `count` give wider ones than the column had.
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Self {
        let wide: Int64
        switch field.type {
        case 20, 5069:
            try field.expect(size: 8)
            wide = field.integer(Int64.self)
        case 23:
            try field.expect(size: 4)
            wide = Int64(field.integer(Int32.self))
        case 26:
            try field.expect(size: 4)
            wide = Int64(field.integer(UInt32.self))
        case 21:
            try field.expect(size: 2)
            wide = Int64(field.integer(Int16.self))
        case PostgresType.numeric.oid:
            guard let integer = Int64(try Numeric(field).text) else {
                throw .decoding("is a numeric that \(Self.self) cannot hold exactly")
            }
            wide = integer
        default: throw field.mismatch(Self.self)
        }
        guard let value = Self(exactly: wide) else { throw .decoding("holds a number outside of \(Self.self)") }
        return value
    }
}

extension PostgresEncodable where Self: FixedWidthInteger {
    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(integer: self)
    }
}

extension Int: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .int4 }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .int2 }
}

/// A byte alone is an `int2`, for want of a smaller type; an array of bytes is a `bytea`.
extension UInt8: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .int2 }
    public static var postgresArrayType: PostgresType { .bytea }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(integer: Int16(self))
    }

    public static func encode(array: [UInt8], into encoder: inout PostgresEncoder) {
        encoder.append(bytes: array)
    }

    public static func decode(array field: borrowing Field) throws(PostgresError) -> [UInt8] {
        guard field.type == PostgresType.bytea.oid else { throw field.mismatch([UInt8].self) }
        return Array(field.bytes)
    }
}
