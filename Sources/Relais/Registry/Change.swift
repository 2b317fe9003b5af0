import Foundation

/// A merge patch (RFC 7396) of an entry: the changed whole is read again by the rules for a new one.
enum Change {
    /// What `draft` is after `patch`, still to be read.
    ///
    /// - Throws: A patch that is no object changes nothing that could be named.
    static func merging(_ patch: JSONValue, into draft: some Encodable) throws(InvalidInput) -> JSONValue {
        guard case .object = patch else { throw InvalidInput("", "type", "This must be an object, and is \(patch.kind).") }
        return json(draft).merging(patch)
    }

    /// The members that are not the same in both, sorted: what an event may tell of a change.
    static func members(from old: some Encodable, to new: some Encodable) -> [String] {
        guard case .object(let old) = json(old), case .object(let new) = json(new) else { return [] }
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }

    /// A draft or an entry as the API shows it, without the members that have no value.
    static func json(_ draft: some Encodable) -> JSONValue {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.rfc3339)
        }
        // A draft is made of texts, numbers and lists, which JSON always holds.
        guard let data = try? encoder.encode(draft), let json = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            preconditionFailure("a draft that is no JSON")
        }
        return json
    }
}
