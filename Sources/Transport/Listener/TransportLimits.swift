/// Every bound of the transport, with its default. Sizes are in bytes.
package struct TransportLimits: Sendable, Equatable {
    // MARK: Connections

    /// Open connections of a listener; the next are closed as soon as they are accepted.
    package var connectionsMax = 10_000
    /// Until the TLS handshake is done, and after it, without ALPN, until the first bytes tell the
    /// protocol.
    package var handshakeTimeout: Duration = .seconds(10)
    /// How long a connection may stay without a call.
    package var idleTimeout: Duration = .seconds(15 * 60)
    /// How long a peer may take nothing of what waits for it.
    package var writeStallTimeout: Duration = .seconds(60)
    /// How long the farewell of a closing connection may take to leave.
    package var closeTimeout: Duration = .seconds(5)
    /// Bytes that wait for a socket; above it no more answers are encoded and the peer is not read
    /// from, until half of them are gone.
    package var socketQueueBytesMax = 256 * 1024

    // MARK: Calls

    /// Calls that run at the same time on one connection.
    package var callsPerConnectionMax = 256
    /// One message, in either direction. ttrpc allows no more than 4 MiB.
    package var messageBytesMax = 4 << 20
    /// A frame announced with more than `messageBytesMax` is read and thrown away, but one with
    /// more than this ends the connection.
    package var discardedBytesMax = 64 << 20
    /// Names and values of one call's metadata together.
    package var metadataBytesMax = 16 * 1024
    /// Answers of unary calls that wait in one ttrpc connection; above it no more requests are read.
    package var answerQueueBytesMax = 256 * 1024
    /// The same, for the answers of calls that were running by then; above it they are replaced by
    /// RESOURCE_EXHAUSTED. Also for what waits in all streams of one ttrpc connection together; a
    /// call whose message would exceed it fails with RESOURCE_EXHAUSTED.
    package var answerQueueBytesLimit = 32 << 20
    /// Response messages that wait in one stream; above it the handler waits.
    package var streamQueueBytesMax = 64 * 1024
    /// Requests that wait in a client connection for its socket; more are refused.
    package var requestQueueBytesMax = 16 << 20
    /// Response messages that wait in one stream of a client connection for their reader. Above it
    /// the client reads its socket only while somebody waits for another call.
    package var inboundQueueBytesMax = 1 << 20
    /// The same; above it the stream fails with RESOURCE_EXHAUSTED.
    package var inboundQueueBytesLimit = 16 << 20

    // MARK: HTTP

    /// Of requests that are no RPC calls.
    package var http = HTTPLimits()

    /// The defaults.
    package init() {}
}
