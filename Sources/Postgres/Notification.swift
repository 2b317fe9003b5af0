/// The name of a channel of `NOTIFY`: 1 to 63 bytes.
public struct Channel: Sendable, Hashable, ExpressibleByStringLiteral {
    public let name: String

    public init(_ name: String) {
        precondition(
            (1...63).contains(name.utf8.count) && !name.utf8.contains(0), "the name of a channel has 1 to 63 bytes, none of them 0")
        self.name = name
    }

    public init(stringLiteral name: String) {
        self.init(name)
    }

    var quoted: String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// What a listener hears.
public enum Notification: Sendable, Equatable {
    /// Listening has begun, or begun again: what was sent before may be lost.
    case resumed
    /// The payload of a `NOTIFY`.
    case message(String)
}
