import Foundation

/// Why a text is not JSON that we read, and where.
public struct InvalidJSON: Error, Equatable {
    /// What is wrong; quotes nothing of the text.
    public let message: String
    /// Bytes before the place where reading stopped.
    public let offset: Int
    public let line: Int
    public let column: Int
}

extension JSONValue {
    /// Reads JSON (RFC 8259) strictly: one value, valid UTF-8, no member twice, at most `depth` levels, numbers that a double can hold.
    ///
    /// Foundation's reader takes the last of two members of one name and says nothing, and does not say where a text breaks off.
    public init(parsing text: some Collection<UInt8>, depth: Int = 32) throws(InvalidJSON) {
        var parser = JSONParser(bytes: Array(text), depthLimit: depth)
        self = try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var index = 0
    var depth = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(InvalidJSON) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw failure("There is something after the end of the value.") }
        return value
    }

    private func failure(_ message: String, at place: Int? = nil) -> InvalidJSON {
        let place = min(place ?? index, bytes.count)
        let before = bytes[..<place]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return InvalidJSON(message: message, offset: place, line: line, column: place - lineStart + 1)
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0a || bytes[index] == 0x0d || bytes[index] == 0x09 {
            index += 1
        }
    }

    private mutating func value() throws(InvalidJSON) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("The text ends where a value should be.")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw failure("There is no JSON value here.")
            }
            return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(InvalidJSON) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard matches else { throw failure("There is no JSON value here.") }
        index += word.utf8CodeUnitCount
        return value
    }

    private mutating func enter() throws(InvalidJSON) {
        depth += 1
        guard depth <= depthLimit else { throw failure("This is nested deeper than \(depthLimit) levels.") }
        index += 1
        skipSpace()
    }

    private mutating func object() throws(InvalidJSON) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        if current == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            guard current == UInt8(ascii: "\"") else { throw failure("The name of a member, in quotes, should be here.") }
            let start = index
            let name = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("A colon should be here.") }
            index += 1
            skipSpace()
            let value = try value()
            guard members.updateValue(value, forKey: name) == nil else { throw failure("An object names this member twice.", at: start) }
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            case UInt8(ascii: "}"):
                index += 1
                return .object(members)
            default: throw failure("A comma or the end of the object should be here.")
            }
        }
    }

    private mutating func array() throws(InvalidJSON) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var items: [JSONValue] = []
        if current == UInt8(ascii: "]") {
            index += 1
            return .array(items)
        }
        while true {
            items.append(try value())
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            case UInt8(ascii: "]"):
                index += 1
                return .array(items)
            default: throw failure("A comma or the end of the array should be here.")
            }
        }
    }

    private mutating func digits() throws(InvalidJSON) {
        let start = index
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("A digit should be here.") }
    }

    private mutating func number() throws(InvalidJSON) -> Double {
        let start = index
        if current == UInt8(ascii: "-") { index += 1 }
        if current == UInt8(ascii: "0") { index += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)), number.isFinite else {
            throw failure("This number is too large.", at: start)
        }
        return number
    }

    private mutating func string() throws(InvalidJSON) -> String {
        let start = index
        index += 1
        var piece = index
        var text: [UInt8]?
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let end = index
                index += 1
                // Most strings have no escape, and are read where they stand.
                text?.append(contentsOf: bytes[piece..<end])
                let string = text.map { String(validating: $0, as: UTF8.self) } ?? String(validating: bytes[piece..<end], as: UTF8.self)
                guard let string else { throw failure("This string is not valid UTF-8.", at: start) }
                return string
            case UInt8(ascii: "\\"):
                var utf8 = text ?? []
                utf8.append(contentsOf: bytes[piece..<index])
                index += 1
                try escape(into: &utf8)
                text = utf8
                piece = index
            case 0..<0x20: throw failure("A control character must be written as an escape.")
            default: index += 1
            }
        }
        throw failure("The text ends within a string.")
    }

    private mutating func escape(into text: inout [UInt8]) throws(InvalidJSON) {
        guard let byte = current else { throw failure("The text ends within a string.") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try hexadecimal())
            if (0xd800..<0xdc00).contains(code) {
                guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
                    throw failure("Half of a surrogate pair stands alone.")
                }
                index += 2
                let low = UInt32(try hexadecimal())
                guard (0xdc00..<0xe000).contains(low) else { throw failure("Half of a surrogate pair stands alone.") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("Half of a surrogate pair stands alone.") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw failure("There is no such escape.", at: index - 1)
        }
    }

    private mutating func hexadecimal() throws(InvalidJSON) -> UInt16 {
        guard index + 4 <= bytes.count, let code = UInt16(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16),
            bytes[index] != UInt8(ascii: "+"), bytes[index] != UInt8(ascii: "-")
        else { throw failure("Four hexadecimal digits should be here.") }
        index += 4
        return code
    }
}
