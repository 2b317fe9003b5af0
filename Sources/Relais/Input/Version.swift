/// A record whose changes are counted: the count is its ETag.
public protocol Versioned {
    var version: Int { get }
}

/// Which version of a record a change is meant for (`If-Match`).
public enum Precondition: Sendable, Equatable {
    /// Whatever version there is.
    case any
    /// One of these.
    case versions(Set<Int>)

    /// Whether a record that stands at `version` is the one that was meant.
    public func holds(for version: Int) -> Bool {
        switch self {
        case .any: true
        case .versions(let versions): versions.contains(version)
        }
    }
}
