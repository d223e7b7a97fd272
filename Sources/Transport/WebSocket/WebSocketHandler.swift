internal import Logging
internal import NIOCore
internal import NIOWebSocket

/// Turns a connection's frames into a WebSocket's messages; the last handler of an upgraded channel.
/// Event loop only. `BeginDrain` closes it.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    private let logger: Logger
    private let closeTimeout: TimeAmount
    private(set) var socket: WebSocket?
    private var context: ChannelHandlerContext?
    private var heldRead = false
    private var isClosing = false
    private var timer: Scheduled<Void>?

    init(eventLoop: any EventLoop, limits: HTTPLimits, logger: Logger) {
        self.logger = logger
        closeTimeout = TimeAmount(limits.lingerTimeout)
        socket = WebSocket(
            eventLoop: eventLoop, handler: self, messagesMax: limits.webSocketMessagesMax)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        socket?.closed()
        socket = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        isClosing = true
        socket?.closed()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !isClosing else {
            // The peer's answer to our farewell.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        switch frame.opcode {
        case .text:
            guard let text = String(validating: frame.unmaskedData.readableBytesView, as: UTF8.self)
            else { return close(.inconsistentData) }
            socket?.received(.text(text))
        case .binary:
            socket?.received(.binary(frame.unmaskedData))
        case .ping:
            send(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData), context)
        case .connectionClose:
            close(Self.answer(toFarewell: frame.unmaskedData))
            context.close(promise: nil)
        case .pong:
            break
        default:
            close(.protocolError)
        }
    }

    /// The code that answers the peer's farewell: its own, where that is one (RFC 6455, sections 5.5.1
    /// and 7.4).
    private static func answer(toFarewell farewell: ByteBuffer) -> UInt16 {
        var rest = farewell
        guard rest.readableBytes > 0 else { return WebSocket.CloseCode.normal.rawValue }
        guard let code = rest.readInteger(as: UInt16.self),
            [1000...1003, 1007...1014, 3000...4999].contains(where: { $0.contains(code) })
        else { return WebSocket.CloseCode.protocolError.rawValue }
        let isText = String(validating: rest.readableBytesView, as: UTF8.self) != nil
        return isText ? code : WebSocket.CloseCode.inconsistentData.rawValue
    }

    func read(context: ChannelHandlerContext) {
        if socket?.isFull == true { heldRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { socket?.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is BeginDrain { close(.goingAway) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("WebSocket failed", metadata: ["error": "\(error)"])
        switch error {
        case NIOWebSocketError.invalidFrameLength: close(.tooLarge)
        case is NIOWebSocketError: close(.protocolError)
        case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge,
            NIOWebSocketFrameAggregator.Error.tooManyFragments:
            close(.tooLarge)
        case is NIOWebSocketFrameAggregator.Error, is WebSocketFrameCheck.Violation:
            close(.protocolError)
        default: context.close(promise: nil)
        }
    }

    // MARK: What the socket asks

    /// - Returns: whether there is room for more.
    func send(_ text: String) -> Bool {
        guard let context, !isClosing else { return true }
        send(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)), context)
        return context.channel.isWritable
    }

    private func send(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Says farewell, and closes when the peer did too or does not in time.
    func close(_ code: WebSocket.CloseCode) {
        close(code.rawValue)
    }

    private func close(_ code: UInt16) {
        guard let context, !isClosing else { return }
        isClosing = true
        send(
            WebSocketFrame(
                fin: true, opcode: .connectionClose, data: ByteBuffer(integer: code)),
            context)
        socket?.closed()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: closeTimeout) {
            context.close(promise: nil)
        }
        resumeReading()
    }

    /// A message left the inbox.
    func messageTaken() {
        if socket?.isFull != true { resumeReading() }
    }

    private func resumeReading() {
        guard heldRead, let context else { return }
        heldRead = false
        context.read()
    }
}

/// Passes on a client's frames as they must be: masked, and without what only extensions use (RFC
/// 6455, sections 5.1 and 5.2). Behind the codec; what joins fragments unmasks them.
final class WebSocketFrameCheck: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    /// A frame that no client may send.
    struct Violation: Error {}

    private var hasFailed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        let frame = unwrapInboundIn(data)
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            hasFailed = true
            return context.fireErrorCaught(Violation())
        }
        context.fireChannelRead(data)
    }
}
