internal import NIOCore
internal import RPC

/// Serves one gRPC call on one HTTP/2 stream: cuts the request into messages, and puts the answer
/// into HEADERS, DATA and trailers. Event loop only.
final class GRPCStream: HTTP2Stream {
    private let head: GRPCRequestHead
    private var call: Call?
    private var deframer: GRPCDeframer
    private var credit = ReceiveCredit()
    /// Framed sizes of the messages that the handler has not taken, oldest first.
    private var untaken = LazyQueue<Int>()
    private var untakenByteCount = 0
    /// Bytes of the connection's room for large messages that this stream holds.
    private var reservedByteCount = 0
    private var isDeframing = false
    private var toldEnd = false
    private var wantsRoom = false
    /// The head names gzip, so that messages may be compressed.
    private var declaresGzip = false

    /// So many unpacked messages wait for a handler at most; the rest waits as the bytes it came in.
    private static let untakenMessagesMax = 64

    init(id: Int32, connection: HTTP2Connection, head: GRPCRequestHead) {
        self.head = head
        deframer = GRPCDeframer(messageBytesMax: connection.limits.requestMessageBytesMax)
        super.init(id: id, connection: connection)
    }

    /// Starts the call.
    func begin(_ route: Router.Route, metadata: Metadata) {
        let deadline = head.timeout.map { ContinuousClock.now + $0 }
        let call = connection.runner.makeCall(
            route, metadata: metadata, deadline: deadline, sink: self)
        self.call = call
        call.begin()
    }

    override var isRunning: Bool { call != nil }

    override func receivedData(_ bytes: UnsafeRawBufferPointer) {
        guard call != nil, !hasEnded else { return }
        credit.received(bytes.count)
        unsafe deframer.append(bytes)
        deframe()
    }

    override func receivedEnd() {
        guard !isDeframing else { return }
        deframe()
    }

    override func readPaused() {
        call?.readPaused()
    }

    /// Ends the call with `error`.
    func fail(_ error: RPCError) {
        call?.fail(error)
    }

    override func becameWritable() {
        guard wantsRoom else { return }
        wantsRoom = false
        call?.becameWritable()
    }

    override func wasClosed() {
        connection.releaseLargeMessage(reservedByteCount)
        reservedByteCount = 0
        call?.cancel()
    }

    // MARK: The request

    /// Hands on what messages there are, then lets the client send more.
    func deframe() {
        guard !isDeframing else { return }
        isDeframing = true
        defer { isDeframing = false }
        while let call, untaken.count < Self.untakenMessagesMax, !hasEnded {
            do {
                guard let frame = try deframer.next() else { break }
                let message = try head.unpack(
                    frame, messageBytesMax: connection.limits.requestMessageBytesMax)
                if frame.isCompressed { call.context.response.compressedRequestCount += 1 }
                if call.context.method.kind.streamsRequests {
                    untaken.append(frame.payload.readableBytes + GRPCDeframer.prefixByteCount)
                    untakenByteCount += frame.payload.readableBytes + GRPCDeframer.prefixByteCount
                }
                call.receivedMessage(message)
            } catch {
                return call.fail(error)
            }
        }
        if isRemoteClosed, !toldEnd, untaken.count < Self.untakenMessagesMax {
            toldEnd = true
            if let cutOff = deframer.cutOff { call?.fail(cutOff) } else { call?.receivedEnd() }
        }
        openWindow()
    }

    /// Grants the client what the handler took. A message larger than the window would never
    /// arrive so: what came of it is granted too, while the connection has room for such messages.
    private func openWindow() {
        guard !isClosed, !isRemoteClosed, credit.owedByteCount > 0 else { return }
        let window = connection.limits.streamWindowBytes
        let isLarge = (deframer.announcedByteCount ?? 0) > window
        if isLarge, reservedByteCount == 0, untaken.isEmpty,
            let announced = deframer.announcedByteCount,
            connection.reserveLargeMessage(announced, for: self)
        {
            reservedByteCount = announced
        } else if !isLarge, reservedByteCount > 0 {
            connection.releaseLargeMessage(reservedByteCount)
            reservedByteCount = 0
        }
        guard call == nil || call?.context.method.kind.streamsRequests == true || isLarge else {
            return
        }
        let partial = reservedByteCount > 0 ? 0 : deframer.waitingByteCount
        let granted = credit.grant(keeping: untakenByteCount + partial)
        if granted > 0 { connection.grant(granted, to: self) }
    }
}

extension GRPCStream: CallSink {
    func send(_ message: ByteBuffer, initialMetadata: Metadata?) -> Bool {
        // Many streams of a client that does not read must not hold a large message each.
        guard !connection.hasQueued || connection.hasQueueRoom(for: message.readableBytes) else {
            if let initialMetadata { sendHead(makeHead(initialMetadata)) }
            connection.failSoon(self, tooMuchWaits)
            return false
        }
        if let initialMetadata { sendHead(makeHead(initialMetadata)) }
        queue(message)
        let hasRoom =
            queuedByteCount < connection.limits.streamQueueBytesMax && connection.hasQueueRoom
        wantsRoom = !hasRoom
        return hasRoom
    }

    func finish(_ answer: CallAnswer) {
        var answer = answer
        if let message = answer.message, !connection.hasQueueRoom(for: message.readableBytes) {
            answer = CallAnswer(error: tooMuchWaits)
        }
        if let message = answer.message {
            if !hasSentHead { sendHead(makeHead(answer.initialMetadata ?? [:])) }
            queue(message)
        } else if !hasSentHead {
            guard let initialMetadata = answer.initialMetadata, !initialMetadata.isEmpty else {
                return sendOnly(.grpcTrailersOnly(answer.error, answer.trailers))
            }
            sendHead(makeHead(initialMetadata), dataFollows: false)
        }
        end(.grpcTrailers(answer.error, answer.trailers))
    }

    func requestMessageTaken(byteCount: Int) {
        if let framed = untaken.popFirst() { untakenByteCount -= framed }
        if !isDeframing { deframe() }
    }

    func callReleased() {
        call = nil
        connection.callReleased()
    }

    private var tooMuchWaits: RPCError {
        RPCError(
            .resourceExhausted,
            "the client does not read its answers; over "
                + "\(connection.limits.connectionQueueBytesMax) bytes of them wait")
    }

    /// The handler asked for compression, of small messages too.
    private var handlerCompresses: Bool {
        call?.context.response.compressesMessages == true
    }

    /// Who writes in gzip is answered in it, except where a message is too small to gain.
    private var clientCompresses: Bool { head.encoding == .gzip }

    private func makeHead(_ metadata: Metadata) -> HTTP2FieldList {
        declaresGzip = head.acceptsGzip && (clientCompresses || handlerCompresses)
        return .grpcHead(metadata, isCompressed: declaresGzip)
    }

    private func queue(_ message: ByteBuffer) {
        let isLarge = message.readableBytes >= connection.limits.compressedAnswerBytesMin
        if declaresGzip, handlerCompresses || (clientCompresses && isLarge),
            let packed = GRPCEncoding.gzip.pack(message)
        {
            queueMessage(packed, isCompressed: true)
        } else {
            queueMessage(message, isCompressed: false)
        }
    }
}

extension CallKind {
    /// Whether the handler reads a stream of requests.
    var streamsRequests: Bool { self == .clientStreaming || self == .bidirectional }
}
