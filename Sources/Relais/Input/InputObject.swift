import Foundation
import Postgres

/// An object of an input, read member by member; problems are noted with their pointer and reading goes on, so that they are all told at once.
///
/// A reading that fails gives `nil` (or an empty list), so a value is used only after ``InputProblems/throwIfAny()``. ``finish()`` notes the members
/// that nobody asked for.
public struct InputObject: ~Copyable {
    public let problems: InputProblems
    public let pointer: String
    private let members: [String: JSONValue]
    /// The members that were asked for: a list, for an import asks a few million times, and only ``finish()`` looks at it.
    private var known: [String] = []

    /// Notes a problem when `value` is not an object, and reads as an empty one.
    public init(_ value: JSONValue, at pointer: String = "", problems: InputProblems) {
        self.problems = problems
        self.pointer = pointer
        if case .object(let members) = value {
            self.members = members
        } else {
            members = [:]
            problems.note(pointer, "type", "This must be an object, and is \(value.kind).")
        }
    }

    /// The member's value; `nil` when it is missing or null.
    public mutating func value(_ name: String, required: Bool = false) -> JSONValue? {
        known.append(name)
        guard let value = members[name], !value.isNull else {
            if required { note(name, "required", "This member is required.") }
            return nil
        }
        return value
    }

    /// A text of 1 to `max` characters, without NUL; white space around it is taken off.
    public mutating func text(_ name: String, max: Int = 200, required: Bool = false) -> String? {
        guard let value = value(name, required: required) else { return nil }
        return Self.text(value, max: max, at: pointer(to: name), problems: problems)
    }

    public mutating func flag(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { return wrongType(name, value, "true or false") }
        return flag
    }

    /// A whole number in `range`.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>, required: Bool = false) -> Int? {
        guard let value = value(name, required: required) else { return nil }
        guard case .number(let number) = value, let integer = Int(exactly: number) else { return wrongType(name, value, "a whole number") }
        guard range.contains(integer) else {
            note(name, "range", "This must be from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return integer
    }

    /// A number in `range`.
    public mutating func number(_ name: String, in range: ClosedRange<Double>, required: Bool = false) -> Double? {
        guard let value = value(name, required: required) else { return nil }
        guard case .number(let number) = value else { return wrongType(name, value, "a number") }
        guard range.contains(number) else {
            note(name, "range", "This must be from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    /// A date that exists: `2026-03-07`.
    public mutating func day(_ name: String, required: Bool = false) -> Day? {
        guard let text = text(name, max: 20, required: required) else { return nil }
        guard text.utf8.count == 10, let day = Day(text), day.components.year > 0 else {
            note(name, "format", "This must be a date that exists, as in 2026-03-07.")
            return nil
        }
        return day
    }

    /// An instant with its offset: `2026-03-07T10:00:00+01:00`.
    public mutating func instant(_ name: String, required: Bool = false) -> Date? {
        guard let text = text(name, max: 40, required: required) else { return nil }
        guard let instant = Date(rfc3339: text) else {
            note(name, "format", "This must be an instant with its offset, as in 2026-03-07T10:00:00+01:00.")
            return nil
        }
        return instant
    }

    public mutating func id<Entity>(_ name: String, of entity: Entity.Type, required: Bool = false) -> Identifier<Entity>? {
        guard let text = text(name, max: 40, required: required) else { return nil }
        guard let id = Identifier<Entity>(text) else {
            note(name, "format", "This must be an id: a UUID.")
            return nil
        }
        return id
    }

    /// A list of ids, without doubles.
    public mutating func ids<Entity>(_ name: String, of entity: Entity.Type, max: Int = 100) -> [Identifier<Entity>]? {
        guard let texts = placed(name, max: max, length: 40) else { return nil }
        var seen: Set<Identifier<Entity>> = []
        return texts.compactMap { index, text in
            guard let id = Identifier<Entity>(text) else {
                problems.note(pointer(to: "\(name)/\(index)"), "format", "This must be an id: a UUID.")
                return nil
            }
            // Once more: the same id may be written in capitals and without.
            return seen.insert(id).inserted ? id : nil
        }
    }

    /// A list of texts, without doubles, in the order given.
    public mutating func texts(_ name: String, max: Int = 50, length: Int = 200) -> [String]? {
        placed(name, max: max, length: length)?.map(\.text)
    }

    /// A list of texts, without doubles, each with its place in what was sent, by which a problem with it is told.
    mutating func placed(_ name: String, max: Int, length: Int) -> [(index: Int, text: String)]? {
        guard let items = items(name, max: max) else { return nil }
        var seen: Set<String> = []
        return items.enumerated().compactMap { index, item in
            guard let text = Self.text(item, max: length, at: pointer(to: "\(name)/\(index)"), problems: problems) else { return nil }
            return seen.insert(text).inserted ? (index, text) : nil
        }
    }

    /// One of the codes of a closed list.
    public mutating func code(_ name: String, of list: some Collection<String>, required: Bool = false) -> String? {
        guard let text = text(name, max: 100, required: required) else { return nil }
        return known(text, in: list, at: pointer(to: name))
    }

    /// Codes of a closed list, without doubles.
    public mutating func codes(_ name: String, of list: some Collection<String>, max: Int = 50) -> [String]? {
        placed(name, max: max, length: 100)?.compactMap { known($1, in: list, at: pointer(to: "\(name)/\($0)")) }
    }

    /// A case of an enumeration by its raw value.
    public mutating func choice<Value: RawRepresentable & CaseIterable>(_ name: String, of: Value.Type, required: Bool = false) -> Value?
    where Value.RawValue == String {
        code(name, of: Value.allCases.map(\.rawValue), required: required).flatMap(Value.init(rawValue:))
    }

    /// Cases of an enumeration, without doubles.
    public mutating func choices<Value: RawRepresentable & CaseIterable>(_ name: String, of: Value.Type) -> [Value]?
    where Value.RawValue == String {
        codes(name, of: Value.allCases.map(\.rawValue))?.compactMap(Value.init(rawValue:))
    }

    /// An object within the object; read it, then call its ``finish()``.
    public mutating func object(_ name: String, required: Bool = false) -> InputObject? {
        guard let value = value(name, required: required) else { return nil }
        return InputObject(value, at: pointer(to: name), problems: problems)
    }

    /// The objects of a list, each given to `read`.
    public mutating func objects<Value>(_ name: String, max: Int = 50, read: (inout InputObject) -> Value?) -> [Value]? {
        guard let items = items(name, max: max) else { return nil }
        return items.enumerated().compactMap { index, item in
            var object = InputObject(item, at: pointer(to: "\(name)/\(index)"), problems: problems)
            let value = read(&object)
            object.finish()
            return value
        }
    }

    /// Notes every member that was not asked for.
    public func finish() {
        guard members.keys.contains(where: { !known.contains($0) }) else { return }
        for name in members.keys.sorted() where !known.contains(name) {
            let near = nearest(name, among: Set(known), limit: 2)
            let hint = near.isEmpty ? "" : " Near ones: \(near.joined(separator: ", "))."
            problems.note(pointer(to: Self.escaped(name)), "unknown_member", "There is no such member here.\(hint)")
        }
    }

    public func note(_ name: String, _ code: String, _ message: String) {
        problems.note(pointer(to: name), code, message)
    }

    private mutating func items(_ name: String, max: Int) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .array(let items) = value else { return wrongType(name, value, "an array") }
        guard items.count <= max else {
            note(name, "length", "This may have \(max) items at most, and has \(items.count).")
            return nil
        }
        return items
    }

    private func known(_ code: String, in list: some Collection<String>, at pointer: @autoclosure () -> String) -> String? {
        if list.contains(code) { return code }
        problems.note(pointer(), "unknown_code", "There is no such code. Near ones: \(nearest(code, among: list).joined(separator: ", ")).")
        return nil
    }

    private func wrongType<Value>(_ name: String, _ value: JSONValue, _ right: String) -> Value? {
        note(name, "type", "This must be \(right), and is \(value.kind).")
        return nil
    }

    private func pointer(to name: String) -> String { "\(pointer)/\(name)" }

    /// A member's name as a pointer writes it (RFC 6901, 3).
    private static func escaped(_ name: String) -> String {
        name.prefix(80).replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
    }

    /// - Parameter pointer: Made only when there is something to note of it.
    static func text(_ value: JSONValue, max: Int, at pointer: @autoclosure () -> String, problems: InputProblems) -> String? {
        guard case .string(let raw) = value else {
            problems.note(pointer(), "type", "This must be a string, and is \(value.kind).")
            return nil
        }
        guard !raw.utf8.contains(0) else {
            problems.note(pointer(), "format", "This holds a NUL character, which no text may.")
            return nil
        }
        let text = raw.trimmed
        // There are no more characters than bytes, so that most texts need not be counted.
        guard !text.isEmpty, text.utf8.count <= max || text.unicodeScalars.count <= max else {
            let count = text.unicodeScalars.count
            problems.note(pointer(), "length", "This must have from 1 to \(max) characters, and has \(count).")
            return nil
        }
        return text
    }
}

extension String {
    /// Whether all of it is ASCII that can be seen: no white space, no control character.
    var isVisibleASCII: Bool { utf8.allSatisfy { (0x21...0x7e).contains($0) } }

    /// Without white space around it. Most texts have none, which their first and last byte tell.
    var trimmed: String {
        let visible: ClosedRange<UInt8> = 0x21...0x7e
        guard let first = utf8.first, let last = utf8.last, !visible.contains(first) || !visible.contains(last) else { return self }
        return trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
