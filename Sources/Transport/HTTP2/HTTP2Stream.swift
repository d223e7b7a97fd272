internal import NIOCore

/// One stream of an HTTP/2 connection that a request came on. Event loop only.
///
/// The base of what serves a request: `GRPCStream` serves calls, `HTTPStream` all else. The connection
/// keeps it until the library has closed the stream.
class HTTP2Stream {
    let id: Int32
    let connection: HTTP2Connection
    private var queue = SendQueue()
    /// Given when nothing more will be queued: they go after the last byte.
    private var trailers: HTTP2FieldList?
    /// Nothing more will be queued, and no trailers follow.
    private var endsWithoutTrailers = false
    /// The library asked for data, and there were none.
    private var isDeferred = false
    private(set) var hasSentHead = false
    private(set) var hasEnded = false
    /// The library knows this stream no more.
    private(set) var isClosed = false
    var isRemoteClosed = false

    init(id: Int32, connection: HTTP2Connection) {
        self.id = id
        self.connection = connection
    }

    // MARK: What a subclass answers to

    /// Whether the handler has not ended yet.
    var isRunning: Bool { false }

    /// Bytes of the request came; the pointer is valid only inside. The connection's window was
    /// opened again; the stream's is the subclass's to open.
    func receivedData(_ bytes: UnsafeRawBufferPointer) {}

    /// The request is complete; `isRemoteClosed` is set.
    func receivedEnd() {}

    /// Everything there was to read for now was read.
    func readPaused() {}

    /// The queue has room again.
    func becameWritable() {}

    /// The response went out whole before the request did: a client that still sends learns that
    /// nobody listens, and the stream is free.
    func endedEarly() { reset(.noError) }

    /// The stream is gone, answered or not.
    func wasClosed() {}

    // MARK: What a subclass sends

    /// How many bytes wait to be sent.
    var queuedByteCount: Int { queue.byteCount }

    /// Sends the response's head; must be followed in the same turn by a message, or, if no
    /// `dataFollows`, by the end.
    func sendHead(_ fields: HTTP2FieldList, dataFollows: Bool = true) {
        guard !isClosed, !hasSentHead else { return }
        hasSentHead = true
        connection.submitHead(fields, of: self, dataFollows: dataFollows)
    }

    /// Queues a gRPC message.
    func queueMessage(_ message: ByteBuffer, isCompressed: Bool) {
        guard !isClosed else { return }
        let before = queue.byteCount
        queue.append(message: message, isCompressed: isCompressed)
        queued(queue.byteCount - before)
    }

    /// Queues bytes of a body.
    func queueBytes(_ bytes: ByteBuffer) {
        guard !isClosed else { return }
        queue.append(bytes: bytes)
        queued(bytes.readableBytes)
    }

    /// Ends a response with a body, after everything that is queued.
    func endBody(_ trailers: HTTP2FieldList?) {
        guard !isClosed, !hasEnded else { return }
        hasEnded = true
        self.trailers = trailers
        endsWithoutTrailers = trailers == nil
        if isDeferred {
            isDeferred = false
            connection.resume(self)
        }
    }

    /// Sends a head before the response's own.
    func sendInformational(_ fields: HTTP2FieldList) {
        guard !isClosed, !hasSentHead else { return }
        connection.submitHead(fields, of: self, dataFollows: false)
    }

    /// Breaks the response off.
    func reset(_ code: HTTP2ErrorCode) {
        guard !isClosed else { return }
        hasEnded = true
        connection.submitReset(code, of: self)
    }

    /// Ends the response with trailers, after everything that is queued.
    func end(_ trailers: HTTP2FieldList) {
        guard !isClosed, !hasEnded else { return }
        hasEnded = true
        if queue.isEmpty {
            connection.submitTrailers(trailers, of: self)
        } else {
            self.trailers = trailers
        }
    }

    /// Sends a response that is one HEADERS frame with END_STREAM.
    func sendOnly(_ fields: HTTP2FieldList) {
        guard !isClosed, !hasEnded, !hasSentHead else { return }
        hasSentHead = true
        hasEnded = true
        connection.submitWhole(fields, of: self)
    }

    private func queued(_ byteCount: Int) {
        connection.queued(byteCount)
        guard isDeferred else { return }
        isDeferred = false
        connection.resume(self)
    }

    // MARK: What the connection tells

    /// What the library's request for data gets.
    enum NextData {
        /// So many bytes, and more may follow.
        case bytes(Int)
        /// So many bytes, and then these trailers or nothing.
        case last(Int, HTTP2FieldList?)
        /// None for now.
        case none
    }

    /// The library asks for at most `max` bytes.
    func nextData(max: Int) -> NextData {
        let count = min(max, queue.byteCount)
        if count == queue.byteCount, trailers != nil || endsWithoutTrailers {
            return .last(count, trailers)
        }
        guard count > 0 else {
            isDeferred = true
            return .none
        }
        return .bytes(count)
    }

    /// Moves queued bytes into a DATA frame.
    func writeData(_ count: Int, to output: inout ByteBuffer) {
        queue.write(count, to: &output)
    }

    /// The library has closed the stream.
    func close() {
        isClosed = true
        connection.dequeued(queue.removeAll())
        trailers = nil
        wasClosed()
    }
}
