import Foundation
import Postgres

/// How reliable the entries of a list are to be: fresh or stale at an instant, and how much they say.
public struct Reliability: Sendable, Equatable {
    /// Only those that are stale, or only those that are not.
    public var stale: Bool?
    /// The least and the most quality, 0…100.
    public var least: Int?
    public var most: Int?
    public let now: Date

    public init(stale: Bool? = nil, least: Int? = nil, most: Int? = nil, at now: Date) {
        self.stale = stale
        self.least = least
        self.most = most
        self.now = now
    }

    /// Each condition by the name of its parameter.
    var named: [(name: String, condition: SQL)] {
        var all: [(String, SQL)] = []
        if let stale { all.append(("stale", .stale(stale, at: now))) }
        if let least { all.append(("min_quality", "quality >= \(least)")) }
        if let most { all.append(("max_quality", "quality <= \(most)")) }
        return all
    }

    /// The same without one of its conditions.
    func without(_ name: String) -> Reliability {
        var rest = self
        switch name {
        case "stale": rest.stale = nil
        case "min_quality": rest.least = nil
        case "max_quality": rest.most = nil
        default: break
        }
        return rest
    }

    var conditions: [SQL] { named.map(\.condition) }
}

/// The order of a list of structures or mediators.
public enum EntrySort: String, Sendable, CaseIterable {
    /// In which they were made.
    case id
    /// Last known to be right, latest first.
    case freshness
    /// Best first.
    case quality

    /// What a cursor of this order is made of: what it is ordered by, and the id.
    public var parts: [Cursor.Part] {
        switch self {
        case .id: [.id]
        case .freshness: [.instant, .id]
        case .quality: [.number, .id]
        }
    }

    var by: SQL {
        switch self {
        case .id: "id"
        case .freshness: "known_at DESC, id"
        case .quality: "quality DESC, id"
        }
    }

    /// What comes after the cursor.
    func after<Entity>(_ cursor: Cursor?, of type: Entity.Type) -> [SQL] {
        guard let cursor, let id = cursor.id(cursor.parts.count - 1, of: type) else { return [] }
        switch self {
        case .id: return ["id > \(id)"]
        case .freshness:
            let instant = cursor.instant(0)
            return ["known_at <= \(instant) AND (known_at < \(instant) OR id > \(id))"]
        case .quality:
            let points = cursor.number(0)
            return ["quality <= \(points) AND (quality < \(points) OR id > \(id))"]
        }
    }

    func key(_ id: some CustomStringConvertible, _ standing: Standing) -> [String] {
        switch self {
        case .id: [id.description]
        case .freshness: [standing.knownAt.rfc3339, id.description]
        case .quality: [String(standing.quality), id.description]
        }
    }
}
