import Foundation
import Hummingbird
import Postgres
import Relais

/// Reads the query of a request parameter by parameter; problems are noted and told at once: 400, unknown parameters among them, and 422 when every
/// parameter is well-formed and one means nothing here (a commune that is not there, an order by distance from nowhere).
///
/// ```swift
/// var query = QueryReader(request)
/// let commune = query.text("commune", max: 5)
/// let archived = query.flag("archived") ?? false
/// let paging = query.paging()
/// try query.finish()                                   // only now may the values be used
/// ```
struct QueryReader {
    private var values: [String: [String]] = [:]
    private var known: Set<String> = []
    private var problems: [Problem.ParameterError] = []
    private let accept: String

    init(_ request: Request) {
        accept = request.headers[.accept] ?? ""
        for piece in (request.uri.query ?? "").split(separator: "&", maxSplits: 200) {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : "") else {
                note(String(parts[0].prefix(80)), "encoding", "This is not valid percent-encoding of UTF-8.")
                continue
            }
            values[name, default: []].append(value)
        }
    }

    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
        guard let decoded = text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding, !decoded.utf8.contains(0) else {
            return nil
        }
        return decoded
    }

    /// - Parameter isWellFormed: Whether it is written as its description asks.
    mutating func note(_ parameter: String, _ code: String, _ message: String, isWellFormed: Bool = false) {
        problems.append(.init(parameter: parameter, code: code, message: message, isWellFormed: isWellFormed))
    }

    /// Notes the parameters that were given and read, but for `some`.
    mutating func noteRead(but some: Set<String>, _ code: String, _ message: String) {
        for name in values.keys.sorted() where known.contains(name) && !some.contains(name) {
            note(name, code, message, isWellFormed: true)
        }
    }

    /// Whether the parameter was given at all.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The parameter's value; noted when it is given twice or is empty.
    mutating func text(_ name: String, max: Int = 200) -> String? {
        known.insert(name)
        guard let given = values[name] else { return nil }
        guard given.count == 1, let value = given.first else {
            note(name, "repeated", "This parameter may be given once.")
            return nil
        }
        guard !value.isEmpty, value.unicodeScalars.count <= max else {
            note(name, "length", "This must have from 1 to \(max) characters, and has \(value.count).")
            return nil
        }
        return value
    }

    private mutating func read<Value>(_ name: String, _ right: String, _ convert: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        let value = convert(text)
        if value == nil { note(name, "format", "This must be \(right).") }
        return value
    }

    mutating func flag(_ name: String) -> Bool? {
        read(name, "true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        let value = read(name, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text -> Int? in
            guard text.first != "+", let value = Int(text), range.contains(value) else { return nil }
            return value
        }
        return value
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        read(name, "a number from \(range.lowerBound) to \(range.upperBound)") { text -> Double? in
            guard let value = Double(text), range.contains(value) else { return nil }
            return value
        }
    }

    mutating func instant(_ name: String) -> Date? {
        // A plain plus is a space in an address.
        read(name, "an instant with its offset, as in 2026-03-07T09:00:00Z or 2026-03-07T10:00:00%2B01:00") { Date(rfc3339: $0) }
    }

    /// An instant at which something may be open: of the years of which that can be told.
    mutating func openingInstant(_ name: String) -> Date? {
        guard let instant = instant(name) else { return nil }
        if PlaceOpening.isOfKnownYear(instant) { return instant }
        let years = PlaceOpening.years
        note(name, "range", "This must be an instant of the years \(years.lowerBound) to \(years.upperBound).", isWellFormed: true)
        return nil
    }

    /// A day from 2000 to 2199.
    mutating func day(_ name: String) -> Day? {
        let day = read(name, "a date that exists, as in 2026-03-07") { $0.utf8.count == 10 ? Day($0) : nil }
        guard let day, !(2000...2199).contains(day.components.year) else { return day }
        note(name, "range", "This must be a day of the years 2000 to 2199.", isWellFormed: true)
        return nil
    }

    mutating func id<Entity>(_ name: String, of _: Entity.Type) -> Identifier<Entity>? {
        read(name, "an id: a UUID") { Identifier<Entity>($0) }
    }

    /// One of the codes of a closed list.
    mutating func code(_ name: String, of list: some Collection<String>) -> String? {
        guard let text = text(name) else { return nil }
        if list.contains(text) { return text }
        note(name, "unknown_code", "There is no such code. Near ones: \(nearest(text, among: list).joined(separator: ", ")).")
        return nil
    }

    /// Several codes of a closed list, separated by commas, without doubles; at most twenty.
    mutating func codes(_ name: String, of list: some Collection<String>) -> [String]? {
        guard let parts = parts(name) else { return nil }
        var codes: [String] = []
        for part in parts where !codes.contains(part) {
            guard list.contains(part) else {
                note(
                    name, "unknown_code",
                    "There is no such code: \(part.prefix(80)). Near ones: \(nearest(part, among: list).joined(separator: ", ")).")
                continue
            }
            codes.append(part)
        }
        return codes.isEmpty ? nil : codes
    }

    /// Several texts of a form, separated by commas, without doubles; at most twenty.
    mutating func texts(_ name: String, form: Form) -> [String]? {
        guard let parts = parts(name) else { return nil }
        var values: [String] = []
        for part in parts where !values.contains(part) { values.append(part) }
        if let wrong = values.first(where: { !form.matches($0) }) {
            note(name, "format", "Each must be \(form.words), and one is \(wrong.prefix(80)).")
        }
        return values
    }

    /// What stands between the commas; noted when that is more than twenty parts, doubles counted.
    private mutating func parts(_ name: String) -> [String]? {
        guard let text = text(name, max: 2000) else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmingSpaces()) }
        if parts.count > 20 { note(name, "length", "At most 20 can be asked for, and these are \(parts.count).") }
        return parts
    }

    /// Whether the client wants this type instead of JSON: it names it before all others, or takes no JSON.
    func accepts(_ type: String) -> Bool {
        let first = accept.prefix { $0 != "," && $0 != ";" }.trimmingSpaces().lowercased()
        return Accept.takes(type, accept) && (first == type || !Accept.takes("application/json", accept))
    }

    /// A case of an enumeration by its raw value.
    mutating func choice<Value: RawRepresentable & CaseIterable>(_ name: String, of _: Value.Type, required: Bool = false) -> Value?
    where Value.RawValue == String {
        if required, !has(name) {
            let values = Value.allCases.map(\.rawValue).joined(separator: " or ")
            note(name, "required", "This parameter is required: \(values).")
        }
        return code(name, of: Value.allCases.map(\.rawValue)).flatMap(Value.init(rawValue:))
    }

    /// `limit` and `cursor`.
    ///
    /// - Parameters:
    ///   - order: The name of the order of the list: a cursor of another order is refused.
    ///   - parts: What the cursor of this order is made of.
    mutating func paging(order: String = "id", parts: [Cursor.Part] = [.id]) -> Paging {
        let limit = integer("limit", in: 1...Paging.largest) ?? Paging.usual
        known.insert("cursor")
        guard values["cursor"] != nil, let text = text("cursor", max: 2000) else { return Paging(limit: limit, order: order) }
        let cursor = Cursor(encoded: text, order: order, parts: parts)
        if cursor == nil { note("cursor", "cursor", "This is not a cursor of this list: take it from next_cursor, with the same sort.") }
        return Paging(limit: limit, order: order, after: cursor)
    }

    /// - Throws: All that was noted, and the parameters that nobody asked for.
    func finish() throws(Problem) {
        var all = problems
        for name in values.keys.sorted() where !known.contains(name) {
            let near = nearest(name, among: known, limit: 2)
            let hint = near.isEmpty ? "There are none here." : "Near ones: \(near.joined(separator: ", "))."
            let message = "There is no such parameter. \(hint)"
            all.append(.init(parameter: String(name.prefix(80)), code: "unknown_parameter", message: message, isWellFormed: false))
        }
        guard all.isEmpty else { throw .query(all) }
    }

    /// The address of the next piece: this request's, with the cursor put in.
    static func target(of request: Request, with cursor: Cursor) -> String {
        let rest = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") && $0 != "cursor" }
        return request.uri.path + "?" + (rest + ["cursor=\(cursor.encoded)"]).joined(separator: "&")
    }
}

extension Request {
    /// For routes without parameters: refuses any.
    func refuseQuery() throws(Problem) {
        if uri.query != nil { try QueryReader(self).finish() }
    }
}
