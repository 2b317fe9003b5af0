/// What `Codable` writes through; see ``JSONOutput``.
struct JSONTextEncoder: Encoder {
    let output: JSONOutput
    /// Where the value begins.
    let start: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        output.open(UInt8(ascii: "{"), at: start)
        return KeyedEncodingContainer(KeyedText<Key>(output: output))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        output.open(UInt8(ascii: "["), at: start)
        return UnkeyedText(output: output)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleText(output: output) }
}

/// A value within a value that is not `Encodable` by itself: nobody here writes one, and its end would not be seen.
private func unsupported() -> Never { preconditionFailure("nested containers are not written: encode a value") }

private struct KeyedText<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: JSONOutput
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) {
        output.member(key.stringValue)
        output.append("null")
    }
    func encode(_ value: Bool, forKey key: Key) {
        output.member(key.stringValue)
        output.write(value)
    }
    func encode(_ value: String, forKey key: Key) {
        output.member(key.stringValue)
        output.write(value)
    }
    func encode(_ value: Double, forKey key: Key) {
        output.member(key.stringValue)
        output.write(value)
    }
    func encode(_ value: Int, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: Int8, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: Int16, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: Int32, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: Int64, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: UInt, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: UInt8, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: UInt16, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: UInt32, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: UInt64, forKey key: Key) {
        output.member(key.stringValue)
        output.write(integer: value)
    }
    func encode(_ value: Float, forKey key: Key) { encode(Double(value), forKey: key) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        output.member(key.stringValue)
        try output.write(value)
    }

    // A member without a value is null rather than left out, so that an answer always has all its members.
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: String?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Double?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Float?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Int?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey _: Key) -> KeyedEncodingContainer<Nested> { unsupported() }
    func nestedUnkeyedContainer(forKey _: Key) -> any UnkeyedEncodingContainer { unsupported() }
    func superEncoder() -> any Encoder { unsupported() }
    func superEncoder(forKey _: Key) -> any Encoder { unsupported() }
}

private struct UnkeyedText: UnkeyedEncodingContainer {
    let output: JSONOutput
    var count = 0
    var codingPath: [any CodingKey] { [] }

    init(output: JSONOutput) { self.output = output }

    private mutating func next() {
        output.element()
        count += 1
    }

    mutating func encodeNil() {
        next()
        output.append("null")
    }
    mutating func encode(_ value: Bool) {
        next()
        output.write(value)
    }
    mutating func encode(_ value: String) {
        next()
        output.write(value)
    }
    mutating func encode(_ value: Double) {
        next()
        output.write(value)
    }
    mutating func encode(_ value: Int) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: Int8) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: Int16) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: Int32) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: Int64) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: UInt) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: UInt8) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: UInt16) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: UInt32) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: UInt64) {
        next()
        output.write(integer: value)
    }
    mutating func encode(_ value: Float) { encode(Double(value)) }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        next()
        try output.write(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type) -> KeyedEncodingContainer<Nested> { unsupported() }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { unsupported() }
    mutating func superEncoder() -> any Encoder { unsupported() }
}

private struct SingleText: SingleValueEncodingContainer {
    let output: JSONOutput
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { output.append("null") }
    func encode(_ value: Bool) { output.write(value) }
    func encode(_ value: String) { output.write(value) }
    func encode(_ value: Double) { output.write(value) }
    func encode(_ value: Int) { output.write(integer: value) }
    func encode(_ value: Int8) { output.write(integer: value) }
    func encode(_ value: Int16) { output.write(integer: value) }
    func encode(_ value: Int32) { output.write(integer: value) }
    func encode(_ value: Int64) { output.write(integer: value) }
    func encode(_ value: UInt) { output.write(integer: value) }
    func encode(_ value: UInt8) { output.write(integer: value) }
    func encode(_ value: UInt16) { output.write(integer: value) }
    func encode(_ value: UInt32) { output.write(integer: value) }
    func encode(_ value: UInt64) { output.write(integer: value) }
    func encode(_ value: Float) { output.write(Double(value)) }
    func encode<Value: Encodable>(_ value: Value) throws { try output.write(value) }
}
