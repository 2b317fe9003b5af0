import CLibpq
import Synchronization

/// One connection to the server. Lent to one holder at a time, who runs one exchange after the other.
///
/// `@unchecked Sendable`: everything mutable, libpq's handle included, is touched by the holder only, and the pool's lock stands between one
/// holder and the next. The reactor's thread and the cancelling thread touch ``socket`` and ``interruption``, which have locks of their own.
final class Connection: @unchecked Sendable {
    /// What a connection needs to know to open and to give up.
    struct Settings: Sendable {
        let conninfo: String
        /// The longest a statement may take; nil for no limit.
        let statementDeadline: Duration?
    }

    /// How much later than the server's own deadline a silent server is given up.
    static let silence: Duration = .seconds(5)
    private static let cachedStatements = 256

    let handle: OpaquePointer
    let socket: Readiness
    let interruption: Interruption
    let openedAt = Moment.now
    var statements = StatementCache(limit: Connection.cachedStatements)
    /// Prepared statements the server is to forget, with the next exchange.
    var dropped: [String] = []
    /// The longest the next statement may take; as in ``Settings`` but for a transaction that has its own.
    var statementDeadline: Duration?
    private(set) var isBroken = false
    /// Whether libpq has read since the last statement was sent, and may not have read all there was.
    var mayHaveLeftBytes = false
    private let notices: Notices

    /// Connects and sets the session up. Blocks, also to resolve names: on a thread of its own.
    static func open(_ settings: Settings) throws(PostgresError) -> Connection {
        // What stands before `dbname` yields to the conninfo in it; what stands after wins.
        // A server whose machine is gone says nothing, also while the session is set up: the network's own deadlines find out within a minute.
        let keywords = [
            "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "dbname",
            "fallback_application_name", "client_encoding",
        ]
        let values = ["10", "30000", "30", "10", "3", settings.conninfo, "relais", "UTF8"]
        guard let handle = withCStrings(keywords, { keywords in withCStrings(values) { PQconnectdbParams(keywords, $0, 1) } }) else {
            throw PostgresError(.unavailable, "out of memory")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw PostgresError(connection: handle, "no server could be connected to")
        }
        let timeout = settings.statementDeadline.map { max(1, $0.wholeMilliseconds) } ?? 0
        // Statements are short here: compiling one (jit) takes longer than running it.
        guard let result = PQexec(handle, "SET TimeZone = 'UTC'; SET jit = off; SET statement_timeout = \(timeout)") else {
            defer { PQfinish(handle) }
            throw PostgresError(connection: handle, "the session could not be set up")
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK, PQsetnonblocking(handle, 1) == 0 else {
            defer { PQfinish(handle) }
            throw PostgresError(connection: handle, "the session could not be set up")
        }
        return Connection(handle, settings)
    }

    private init(_ handle: OpaquePointer, _ settings: Settings) {
        self.handle = handle
        statementDeadline = settings.statementDeadline
        socket = Readiness(descriptor: PQsocket(handle))
        interruption = Interruption(connection: handle, socket: socket)
        notices = Notices()
        PQsetNoticeReceiver(handle, noticeReceived, Unmanaged.passUnretained(notices).toOpaque())
        Reactor.shared.add(socket)
    }

    deinit {
        // libpq closes a broken connection's socket by itself, and its number may be another's by now.
        Reactor.shared.remove(socket, isOpen: PQsocket(handle) == socket.descriptor)
        PQfinish(handle)
    }

    /// Whether the connection may be lent: it is between transactions, and neither side has closed it.
    var isHealthy: Bool {
        !isBroken && !socket.isHungUp && PQtransactionStatus(handle) == PQTRANS_IDLE && PQstatus(handle) == CONNECTION_OK
    }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }
    var isTransactionFailed: Bool { PQtransactionStatus(handle) == PQTRANS_INERROR }

    /// The moment at which this side gives up on a statement that starts now.
    var giveUp: Moment { statementDeadline.map { Moment.now + $0 + Connection.silence } ?? .never }

    /// Closes the connection to use: what it was doing has no answer any more.
    func lost(_ summary: String) -> PostgresError {
        isBroken = true
        return PostgresError(connection: handle, summary)
    }

    /// Whether a commit returned without its standby, since this was last asked.
    func takeStandbyWarning() -> Bool {
        defer { notices.standbyWaitCancelled = false }
        return notices.standbyWaitCancelled
    }

    // MARK: Waiting

    /// Sends what libpq holds, and reads meanwhile, so that neither side waits for the other.
    func flush(until deadline: Moment) async throws(PostgresError) {
        var waited = false
        while true {
            switch PQflush(handle) {
            case 0:
                if waited { Reactor.shared.rearm(socket, writing: false) }
                return
            case 1:
                waited = true
                Reactor.shared.rearm(socket, writing: true)
                try await readable(until: deadline)
            default: throw lost("the connection broke while sending")
            }
        }
    }

    /// The next result of the statements under way; nil after the last of each.
    func nextResult(until deadline: Moment) async throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            // Edge-triggered: the arrival of an answer to what was just sent is signalled by itself. What libpq left in the socket the last
            // time it read has to be asked for.
            if mayHaveLeftBytes { Reactor.shared.rearm(socket, writing: false) }
            try await readable(until: deadline)
        }
        return PQgetResult(handle)
    }

    /// Waits for the socket and lets libpq read.
    func readable(until deadline: Moment) async throws(PostgresError) {
        if await socket.wait(until: min(deadline, interruption.deadline)) == .expired {
            isBroken = true
            throw PostgresError(.timeout, "the server did not answer within the deadline; the connection was dropped")
        }
        mayHaveLeftBytes = true
        // Over TLS, libpq may leave bytes within OpenSSL, decrypted, of which the socket gives no sign: the rest of one record, 16 KiB at most. Each
        // reading takes 8 KiB or more, so that two more leave nothing.
        for _ in 0..<(PQsslInUse(handle) == 1 ? 3 : 1) where PQconsumeInput(handle) == 0 {
            throw lost("the connection broke while waiting for an answer")
        }
    }
}

/// What the server warned of during an exchange.
private final class Notices {
    var standbyWaitCancelled = false
}

/// Reads a notice. libpq calls this from within `PQconsumeInput` or `PQgetResult`, so on the task of the connection's holder.
private func noticeReceived(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let result, let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))),
        let function = PQresultErrorField(result, Int32(UInt8(ascii: "R")))
    else { return }
    // `WARNING 01000 canceling wait for synchronous replication due to user request`: COMMIT then answers as if all were well. The words are
    // translated; the function that says them is not.
    if String(cString: state) == "01000", String(cString: function) == "SyncRepWaitForLSN" {
        Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().standbyWaitCancelled = true
    }
}

/// Calls `body` with the strings as C has arrays of them: a nil at the end.
private func withCStrings<Value>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
    let copies = strings.map { string in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.utf8.count + 1)
        for (index, byte) in string.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[string.utf8.count] = 0
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    let pointers = copies.map { UnsafePointer<CChar>?($0) } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an array with a nil at its end has an address") }
        return body(base)
    }
}
