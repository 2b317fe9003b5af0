import Synchronization

/// Lends connections, opens them when they are wanted, and closes those that are broken or old.
final class Pool: Sendable {
    typealias Waiter = UnsafeContinuation<Result<Connection, PostgresError>, Never>
    typealias State = PoolState<Connection, Waiter>

    let settings: Connection.Settings
    private let patience: Duration
    private let lifetime: Duration
    private let observe: @Sendable (DatabaseEvent) -> Void
    private let state: Mutex<State>
    private let numbers = Atomic<UInt64>(0)

    init(
        _ settings: Connection.Settings, limit: Int, patience: Duration, lifetime: Duration,
        observe: @escaping @Sendable (DatabaseEvent) -> Void
    ) {
        self.settings = settings
        self.patience = patience
        self.lifetime = lifetime
        self.observe = observe
        state = Mutex(State(limit: max(1, limit)))
        Reactor.shared.addTimer(of: self) { [weak self] now in self?.expire(at: now) }
    }

    deinit {
        Reactor.shared.removeTimer(of: ObjectIdentifier(self))
    }

    /// Lends a connection; ``giveBack(_:)`` has to follow.
    func lease() async throws(PostgresError) -> Connection {
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled before it had a connection") }
        while let connection = state.withLock({ $0.take() }) {
            if !connection.isHealthy {
                lose(connection, .broken)
            } else if isOld(connection, at: .now) {
                lose(connection, .old)
            } else {
                return connection
            }
        }
        let number = numbers.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: Waiter) in self.enqueue(waiter, number) }
        } onCancel: {
            self.leave(number)
        }
        return try result.get()
    }

    private func enqueue(_ waiter: Waiter, _ number: UInt64) {
        enum Next { case refuse, use(Connection), open, wait }
        let deadline = Moment.now + patience
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse }
            if let connection = state.take() { return .use(connection) }
            return state.wait(State.Waiting(number: number, deadline: deadline, waiter: waiter)) ? .open : .wait
        }
        switch next {
        case .refuse: waiter.resume(returning: .failure(.closed))
        case .use(let connection): waiter.resume(returning: .success(connection))
        case .open: open()
        case .wait: break
        }
        // The cancellation may have come before there was a waiter to take out.
        if withUnsafeCurrentTask(body: { $0?.isCancelled ?? false }) { leave(number) }
    }

    private func leave(_ number: UInt64) {
        let waiter = state.withLock { $0.leave(number) }
        waiter?.resume(returning: .failure(PostgresError(.cancelled, "the task was cancelled while it waited for a connection")))
    }

    /// Takes a connection back: to lend it again, or to close it when it is broken, in a transaction, or old.
    func giveBack(_ connection: Connection) {
        guard connection.isHealthy else { return lose(connection, .broken) }
        if isOld(connection, at: .now) { return lose(connection, .old) }
        connection.statementDeadline = settings.statementDeadline
        settle(connection, state.withLock { $0.giveBack(connection) })
    }

    private func isOld(_ connection: Connection, at now: Moment) -> Bool { connection.openedAt + lifetime <= now }

    private func settle(_ connection: Connection, _ placement: State.Placement) {
        switch placement {
        case .handed(let waiter): waiter.resume(returning: .success(connection))
        case .kept: break
        case .refused: observe(.connectionClosed(reason: .closing))
        }
    }

    private func lose(_ connection: Connection, _ reason: DatabaseEvent.CloseReason) {
        let mustOpen = state.withLock { $0.lose() }
        observe(.connectionClosed(reason: reason))
        if mustOpen { open() }
    }

    private func open() {
        onOwnThread { [self] in
            let start = Moment.now
            do throws(PostgresError) {
                let connection = try Connection.open(settings)
                observe(.connectionOpened(took: Moment.now - start))
                settle(connection, state.withLock { $0.opened(connection) })
            } catch {
                observe(.connectionFailed(error))
                let (waiter, mustOpen) = state.withLock { $0.failedToOpen() }
                waiter?.resume(returning: .failure(error))
                if mustOpen { open() }
            }
        }
    }

    /// Ends the waits that took too long, and closes free connections that are old or broken.
    private func expire(at now: Moment) {
        let gone = state.withLock { $0.sweep { isOld($0, at: now) || $0.socket.isHungUp } }
        for connection in gone { observe(.connectionClosed(reason: isOld(connection, at: now) ? .old : .broken)) }
        let (waiters, left, isAnyLent) = state.withLock { state in
            (state.expire(at: now), state.waiting.count, state.lent > 0)
        }
        guard !waiters.isEmpty else { return }
        observe(.patienceEnded(waiting: left))
        let error =
            isAnyLent
            ? PostgresError(.poolExhausted, "every connection stayed busy for \(patience)")
            : PostgresError(.unavailable, "no server answered for \(patience)")
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    /// Closes the free connections now, the lent ones when they come back, and refuses whoever waits.
    func close() {
        let (idle, waiters) = state.withLock { $0.close() }
        for waiter in waiters { waiter.resume(returning: .failure(.closed)) }
        for _ in idle { observe(.connectionClosed(reason: .closing)) }
    }

    /// Connections that are lent or being opened.
    var busy: Int { state.withLock { $0.lent + $0.opening } }
}

extension PostgresError {
    static let closed = PostgresError(.closed, "the database was closed")
}
