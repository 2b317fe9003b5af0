import CLibpq
import Synchronization

/// One connection that listens to every channel somebody wants to hear of, while somebody does.
final class Listener: Sendable {
    private typealias Consumer = AsyncStream<Notification>.Continuation

    private struct State {
        var consumers: [Channel: [UInt64: Consumer]] = [:]
        /// Channels the server knows of.
        var heard: Set<Channel> = []
        var numbered: UInt64 = 0
        var task: Task<Void, Never>?
        var socket: Readiness?
        var isClosed = false
    }

    /// How many notifications may wait for a consumer.
    private static let buffered = 1024
    /// How often a silent connection is asked whether it is still there.
    private static let silence: Duration = .seconds(30)
    private static let shortestPause: Duration = .milliseconds(100)
    private static let longestPause: Duration = .seconds(5)

    private let settings: Connection.Settings
    private let observe: @Sendable (DatabaseEvent) -> Void
    private let state = Mutex(State())

    init(_ settings: Connection.Settings, observe: @escaping @Sendable (DatabaseEvent) -> Void) {
        self.settings = settings
        self.observe = observe
    }

    func notifications(on channel: Channel) -> AsyncStream<Notification> {
        let (stream, consumer) = AsyncStream.makeStream(of: Notification.self, bufferingPolicy: .bufferingNewest(Listener.buffered))
        let number = state.withLock { state -> UInt64? in
            if state.isClosed { return nil }
            state.numbered += 1
            state.consumers[channel, default: [:]][state.numbered] = consumer
            // On a channel that is heard already, nothing will be said of its beginning.
            if state.heard.contains(channel) { consumer.yield(.resumed) }
            if state.task == nil { state.task = Task.detached { [self] in await run() } }
            state.socket?.signal()
            return state.numbered
        }
        if let number {
            consumer.onTermination = { [weak self] _ in self?.leave(channel, number) }
        } else {
            consumer.finish()
        }
        return stream
    }

    private func leave(_ channel: Channel, _ number: UInt64) {
        state.withLock { state in
            state.consumers[channel]?[number] = nil
            if state.consumers[channel]?.isEmpty == true { state.consumers[channel] = nil }
            state.socket?.signal()
        }
    }

    func close() {
        let (consumers, task) = state.withLock { state -> ([Consumer], Task<Void, Never>?) in
            state.isClosed = true
            state.socket?.signal()
            return (state.consumers.values.flatMap(\.values), state.task)
        }
        task?.cancel()
        for consumer in consumers { consumer.finish() }
    }

    /// Connects and listens, again and again, until nobody wants to hear anything.
    private func run() async {
        var pause = Listener.shortestPause
        while !isOver() {
            let began = Moment.now
            do throws(PostgresError) {
                let connection = try await open()
                observe(.listenerConnected)
                try await listen(on: connection)
            } catch {
                observe(.listenerLost(error))
                // One that lasted was well; a server that takes connections and refuses to be listened to is asked less and less often.
                if began + Listener.longestPause < Moment.now { pause = Listener.shortestPause }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Listener.longestPause)
            }
            state.withLock { state in
                state.heard = []
                state.socket = nil
            }
        }
    }

    private func isOver() -> Bool {
        state.withLock { state in
            guard state.isClosed || state.consumers.isEmpty else { return false }
            state.task = nil
            return true
        }
    }

    private func open() async throws(PostgresError) -> Connection {
        let result = await withUnsafeContinuation { (waiter: Pool.Waiter) in
            onOwnThread { [settings] in
                do throws(PostgresError) {
                    waiter.resume(returning: .success(try Connection.open(settings)))
                } catch {
                    waiter.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Returns when nobody wants to hear anything any more.
    private func listen(on connection: Connection) async throws(PostgresError) {
        state.withLock { $0.socket = connection.socket }
        while true {
            let (wanted, heard, isClosed) = state.withLock { (Set($0.consumers.keys), $0.heard, $0.isClosed) }
            if isClosed || wanted.isEmpty { return }
            for channel in wanted.subtracting(heard) {
                _ = try await connection.command("LISTEN \(channel.quoted)", cancellable: false)
                let consumers = state.withLock { state -> [Consumer] in
                    state.heard.insert(channel)
                    return state.consumers[channel].map { Array($0.values) } ?? []
                }
                for consumer in consumers { tell(consumer, .resumed) }
            }
            for channel in heard.subtracting(wanted) {
                // Forgotten first: who asks for it meanwhile has it listened to anew.
                state.withLock { _ = $0.heard.remove(channel) }
                _ = try await connection.command("UNLISTEN \(channel.quoted)", cancellable: false)
            }
            while let notification = connection.nextNotification() {
                let consumers = state.withLock { $0.consumers[notification.channel].map { Array($0.values) } ?? [] }
                for consumer in consumers { tell(consumer, .message(notification.payload)) }
            }
            // Who came or left meanwhile has signalled to a wait that was another's.
            if state.withLock({ $0.isClosed || Set($0.consumers.keys) != $0.heard }) { continue }
            try await connection.waitForNotification(silence: Listener.silence)
        }
    }

    private func tell(_ consumer: Consumer, _ notification: Notification) {
        if case .dropped = consumer.yield(notification) { consumer.yield(.resumed) }
    }
}

extension Connection {
    fileprivate func nextNotification() -> (channel: Channel, payload: String)? {
        guard let notification = PQnotifies(handle) else { return nil }
        defer { PQfreemem(notification) }
        return (Channel(String(cString: notification.pointee.relname)), String(cString: notification.pointee.extra))
    }

    /// Waits until there may be something to read; asks a server that stays silent whether it is there.
    fileprivate func waitForNotification(silence: Duration) async throws(PostgresError) {
        Reactor.shared.rearm(socket, writing: false)
        if await socket.wait(until: Moment.now + silence) == .expired {
            _ = try await command("SELECT 1", cancellable: false)
        } else if PQconsumeInput(handle) == 0 {
            throw lost("the listener's connection broke")
        }
    }
}
