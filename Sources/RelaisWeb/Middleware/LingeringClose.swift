import NIOCore

/// Lets an answer arrive whose client is still sending: to close a connection with bytes that nobody has read resets it, and the client loses what it
/// was told. Once asked, it says that nothing more will be sent, and lets go when the client has closed its side, or after two seconds.
///
/// It stands first in the pipeline, where every close comes by.
final class LingeringClose: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private enum State { case open, asked, lingering, over }
    private var state = State.open

    /// The next close is to wait.
    func ask() { if state == .open { state = .asked } }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, state == .asked || state == .lingering else { return context.close(mode: mode, promise: promise) }
        context.channel.closeFuture.cascade(to: promise)
        guard state == .asked else { return }
        state = .lingering
        context.close(mode: .output, promise: nil)
        context.read()
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
            self.state = .over
            context.close(mode: .all, promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state != .lingering { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state == .lingering { context.read() } else { context.fireChannelReadComplete() }
    }
}
