import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Gives a request that could not be read (headers beyond the limits, a first line that is none) the same kind of answer as all others.
///
/// Such a request never reaches the front door: Hummingbird answers it with a bare 400, which is completed here on its way out.
final class UnreadableRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let logger: Logger
    private let closing = LingeringClose()
    private var fault: HTTPParserError?

    init(logger: Logger) {
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandler(closing, position: .first)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            fault = error
            closing.ask()
        }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What the front door answers has its identifier already.
        guard let fault, case .head(let head) = unwrapOutboundIn(data), head.headerFields[.xRequestID] == nil else {
            return context.write(data, promise: promise)
        }
        let problem = Problem(fault == .headerOverflow ? .headersTooLarge : .malformed)
        let body = ByteBuffer(bytes: problem.bytes(for: nil))
        let identifier = RequestIdentifier.new()
        let headers: HTTPFields = [
            .contentType: Problem.mediaType, .cacheControl: "no-store", .connection: "close", .contentLength: "\(body.readableBytes)",
            .xRequestID: identifier,
        ]
        logger.info(
            "unreadable request", metadata: ["request_id": .string(identifier), "status": .stringConvertible(problem.kind.status.code)])
        context.write(wrapOutboundOut(.head(HTTPResponse(status: problem.kind.status, headerFields: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: promise)
    }
}
