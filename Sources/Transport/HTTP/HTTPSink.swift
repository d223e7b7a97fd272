internal import HTTPTypes
internal import NIOCore

/// Where one exchange's answer goes: a stream of an HTTP/2 connection, or an HTTP/1.1 connection.
///
/// Every method is called on the connection's event loop. None may call back into the exchange.
protocol HTTPSink: AnyObject {
    /// Queues the response's head; called at most once, save for the switch to a WebSocket.
    func send(_ head: HTTPResponse)

    /// Queues bytes of the body.
    /// - Returns: whether there is room for more; if not, the handler waits until
    ///   `HTTPExchange.becameWritable()`.
    func send(_ bytes: ByteBuffer) -> Bool

    /// Ends the response; nothing is sent after it.
    func finish(_ trailers: HTTPFields?)

    /// The response cannot be completed as it was begun: the client must see that.
    func abort()

    /// The handler waits for the body: a client that expects to be asked for it is asked.
    func bodyWanted()

    /// So many bytes of the body are no longer held.
    func bodyTaken(_ byteCount: Int)

    /// Turns the connection into a WebSocket; nil where the request or the protocol does not allow
    /// it. The head was not sent before.
    func upgradeToWebSocket() -> EventLoopFuture<WebSocket>?

    /// The handler's task is over. The last thing an exchange says.
    func exchangeReleased()
}
