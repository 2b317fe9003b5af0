/// A value that can be read from a column.
///
/// An enumeration over `String` or an integer conforms by saying so; a raw value it does not know is a decoding error.
public protocol PostgresDecodable: Sendable {
    /// Reads the value from a field that is not NULL.
    ///
    /// - Throws: ``PostgresError/Kind/decoding`` when the column's type or the value does not fit. The column's name is added by the ``Row``.
    static func decode(_ field: borrowing Field) throws(PostgresError) -> Self
    /// What NULL means: an error for every type but optionals.
    static func decodeNull() throws(PostgresError) -> Self
    /// Reads an array of these.
    static func decode(array field: borrowing Field) throws(PostgresError) -> [Self]
}

/// One field of a result that is not NULL, in PostgreSQL's binary format, valid while it is being decoded.
public struct Field: ~Copyable {
    /// The type of the column (`pg_type.oid`).
    public let type: UInt32
    /// The bytes of the value. Not to be kept.
    public let bytes: UnsafeRawBufferPointer

    /// Reads an integer whose size is the field's.
    func integer<Integer: FixedWidthInteger>(_: Integer.Type, at offset: Int = 0) -> Integer {
        Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// The error for a column of a type that does not hold what is wanted.
    public func mismatch<Wanted>(_: Wanted.Type) -> PostgresError {
        .decoding("is of type \(PostgresType.name(of: type)), not readable as \(Wanted.self)")
    }

    /// Refuses a field whose size is not that of its type, which only a broken server or extension sends.
    func expect(size: Int) throws(PostgresError) {
        if bytes.count != size { throw .decoding("has \(bytes.count) bytes where its type has \(size)") }
    }
}

extension PostgresDecodable {
    public static func decodeNull() throws(PostgresError) -> Self {
        throw .decoding("is NULL, not readable as \(Self.self)")
    }

    public static func decode(array field: borrowing Field) throws(PostgresError) -> [Self] {
        var reader = ArrayReader(field)
        let dimensions = try reader.integer()
        _ = try reader.integer()
        let type = UInt32(bitPattern: try reader.integer())
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw .decoding("is an array of \(dimensions) dimensions, not readable as \([Self].self)") }
        let count = max(0, try reader.integer())
        _ = try reader.integer()
        var values: [Self] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            let length = try reader.integer()
            if length < 0 {
                values.append(try decodeNull())
            } else {
                values.append(try decode(Field(type: type, bytes: try reader.take(Int(length)))))
            }
        }
        return values
    }
}

/// Walks through the binary format of arrays and ranges.
struct ArrayReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ field: borrowing Field) {
        bytes = field.bytes
    }

    mutating func integer() throws(PostgresError) -> Int32 {
        Int32(bigEndian: try take(4).loadUnaligned(as: Int32.self))
    }

    mutating func byte() throws(PostgresError) -> UInt8 {
        try take(1)[0]
    }

    mutating func take(_ count: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard count >= 0, offset + count <= bytes.count else { throw .decoding("is shorter than it says") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Wrapped? {
        try Wrapped.decode(field)
    }

    public static func decodeNull() throws(PostgresError) -> Wrapped? { nil }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> [Element] {
        try Element.decode(array: field)
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    public static func decode(_ field: borrowing Field) throws(PostgresError) -> Self {
        let raw = try RawValue.decode(field)
        guard let value = Self(rawValue: raw) else {
            throw .decoding("holds a value that \(Self.self) does not know", detail: String(describing: raw))
        }
        return value
    }
}
