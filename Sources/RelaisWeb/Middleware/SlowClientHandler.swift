import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes the connection of a client that neither goes on nor goes away: Hummingbird's own limit counts only while no request is being answered.
///
/// - A request that has begun and is not complete after `limit`: a byte now and then would keep it open for ever otherwise. A file to be imported, from
///   somebody with a token, may take ten times as long: it is a hundred times as large.
/// - An answer of which nothing more can be written for five times `limit`, because the client does not read. Through a proxy that passes on as it reads, the
///   kernel takes some 800 kB before it lets more be written: five minutes let through whoever reads 3 kB a second. For the end of an answer, when the last
///   of it is with NIO or the kernel, Hummingbird's limit counts again: that asks for 13 kB a second where the kernel holds so much.
final class SlowClientHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let limit: TimeAmount
    private var isReading = false
    private var isFile = false
    private var closingUnread: Scheduled<Void>?
    private var closingUnwritten: Scheduled<Void>?

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
            closingUnread?.cancel()
            closingUnread = nil
        }
        context.fireChannelRead(data)
    }

    /// Most requests come whole in one read, and nothing has to be scheduled for them.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, closingUnread == nil { closingUnread = close(context.channel, in: isFile ? limit * 10 : limit) }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        closingUnwritten?.cancel()
        closingUnwritten = context.channel.isWritable ? nil : close(context.channel, in: limit * 5)
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closingUnread?.cancel()
        closingUnwritten?.cancel()
    }

    private func close(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
