package import NIOCore

/// Bounds of one HTTP/2 connection. Defaults are those of the documented limits.
package struct HTTP2Limits: Sendable, Equatable {
    /// Of requests that are no gRPC calls.
    package var http = HTTPLimits()
    /// The largest request message, in bytes, also after decompression.
    package var requestMessageBytesMax = 4 << 20
    /// All names and values of a request's header fields and 32 bytes each (RFC 9113 section 6.5.2).
    package var headerListBytesMax = 16 << 10
    /// Streams a client may have open, and handlers that may run; a handler counts until it ends,
    /// even if its stream was reset. More are refused with REFUSED_STREAM.
    package var concurrentCallsMax = 256
    /// How many bytes of one stream may be on the way to its handler.
    package var streamWindowBytes = 256 << 10
    /// How many bytes may be on the way to the connection.
    package var connectionWindowBytes = 4 << 20
    /// Bytes of incomplete messages larger than a stream's window, for all streams together; who
    /// finds none left waits until another message is complete.
    package var largeMessageBytesMax = 16 << 20
    /// Response messages from this size on are compressed for clients whose requests are.
    package var compressedAnswerBytesMin = 1 << 10
    /// Bytes of response messages that may wait in one stream before its handler waits.
    package var streamQueueBytesMax = 64 << 10
    /// Bytes of response messages that may wait in all streams; past it new calls are refused, and
    /// unary answers are replaced by RESOURCE_EXHAUSTED.
    package var connectionQueueBytesMax = 32 << 20
    /// A connection with waiting output that takes none of it for this long is closed.
    package var stallTimeout = TimeAmount.seconds(60)
    /// How long the client's preface and one header block may take.
    package var headerTimeout = TimeAmount.seconds(10)
    /// A connection without streams is closed after this time (A9 `max_idle`); nil: never.
    package var idleMax: TimeAmount? = .minutes(15)
    /// A connection is drained at this age, varied by a tenth (A9 `max_age`); nil: never.
    package var ageMax: TimeAmount?
    /// How long calls may go on after a drain began; nil: as long as they take.
    package var drainGrace: TimeAmount? = .seconds(30)
    /// How long a silent client is left alone before it is pinged (A9).
    package var keepaliveTime = TimeAmount.hours(2)
    /// How long the answer to such a ping may take.
    package var keepaliveTimeout = TimeAmount.seconds(20)
    /// How often a client may ping (A8).
    package var pings = PingPolicy.Limits()
    /// Resets by the client of calls whose handlers had not ended.
    package var resets = TokenBucket.Limits(burst: 1000, perSecond: 200)
    /// Streams that were reset because of what the client sent.
    package var streamErrors = TokenBucket.Limits(burst: 1000, perSecond: 100)
    /// Frames that do nothing for a call: SETTINGS, PRIORITY, empty DATA.
    package var idleFrames = TokenBucket.Limits(burst: 1000, perSecond: 100)

    /// The defaults.
    package init() {}
}
