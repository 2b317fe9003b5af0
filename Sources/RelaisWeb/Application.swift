import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Relais
import ServiceLifecycle

/// The server: the router behind the front door, on its address, with the services that run beside it.
///
/// - Parameters:
///   - services: Run beside the server until it stops; the server's own (what listens for revoked tokens) is added.
///   - patience: How long a connection may be idle, and how long a request may take to arrive whole; its answer may go unread five times as long. An honest
///     client needs far less, and a dishonest one holds a connection no longer.
///   - onRunning: Called with the port once connections are accepted.
public func buildApplication(
    _ parts: WebParts, host: String, port: Int, services: [any Service] = [], patience: TimeAmount = .seconds(60),
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    let server = HTTPServerBuilder.http1(
        configuration: .init(
            additionalChannelHandlers: [SlowClientHandler(limit: patience), UnreadableRequestHandler(logger: parts.logger)],
            idleTimeout: patience,
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    return Application(
        responder: try buildResponder(parts),
        server: server,
        configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1024),
        services: services + [BackgroundTask { await parts.tokens.run() }],
        onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
        logger: quiet(parts.logger))
}

/// Lets tasks run on the threads that read and write connections: a request then does not change threads on its way in and out. Nothing here blocks
/// a thread, which is what that asks for. To be called once, before anything is served; where it is not possible, all goes on as before.
public func runTasksOnEventLoops() {
    NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
}

/// What Hummingbird and NIO say themselves is for who works on them: a broken connection is no event here.
private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
}

/// Something that runs beside the server until it stops, and is cancelled then.
public struct BackgroundTask: Service {
    private let work: @Sendable () async -> Void

    public init(_ work: @escaping @Sendable () async -> Void) {
        self.work = work
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await work()
            // A service that ends would end all the others.
            try? await gracefulShutdown()
        }
    }
}
