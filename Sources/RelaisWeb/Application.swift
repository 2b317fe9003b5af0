import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Relais
import ServiceLifecycle

/// The server: the router behind the front door, on its address, with the services that run beside it.
///
/// - Parameters:
///   - services: Run beside the server until it stops; the server's own (what listens for revoked tokens) is added.
///   - onRunning: Called with the port once connections are accepted.
public func buildApplication(
    _ parts: WebParts, host: String, port: Int, services: [any Service] = [], onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    // What an honest client sends is far below these; a dishonest one holds a connection for a minute at most.
    let server = HTTPServerBuilder.http1(
        configuration: .init(
            additionalChannelHandlers: [SlowRequestHandler(limit: .seconds(60))],
            idleTimeout: .seconds(60),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    return Application(
        responder: try buildResponder(parts),
        server: server,
        configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1024),
        services: services + [BackgroundTask { await parts.tokens.run() }],
        onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
        logger: quiet(parts.logger))
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
