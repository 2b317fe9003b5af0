import DequeModule

/// Who holds which connection and who waits: a plain value without I/O. Whoever asks first is served first.
struct PoolState<Resource: Sendable, Waiter: Sendable>: Sendable {
    struct Waiting: Sendable {
        let number: UInt64
        let deadline: Moment
        let waiter: Waiter
    }

    /// What becomes of a connection that is free.
    enum Placement: Sendable {
        case handed(Waiter)
        case kept
        case refused
    }

    let limit: Int
    /// Free connections; the one used last is lent first, so that those a quiet hour does not need grow old.
    private(set) var idle: [Resource] = []
    private(set) var waiting: Deque<Waiting> = []
    private(set) var lent = 0
    private(set) var opening = 0
    private(set) var isClosed = false

    init(limit: Int) {
        self.limit = limit
    }

    private var total: Int { idle.count + lent + opening }

    /// A free connection, if there is one.
    mutating func take() -> Resource? {
        guard !isClosed, let resource = idle.popLast() else { return nil }
        lent += 1
        return resource
    }

    /// Queues a waiter.
    ///
    /// - Returns: Whether a connection is to be opened, which ends in ``opened(_:)`` or ``failedToOpen()``.
    mutating func wait(_ waiting: Waiting) -> Bool {
        self.waiting.append(waiting)
        return openIfNeeded()
    }

    /// Takes a waiter out of the queue: cancelled, or out of patience.
    mutating func leave(_ number: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// Takes out of the queue those whose patience has ended. Who came first has the earliest deadline.
    mutating func expire(at now: Moment) -> [Waiter] {
        var expired: [Waiter] = []
        while let first = waiting.first, first.deadline <= now {
            expired.append(first.waiter)
            waiting.removeFirst()
        }
        return expired
    }

    /// A connection comes back in good health.
    mutating func giveBack(_ resource: Resource) -> Placement {
        lent -= 1
        return place(resource)
    }

    /// A lent connection was closed instead of coming back.
    ///
    /// - Returns: Whether another is to be opened for somebody who waits.
    mutating func lose() -> Bool {
        lent -= 1
        return openIfNeeded()
    }

    /// A new connection is there.
    mutating func opened(_ resource: Resource) -> Placement {
        opening -= 1
        return place(resource)
    }

    /// A connection could not be opened: who waited longest hears of it.
    ///
    /// - Returns: That waiter, and whether another try is to be made for the next.
    mutating func failedToOpen() -> (waiter: Waiter?, open: Bool) {
        opening -= 1
        let waiter = waiting.popFirst()?.waiter
        return (waiter, openIfNeeded())
    }

    /// Takes out the free connections that are not to be kept.
    mutating func sweep(_ isToGo: (Resource) -> Bool) -> [Resource] {
        let gone = idle.filter(isToGo)
        if !gone.isEmpty { idle.removeAll(where: isToGo) }
        return gone
    }

    /// Lends nothing any more.
    ///
    /// - Returns: The connections to close and the waiters to refuse.
    mutating func close() -> (idle: [Resource], waiters: [Waiter]) {
        isClosed = true
        defer {
            idle = []
            waiting = []
        }
        return (idle, waiting.map(\.waiter))
    }

    private mutating func place(_ resource: Resource) -> Placement {
        if isClosed { return .refused }
        if let first = waiting.popFirst() {
            lent += 1
            return .handed(first.waiter)
        }
        idle.append(resource)
        return .kept
    }

    private mutating func openIfNeeded() -> Bool {
        guard !isClosed, waiting.count > opening, total < limit else { return false }
        opening += 1
        return true
    }
}
