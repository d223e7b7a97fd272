/// Bounds of HTTP requests, the same for HTTP/1.1 and HTTP/2 where both know the thing. Sizes are in
/// bytes.
package struct HTTPLimits: Sendable, Equatable {
    /// Names and values of a request's header fields together; more is answered with 431.
    package var headerListBytesMax = 16 << 10
    /// Fields of one request; more is answered with 431.
    package var headerFieldsMax = 128
    /// The request target (path and query); a longer one is answered with 414.
    package var targetBytesMax = 8 << 10
    /// How long an HTTP/1.1 head may take from its first byte; then 408.
    package var headTimeout: Duration = .seconds(10)
    /// One request body; a reader of more gets `HTTPBodyError.tooLarge`.
    package var bodyBytesMax = 10 << 20
    /// While a handler waits for the body, this much must come in each `bodyPatience`, else the
    /// reader gets `HTTPBodyError.tooSlow`.
    package var bodyBytesMin = 1 << 10
    package var bodyPatience: Duration = .seconds(10)
    /// Bytes of a body that wait for their reader in an HTTP/1.1 connection before the socket is
    /// read no more, and of requests that were sent ahead.
    package var waitingBytesMax = 64 << 10
    /// Bytes of an HTTP/1.1 response that a handler may write before they are on their way to the
    /// socket.
    package var unflushedBytesMax = 64 << 10
    /// How long a client that was answered before it had sent everything may pause before it is heard
    /// no more, and a WebSocket's client may take to answer the close.
    package var lingerTimeout: Duration = .seconds(2)
    /// How long it is heard at most, so that it reads its answer.
    package var lingerTimeMax: Duration = .seconds(30)
    /// Bytes of a request that are taken and thrown away after its answer, in that time.
    package var discardedBytesMax = 32 << 20
    /// One message of a WebSocket.
    package var webSocketMessageBytesMax = 1 << 20
    /// Messages of a WebSocket that wait for their reader before the socket is read no more.
    package var webSocketMessagesMax = 16

    /// The defaults.
    package init() {}
}
