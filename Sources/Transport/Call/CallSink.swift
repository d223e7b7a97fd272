package import NIOCore
package import RPC

/// Where one call's answer goes: a stream of a connection, in whichever protocol it speaks.
///
/// Every method is called on the connection's event loop. None may call back into the call.
package protocol CallSink: AnyObject {
    /// Queues one response message, preceded by `initialMetadata` where it is the first.
    ///
    /// - Parameter initialMetadata: not nil exactly once, with the first message.
    /// - Returns: whether there is room for more; if not, the writing handler waits until
    ///   `Call.becameWritable()`.
    func send(_ message: ByteBuffer, initialMetadata: Metadata?) -> Bool

    /// Ends the answer; nothing is sent after it, and it is called at most once.
    ///
    /// Not called for a call that the peer or the connection cancelled.
    func finish(_ answer: CallAnswer)

    /// The handler took a request message of `byteCount` bytes: the peer may be granted as many.
    func requestMessageTaken(byteCount: Int)

    /// The handler's task is over; before that the call counts as running, even if it was reset.
    /// Also called for a call whose handler was never started. The last thing a call says.
    func callReleased()
}

/// How a call's answer ends.
package struct CallAnswer: Sendable, Equatable {
    /// The only message of a unary or client-streaming call that succeeded.
    package var message: ByteBuffer?
    /// Metadata that goes before the first message; nil where one was sent.
    package var initialMetadata: Metadata?
    /// Nil: OK.
    package var error: RPCError?
    /// Metadata that goes with the status; holds the error's.
    package var trailers: Metadata

    /// An answer's end.
    package init(
        message: ByteBuffer? = nil, initialMetadata: Metadata? = nil, error: RPCError? = nil,
        trailers: Metadata = [:]
    ) {
        self.message = message
        self.initialMetadata = initialMetadata
        self.error = error
        self.trailers = trailers
    }
}
