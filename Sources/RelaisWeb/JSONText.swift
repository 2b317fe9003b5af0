import Foundation
import Relais

/// The one way in which values become JSON: instants in RFC 3339, a member without a value as null, slashes as they are, members in the order in
/// which the type names them.
///
/// An encoder of our own, because every answer passes through it, and because Foundation's leaves out the members without a value.
enum JSONText {
    /// - Returns: The text; `null` for a value that refuses to be encoded, which none of ours does.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let text = JSONOutput()
        do {
            try text.write(value)
            return text.bytes
        } catch {
            return Array("null".utf8)
        }
    }
}

extension JSONValue {
    /// The representation of a value as it goes over the wire: what a merge patch is applied to.
    init(representing value: some Encodable) {
        self = (try? JSONValue(parsing: JSONText.encode(value), depth: 100)) ?? .null
    }
}

/// The text that grows.
///
/// Nothing is remembered but the text itself: whether a comma is needed is seen from its last byte, and whether an object or array is open from the
/// byte at which its value began.
final class JSONOutput {
    // Unchecked: each method touches the text and returns, and none calls back into the values that are written while it does. Checking each byte's
    // access took a tenth of an answer's time.
    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    /// The value that was closed last: where it began and ended.
    private var closed = (start: -1, end: -1)

    init() { bytes.reserveCapacity(1024) }

    func write<Value: Encodable>(_ value: Value) throws {
        if Value.self == Date.self, let date = value as? Date { return write(date.rfc3339) }
        if Value.self == UUID.self, let uuid = value as? UUID { return write(Identifier<Void>(uuid).description) }
        if Value.self == URL.self, let url = value as? URL { return write(url.absoluteString) }
        // The lists of codes, of which a place has a dozen, without a container for each.
        if Value.self == [String].self, let list = value as? [String] { return write(list) }
        let start = bytes.count
        try value.encode(to: JSONTextEncoder(output: self, start: start))
        close(start)
    }

    /// Ends the object or array that began at `start`, unless a value that stands for the whole of it has done so.
    private func close(_ start: Int) {
        if closed == (start, bytes.count) { return }
        if bytes.count == start {
            append("{}")
        } else if bytes[start] == UInt8(ascii: "{") {
            bytes.append(UInt8(ascii: "}"))
        } else if bytes[start] == UInt8(ascii: "[") {
            bytes.append(UInt8(ascii: "]"))
        }
        closed = (start, bytes.count)
    }

    private func write(_ list: [String]) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in list.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Begins an object or array, or goes on with the one that the same value has begun.
    func open(_ bracket: UInt8, at start: Int) {
        if bytes.count == start { bytes.append(bracket) }
    }

    func member(_ name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    func element() {
        if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    func write(_ flag: Bool) { append(flag ? "true" : "false") }

    func write(integer: some BinaryInteger) { bytes.append(contentsOf: String(integer).utf8) }

    /// Infinity and NaN, which JSON lacks, are null.
    func write(_ number: Double) {
        guard number.isFinite else { return append("null") }
        if let integer = Int(exactly: number), abs(integer) < 1 << 53 { return write(integer: integer) }
        bytes.append(contentsOf: number.description.utf8)
    }

    func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { utf8 in
            guard utf8.contains(where: Self.isEscaped) else { return bytes.append(contentsOf: utf8) }
            var clean = 0
            for (index, byte) in utf8.enumerated() where Self.isEscaped(byte) {
                bytes.append(contentsOf: utf8[clean..<index])
                clean = index + 1
                escape(byte)
            }
            bytes.append(contentsOf: utf8[clean...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }

    private func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
        }
    }
}
