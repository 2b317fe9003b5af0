/// The values of a statement, encoded one after the other in one buffer.
struct Parameters: Sendable {
    struct Entry: Sendable {
        let type: UInt32
        /// Where the value starts in `bytes`.
        let start: Int
        /// Bytes of the value; -1 for NULL.
        let length: Int
        /// Where its `$n` stands in the statement's text, in UTF-8 bytes.
        var place: Int
    }

    var entries: [Entry] = []
    private(set) var encoder = PostgresEncoder()

    var bytes: [UInt8] { encoder.bytes }
    /// Why the statement cannot be sent: a value that PostgreSQL has no way to hold.
    var fault: PostgresError? { encoder.fault }

    mutating func append<Value: PostgresEncodable>(_ value: Value, place: Int) {
        let start = encoder.bytes.count
        let isNull = value.isNull
        if !isNull { value.encode(into: &encoder) }
        entries.append(
            Entry(type: Value.postgresType.oid, start: start, length: isNull ? -1 : encoder.bytes.count - start, place: place))
    }

    mutating func append(_ other: Parameters, textOffset: Int) {
        guard !other.entries.isEmpty else { return }
        if entries.isEmpty && textOffset == 0 {
            self = other
            return
        }
        for index in other.entries.indices { append(other, at: index, place: other.entries[index].place + textOffset) }
        adoptFault(of: other)
    }

    mutating func append(_ other: Parameters, at index: Int, place: Int) {
        let entry = other.entries[index]
        let start = encoder.bytes.count
        if entry.length > 0 { encoder.append(bytes: other.bytes[entry.start..<(entry.start + entry.length)]) }
        entries.append(Entry(type: entry.type, start: start, length: entry.length, place: place))
    }

    mutating func adoptFault(of other: Parameters) {
        if let fault = other.fault { encoder.refuse(fault) }
    }
}
