internal import Logging
internal import NIOCore
internal import NIOHTTP1

extension ChannelPipeline.SynchronousOperations {
    /// Serves HTTP/1.1 behind the handlers that are there.
    func serveHTTP1(
        _ handler: any HTTPHandler, peer: HTTPPeer, eventLoop: any EventLoop,
        limits: TransportLimits, logger: Logger
    ) throws {
        var parsing = NIOHTTPDecoderLimitConfiguration()
        // The parser counts the target too, and answers an excess of either with 431; so the
        // target's own limit, and its 414, is left room for.
        parsing.maxHeaderListSize = limits.http.headerListBytesMax + 2 * limits.http.targetBytesMax
        parsing.maxHeaderFieldSize = limits.http.headerListBytesMax
        parsing.maxHeaderFieldCount = limits.http.headerFieldsMax
        var framing = HTTPResponseEncoder.Configuration()
        // The encoder does not know the requests: an answer to HEAD has no body to frame.
        framing.automaticallySetFramingHeaders = false
        let connection = HTTP1Connection(
            handler: handler, peer: peer, eventLoop: eventLoop, limits: limits, logger: logger)
        try addHandlers(
            HTTP1Arrivals(connection),
            HTTPResponseEncoder(configuration: framing),
            ByteToMessageHandler(
                HTTPRequestDecoder(
                    leftOverBytesStrategy: .forwardBytes, limitConfiguration: parsing)),
            connection)
    }
}

/// Tells a connection of bytes that come before its codec makes anything of them: a turn that reads
/// none, as the end of a TLS handshake is, begins no request.
private final class HTTP1Arrivals: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private weak var connection: HTTP1Connection?

    init(_ connection: HTTP1Connection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection?.bytesArrived()
        context.fireChannelRead(data)
    }
}
