import CLibpq
import Synchronization

/// What one socket waits for: the meeting point of a suspended task and the reactor's thread.
///
/// At most one task waits. An event without anybody waiting is kept, so that none is lost between looking at the socket and waiting for it.
final class Readiness: Sendable {
    enum Wake: Sendable { case ready, expired }

    private struct State {
        var waiter: UnsafeContinuation<Wake, Never>?
        var deadline = Moment.never
        var signalled = false
        var hungUp = false
    }

    let descriptor: Int32
    private let state = Mutex(State())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether the server has closed its end.
    var isHungUp: Bool { state.withLock { $0.hungUp } }

    /// Waits for the next event, or for one that came since the last wait.
    func wait(until deadline: Moment) async -> Wake {
        let signalled = state.withLock { state in
            defer { state.signalled = false }
            return state.signalled
        }
        if signalled { return .ready }
        return await withUnsafeContinuation { continuation in
            let signalled = state.withLock { state in
                if state.signalled {
                    state.signalled = false
                    return true
                }
                state.waiter = continuation
                state.deadline = deadline
                return false
            }
            if signalled { continuation.resume(returning: .ready) }
        }
    }

    /// An event: wakes who waits, or is kept for who waits next.
    func signal(hungUp: Bool = false) {
        let waiter = state.withLock { state in
            if hungUp { state.hungUp = true }
            defer { state.waiter = nil }
            state.signalled = state.waiter == nil
            return state.waiter
        }
        waiter?.resume(returning: .ready)
    }

    /// Lets a wait end at `deadline` at the latest. To be called once somebody waits; a wait that starts later has its own deadline.
    func shorten(to deadline: Moment) {
        state.withLock { $0.deadline = min($0.deadline, deadline) }
    }

    /// Ends a wait whose deadline has passed.
    func expire(at now: Moment) {
        let waiter = state.withLock { state -> UnsafeContinuation<Wake, Never>? in
            guard state.waiter != nil, state.deadline <= now else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: .expired)
    }
}
