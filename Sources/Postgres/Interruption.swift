import CLibpq
import Synchronization

/// Cancels the statement that runs on a connection, at most one at a time, and knows when the cancelling is over.
///
/// A cancel that comes late would hit the connection's next statement: ``settle()`` is awaited before there is one.
final class Interruption: Sendable {
    /// How long the server has to end a cancelled statement, before the connection is dropped.
    private static let grace: Duration = .seconds(5)

    private enum State {
        case off
        case armed
        case running(until: Moment)
        case done(until: Moment)
    }

    private let canceller: Canceller?
    private let socket: Readiness
    private let state = Mutex(State.off)

    init(connection: OpaquePointer, socket: Readiness) {
        canceller = PQgetCancel(connection).map(Canceller.init)
        self.socket = socket
    }

    /// When a cancelled statement has to have ended; `never` while none is cancelled.
    var deadline: Moment {
        state.withLock { state in
            switch state {
            case .off, .armed: .never
            case .running(let until), .done(let until): until
            }
        }
    }

    func arm() {
        state.withLock { $0 = .armed }
    }

    /// Sends the cancel from a thread of its own (`PQcancel` connects and waits), and wakes who waits, for whom the deadline has changed.
    func fire() {
        let until = Moment.now + Interruption.grace
        let isArmed = state.withLock { state in
            guard case .armed = state else { return false }
            state = .running(until: until)
            return true
        }
        guard isArmed else { return }
        onOwnThread { [self] in
            canceller?.cancel()
            state.withLock { state in
                if case .running = state { state = .done(until: until) }
            }
            socket.signal()
        }
        socket.signal()
    }

    enum Settlement { case notFired, over, stillRunning }

    /// Ends the time in which a cancel may be sent, and waits for one that is on its way.
    func settle() async -> Settlement {
        while true {
            let (settlement, deadline) = state.withLock { state -> (Settlement?, Moment) in
                switch state {
                case .off, .armed:
                    state = .off
                    return (.notFired, .never)
                case .done:
                    state = .off
                    return (.over, .never)
                case .running(let until):
                    return (nil, until)
                }
            }
            if let settlement { return settlement }
            if await socket.wait(until: deadline) == .expired { return .stillRunning }
        }
    }
}

/// libpq's handle to cancel what a connection does. It holds its own copy of the address, and libpq allows its use from any thread.
private final class Canceller: @unchecked Sendable {
    // Set once, read by `PQcancel` only, which does not change it: safe to share.
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    func cancel() {
        var words = [CChar](repeating: 0, count: 256)
        PQcancel(handle, &words, Int32(words.count))
    }
}
