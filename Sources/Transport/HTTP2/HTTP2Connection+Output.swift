internal import NIOCore

/// What streams ask of their connection.
extension HTTP2Connection {
    func submitHead(_ fields: HTTP2FieldList, of stream: HTTP2Stream, dataFollows: Bool) {
        if dataFollows {
            session?.submitResponse(fields, stream: stream)
        } else {
            session?.submitHead(fields, stream: stream.id)
        }
        needsPump()
    }

    func submitTrailers(_ fields: HTTP2FieldList, of stream: HTTP2Stream) {
        session?.submitTrailers(fields, stream: stream.id)
        needsPump()
    }

    func submitWhole(_ fields: HTTP2FieldList, of stream: HTTP2Stream) {
        session?.submitResponse(fields, endingStream: stream.id)
        needsPump()
    }

    func submitReset(_ code: HTTP2ErrorCode, of stream: HTTP2Stream) {
        session?.submitReset(stream: stream.id, code)
        needsPump()
    }

    func resume(_ stream: HTTP2Stream) {
        session?.resumeData(stream: stream.id)
        needsPump()
    }

    /// Lets the client send `byteCount` more bytes on a stream.
    func grant(_ byteCount: Int, to stream: HTTP2Stream) {
        guard let session else { return }
        session.consumeStream(stream.id, byteCount)
        // Most grants wait until they are worth a frame.
        if session.wantsWrite { needsPump() }
    }

    /// The handler of a call has ended.
    func callReleased() {
        runningCallCount -= 1
    }

    /// Takes room for a message larger than a stream's window. False: there is none now; the
    /// stream is asked to deframe again when there may be.
    func reserveLargeMessage(_ byteCount: Int, for stream: HTTP2Stream) -> Bool {
        guard
            largeMessageByteCount == 0
                || largeMessageByteCount + byteCount <= limits.largeMessageBytesMax
        else {
            if !largeMessageWaiters.contains(stream.id) { largeMessageWaiters.append(stream.id) }
            return false
        }
        largeMessageByteCount += byteCount
        return true
    }

    /// Gives room for a large message back, and lets those that wait for some try again.
    func releaseLargeMessage(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        largeMessageByteCount -= byteCount
        let waiters = largeMessageWaiters
        largeMessageWaiters.removeAll()
        for id in waiters { (streams[id] as? GRPCStream)?.deframe() }
    }
}
