import HTTPTypes
import Hummingbird
import Relais

/// The entity tags of `If-Match` or `If-None-Match` (RFC 9110, 13.1).
struct EntityTags {
    let any: Bool
    let tags: [Substring]

    init(_ field: String) {
        any = field.trimmingSpaces() == "*"
        tags = field.split(separator: ",").map { $0.trimmingSpaces() }
    }

    /// Whether one of them is `tag`, weak or not: for reading.
    func matchWeakly(_ tag: String) -> Bool {
        any || tags.contains { ($0.hasPrefix("W/") ? $0.dropFirst(2) : $0) == tag }
    }
}

extension Request {
    /// Which version a change is meant for: 428 without `If-Match`. A tag that no version has is kept as one that never holds.
    var precondition: Precondition {
        get throws(Problem) {
            guard let field = headers[.ifMatch] else { throw Problem(.preconditionRequired) }
            let tags = EntityTags(field)
            if tags.any { return .any }
            return .versions(Set(tags.tags.compactMap { $0.hasPrefix("\"") && $0.hasSuffix("\"") ? Int($0.dropFirst().dropLast()) : nil }))
        }
    }

    /// The same, where `If-Match` may be left out.
    var preconditionIfAny: Precondition {
        get throws(Problem) { headers[.ifMatch] == nil ? .any : try precondition }
    }
}
