import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request has begun and is not complete after `limit`: a byte now and then would keep it open for ever otherwise. A file to be
/// imported, from somebody with a token, may take ten times as long: it is a hundred times as large.
final class SlowRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let limit: TimeAmount
    private var isReading = false
    private var isFile = false
    private var closing: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isReading = true
            isFile = head.headerFields[.authorization] != nil && Body.isFile(head.method, head.path ?? "")
        case .body: break
        case .end:
            isReading = false
            closing?.cancel()
            closing = nil
        }
        context.fireChannelRead(data)
    }

    /// Most requests come whole in one read, and nothing has to be scheduled for them.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, closing == nil {
            let channel = context.channel
            let limit = isFile ? TimeAmount.nanoseconds(limit.nanoseconds * 10) : limit
            closing = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func handlerRemoved(context: ChannelHandlerContext) { closing?.cancel() }
}
