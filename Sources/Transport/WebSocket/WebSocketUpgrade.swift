internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Makes a WebSocket of an HTTP/1.1 connection.
enum WebSocketUpgrade {
    /// Answers the handshake `head` with 101 and exchanges the handlers in the next turn of the
    /// loop; the codec may be in the middle of a read now.
    /// - Returns: nil if `head` is no handshake (RFC 6455, section 4.2.1).
    static func perform(
        on context: ChannelHandlerContext, _ head: HTTPRequestHead,
        removing connection: HTTP1Connection, limits: HTTPLimits, logger: Logger
    ) -> EventLoopFuture<WebSocket>? {
        guard isHandshake(head) else { return nil }
        let channel = context.channel
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let handler = WebSocketHandler(
            eventLoop: channel.eventLoop, limits: limits, logger: logger)
        let opened = channel.eventLoop.makePromise(of: WebSocket.self)
        let bound = NIOLoopBound((context, connection, handler), eventLoop: channel.eventLoop)
        upgrader.buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
        ).whenComplete { result in
            switch result {
            case .failure(let error):
                opened.fail(error)
                channel.close(promise: nil)
            case .success(let headers):
                channel.eventLoop.execute {
                    let (context, connection, handler) = bound.value
                    do {
                        opened.succeed(
                            try exchange(context, connection, handler, headers, limits))
                    } catch {
                        opened.fail(error)
                        context.close(promise: nil)
                    }
                }
            }
        }
        return opened.futureResult
    }

    private static func isHandshake(_ head: HTTPRequestHead) -> Bool {
        let key = head.headers["sec-websocket-key"]
        return head.method == .GET && head.version != .http1_0
            && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && head.headers["sec-websocket-version"] == ["13"]
            && key.count == 1 && key[0].utf8.count == 24
    }

    private static func exchange(
        _ context: ChannelHandlerContext, _ connection: HTTP1Connection,
        _ handler: WebSocketHandler, _ headers: HTTPHeaders, _ limits: HTTPLimits
    ) throws -> WebSocket {
        guard context.channel.isActive, let socket = handler.socket else {
            throw ChannelError.ioOnClosedChannel
        }
        connection.write(
            .head(
                HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)))
        context.flush()
        let pipeline = context.pipeline.syncOperations
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        let decoder = try pipeline.context(
            handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandlers(
            WebSocketFrameEncoder(),
            ByteToMessageHandler(
                WebSocketFrameDecoder(maxFrameSize: limits.webSocketMessageBytesMax)),
            WebSocketFrameCheck(),
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1_024,
                maxAccumulatedFrameSize: limits.webSocketMessageBytesMax),
            handler)
        pipeline.removeHandler(context: encoder, promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        // Last: it hands on what the client sent ahead.
        pipeline.removeHandler(context: decoder, promise: nil)
        return socket
    }
}
