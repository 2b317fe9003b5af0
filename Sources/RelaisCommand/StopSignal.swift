import ServiceLifecycle
import Synchronization
import UnixSignals

/// Whether the server was told to stop, by SIGTERM or SIGINT, from the first moment on: also while PostgreSQL is still being started, which would
/// otherwise be left behind.
final class StopSignal: Sendable {
    private struct State {
        var isTold = false
        var group: ServiceGroup?
    }

    private let state = Mutex(State())

    var isTold: Bool { state.withLock(\.isTold) }

    /// From now on the signals no longer end the process.
    static func listen() async -> StopSignal {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let stop = StopSignal()
        Task {
            for await _ in signals {
                let group = stop.state.withLock { state in
                    state.isTold = true
                    return state.group
                }
                await group?.triggerGracefulShutdown()
            }
        }
        return stop
    }

    /// Lets the signal end `group`, also when it came before.
    func ends(_ group: ServiceGroup) async {
        let isTold = state.withLock { state in
            state.group = group
            return state.isTold
        }
        if isTold { await group.triggerGracefulShutdown() }
    }
}
