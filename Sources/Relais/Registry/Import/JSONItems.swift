/// Takes the items off a JSON array, or the objects off lines of JSON, that come piece by piece.
struct JSONItems: Sendable {
    private var bytes: [UInt8] = []
    private var position = 0
    private var hasEnded = false
    /// Line ends before `bytes`.
    private var linesBefore = 0
    private enum State { case start, item, separator, done }
    private var state = State.start
    private(set) var isArray = false

    /// The most bytes of an item.
    private static let longest = 1 << 20

    /// Adds the next piece of the text.
    mutating func add(_ piece: [UInt8]) {
        linesBefore += bytes[..<position].count { $0 == 0x0a }
        bytes.removeFirst(position)
        position = 0
        bytes += piece
    }

    /// Says that there is no more text.
    mutating func end() { hasEnded = true }

    /// - Returns: `nil` when the rest of the text is needed, or there is no item more.
    mutating func item() throws(ImportRefusal) -> JSONValue? {
        while true {
            while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
            guard position < bytes.count else {
                if hasEnded, isArray, state != .done { throw refusal("The text ends within the array.", at: position) }
                return nil
            }
            switch state {
            case .start:
                isArray = bytes[position] == UInt8(ascii: "[")
                if isArray { position += 1 }
                state = .item
            case .item:
                if isArray, bytes[position] == UInt8(ascii: "]") {
                    position += 1
                    state = .done
                    continue
                }
                guard let end = try end(from: position) else { return nil }
                let value: JSONValue
                do throws(InvalidJSON) { value = try JSONValue(parsing: bytes[position..<end]) } catch {
                    throw refusal(error.message, at: position + error.offset)
                }
                position = end
                if isArray { state = .separator }
                return value
            case .separator:
                if bytes[position] == UInt8(ascii: ",") {
                    state = .item
                } else if bytes[position] == UInt8(ascii: "]") {
                    state = .done
                } else {
                    throw refusal("A comma or the end of the array should be here.", at: position)
                }
                position += 1
            case .done: throw refusal("There is something after the end of the value.", at: position)
            }
        }
    }

    private func refusal(_ message: String, at place: Int) -> ImportRefusal {
        let before = bytes[..<min(place, bytes.count)]
        let line = linesBefore + before.count { $0 == 0x0a } + 1
        let column = place - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
        return ImportRefusal("The file is not valid JSON: line \(line), byte \(column): \(message)")
    }

    /// Where the item ends that begins at `start`; `nil` when that is not to be seen yet.
    private func end(from start: Int) throws(ImportRefusal) -> Int? {
        var depth = 0
        var isText = false
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if isText {
                if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            } else if depth == 0, byte == UInt8(ascii: ",") || byte == 0x0a {
                return index
            }
            index += 1
        }
        if hasEnded { return bytes.count }
        if bytes.count - start > Self.longest {
            let hint = isArray ? "" : ": expected an array of records, or a record in each line"
            throw refusal("This item is longer than \(Self.longest) bytes\(hint).", at: start)
        }
        return nil
    }
}
