/// A value that can be a parameter of a statement.
///
/// The type is declared to the server, which therefore never guesses: an `Int` is an `int8`. Where a function wants an `int4`
/// (`make_interval(days => …)`, `date + …`), pass an `Int32` or write `\(days)::int`.
///
/// An enumeration over `String` or an integer conforms by saying so.
public protocol PostgresEncodable: Sendable {
    /// The type the parameter is declared with.
    static var postgresType: PostgresType { get }
    /// Whether the value is NULL: true for an empty optional only.
    var isNull: Bool { get }
    /// Appends the value in PostgreSQL's binary format of ``postgresType``.
    func encode(into encoder: inout PostgresEncoder)
    /// The type an array of these is declared with.
    static var postgresArrayType: PostgresType { get }
    /// Appends an array of these in the binary format of ``postgresArrayType``.
    static func encode(array: [Self], into encoder: inout PostgresEncoder)
}

extension PostgresEncodable {
    public var isNull: Bool { false }

    public static var postgresArrayType: PostgresType {
        PostgresType(oid: postgresType.array, array: 0, name: postgresType.name + "[]")
    }

    public static func encode(array: [Self], into encoder: inout PostgresEncoder) {
        if postgresArrayType.oid == 0 { encoder.refuse(.encoding("PostgreSQL has no array of \(postgresType.name) known here")) }
        // One dimension, or none when empty; then a flag for NULLs, the element type, the length and the lower bound.
        encoder.append(integer: Int32(array.isEmpty ? 0 : 1))
        encoder.append(integer: Int32(array.contains(where: \.isNull) ? 1 : 0))
        encoder.append(integer: Int32(bitPattern: postgresType.oid))
        guard !array.isEmpty else { return }
        encoder.append(integer: Int32(array.count))
        encoder.append(integer: Int32(1))
        for element in array { encoder.append(member: element) }
    }
}

/// Where values write themselves in PostgreSQL's binary format.
public struct PostgresEncoder: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var fault: PostgresError?

    /// Appends an integer, most significant byte first.
    public mutating func append(integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are.
    public mutating func append(bytes more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends UTF-8. A NUL, which no text of PostgreSQL can hold, refuses the statement before it is sent.
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { utf8 in
            if utf8.contains(0) { refuse(.encoding("a text holds a NUL character, which PostgreSQL cannot store")) }
            bytes.append(contentsOf: utf8)
        }
    }

    /// Appends a value with its length before it, as members of arrays and ranges have it.
    public mutating func append<Value: PostgresEncodable>(member value: Value) {
        if value.isNull {
            append(integer: Int32(-1))
            return
        }
        let place = bytes.count
        append(integer: Int32(0))
        value.encode(into: &self)
        let length = Int32(truncatingIfNeeded: bytes.count - place - 4)
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(place..<(place + 4), with: $0) }
    }

    /// Notes that the value cannot be sent; the first reason stands, and running the statement throws it.
    public mutating func refuse(_ error: PostgresError) {
        if fault == nil { fault = error }
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

    public var isNull: Bool { self?.isNull ?? true }

    public func encode(into encoder: inout PostgresEncoder) {
        self?.encode(into: &encoder)
    }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encode(into encoder: inout PostgresEncoder) {
        Element.encode(array: self, into: &encoder)
    }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    public static var postgresType: PostgresType { RawValue.postgresType }

    public func encode(into encoder: inout PostgresEncoder) {
        rawValue.encode(into: &encoder)
    }
}
