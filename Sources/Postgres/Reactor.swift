import CLibpq
import Foundation
import Synchronization

/// The thread that waits for all sockets, so that no thread of Swift's pool ever does.
///
/// Statements are written by their tasks at once; only the wait for the answer passes through here. Events are edge-triggered: the usual
/// statement, whose answer comes in one piece, costs no `epoll_ctl`.
final class Reactor: Sendable {
    static let shared = Reactor()

    private struct Registry {
        var sockets: [ObjectIdentifier: Readiness] = [:]
        /// Removed, but perhaps still named by an event that the thread has fetched: freed once those are done.
        var leaving: [Readiness] = []
        var timers: [ObjectIdentifier: @Sendable (Moment) -> Void] = [:]
    }

    /// How exact deadlines are.
    private static let tick: Duration = .milliseconds(50)

    private let descriptor: Int32
    private let registry = Mutex(Registry())

    private init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { fatalError("Relais cannot wait for PostgreSQL: epoll_create1 failed with errno \(errno)") }
        let thread = Thread { self.run() }
        thread.name = "postgres-reactor"
        thread.start()
    }

    func add(_ socket: Readiness) {
        registry.withLock { $0.sockets[ObjectIdentifier(socket)] = socket }
        control(EPOLL_CTL_ADD, socket, writing: false)
    }

    /// Asks for an event if the socket is readable now (or writable, when `writing`), and whenever it becomes so.
    func rearm(_ socket: Readiness, writing: Bool) {
        control(EPOLL_CTL_MOD, socket, writing: writing)
    }

    /// - Parameter isOpen: Whether the descriptor is still the socket's own; one that was closed is forgotten by the kernel.
    func remove(_ socket: Readiness, isOpen: Bool) {
        if isOpen { control(EPOLL_CTL_DEL, socket, writing: false) }
        registry.withLock { registry in
            guard let socket = registry.sockets.removeValue(forKey: ObjectIdentifier(socket)) else { return }
            registry.leaving.append(socket)
        }
    }

    /// Calls `timer` some twenty times a second until ``removeTimer(of:)``.
    func addTimer(of owner: AnyObject, _ timer: @escaping @Sendable (Moment) -> Void) {
        registry.withLock { $0.timers[ObjectIdentifier(owner)] = timer }
    }

    func removeTimer(of owner: ObjectIdentifier) {
        registry.withLock { $0.timers[owner] = nil }
    }

    private func control(_ operation: Int32, _ socket: Readiness, writing: Bool) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        event.data.ptr = Unmanaged.passUnretained(socket).toOpaque()
        _ = epoll_ctl(descriptor, operation, socket.descriptor, &event)
    }

    private func run() {
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        var nextTick = Moment.now + Reactor.tick
        while true {
            let count = Int(epoll_wait(descriptor, events, Int32(capacity), Int32(Reactor.tick.wholeMilliseconds)))
            for index in 0..<max(0, count) {
                guard let pointer = events[index].data.ptr else { continue }
                let hungUp = events[index].events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
                // Registered sockets are kept by the registry, and removed ones until the end of this round.
                Unmanaged<Readiness>.fromOpaque(pointer).takeUnretainedValue().signal(hungUp: hungUp)
            }
            let now = Moment.now
            if now >= nextTick {
                nextTick = now + Reactor.tick
                let (sockets, timers) = registry.withLock { (Array($0.sockets.values), Array($0.timers.values)) }
                for socket in sockets { socket.expire(at: now) }
                for timer in timers { timer(now) }
                registry.withLock { $0.leaving.removeAll() }
            }
        }
    }
}
