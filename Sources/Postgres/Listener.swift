import Synchronization

/// The name of a channel of `NOTIFY`.
public struct Channel: Sendable, Hashable, ExpressibleByStringLiteral {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }

    public init(stringLiteral name: String) {
        self.name = name
    }
}

/// What a listener hears.
public enum Notification: Sendable, Equatable {
    /// Listening has begun, or begun again: what was sent before is lost.
    case resumed
    case message(String)
}

/// One connection that listens to every channel somebody wants to hear of.
final class Listener: Sendable {
    init(_ settings: Connection.Settings, observe: @escaping @Sendable (DatabaseEvent) -> Void) {}
    func notifications(on channel: Channel) -> AsyncStream<Notification> {
        AsyncStream { $0.finish() }
    }
    func close() {}
}
