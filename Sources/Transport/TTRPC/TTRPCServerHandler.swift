internal import Logging
internal import NIOCore
internal import RPC

/// Serves the ttrpc calls of one connection. Plaintext frames in, plaintext frames out.
///
/// - Reading stops while answers wait that the peer does not take, and goes on when they are gone.
/// - Everything that is ready in one turn of the event loop leaves in one write.
/// - The end of the connection cancels its calls.
/// - `BeginDrain` refuses new calls and closes the connection after its last answer.
final class TTRPCServerHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let runner: CallRunner
    private let turn: EventLoopTurn
    private let limits: TransportLimits
    private let logger: Logger
    private var context: ChannelHandlerContext?
    private var decoder: TTRPCFrameDecoder
    private var state: TTRPCServerState
    private var queue = TTRPCSendQueue()
    /// The calls whose handler runs.
    private var streams: [UInt32: TTRPCServerStream] = [:]
    /// Frames on their way to the socket. Kept between uses.
    private var outbound = ByteBuffer()

    /// Streams that have room again and whose writers still wait.
    private var restingStreams: [TTRPCServerStream] = []

    private var isReading = false
    private var isPumpScheduled = false
    private var isDraining = false
    private var isClosing = false
    private var heldRead = false
    private var idleTimer: Scheduled<Void>?
    private var idleChecks = 0
    private var hasBeenUsed = false
    /// What the last call asked for; most connections call few methods.
    private var lastRoute: Router.Route?

    /// A handler for a connection that just began.
    /// - Parameter turn: that of the connection's event loop.
    init(runner: CallRunner, turn: EventLoopTurn, limits: TransportLimits, logger: Logger) {
        self.runner = runner
        self.turn = turn
        self.limits = limits
        self.logger = logger
        decoder = TTRPCFrameDecoder(
            dataBytesMax: min(limits.messageBytesMax, TTRPCFrame.dataByteCountMax),
            discardedBytesMax: limits.discardedBytesMax)
        state = TTRPCServerState(
            callsMax: limits.callsPerConnectionMax, metadataBytesMax: limits.metadataBytesMax)
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connectionEnded()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionEnded()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: ["error": "\(error)"])
        close(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is BeginDrain:
            isDraining = true
            state.beganDraining()
            closeIfDrained(context)
        case let event as ChannelEvent where event == .inputClosed:
            // A peer that is gone and one that only stopped asking look alike here, and ttrpc
            // knows no half-closed connection.
            close(context)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func connectionEnded() {
        isClosing = true
        idleTimer?.cancel()
        idleTimer = nil
        queue = TTRPCSendQueue()
        for stream in Array(streams.values) { stream.call?.cancel() }
    }

    private func close(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        connectionEnded()
        context.close(mode: .all, promise: nil)
    }

    private func closeIfDrained(_ context: ChannelHandlerContext) {
        guard isDraining, streams.isEmpty, queue.isEmpty, outbound.readableBytes == 0 else {
            return
        }
        close(context)
    }

    // Looked at four times per limit rather than set anew with every call.
    private func watchIdleness(_ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.idleTimeout / 4)
        ) {
            if self.hasBeenUsed || !self.streams.isEmpty { self.idleChecks = 0 }
            self.hasBeenUsed = false
            self.idleChecks += 1
            guard self.idleChecks <= 4 else {
                self.logger.debug("idle connection closed")
                return self.close(context)
            }
            self.watchIdleness(context)
        }
    }

    // MARK: Frames in

    func read(context: ChannelHandlerContext) {
        if isCongested { heldRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.receive(unwrapInboundIn(data))
        receiveFrames(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        pump()
        context.fireChannelReadComplete()
    }

    /// Whether answers pile up that the peer does not take.
    private var isCongested: Bool { queue.answerByteCount > limits.answerQueueBytesMax }

    private func receiveFrames(_ context: ChannelHandlerContext) {
        isReading = true
        defer { isReading = false }
        while !isClosing, !isCongested, let event = decoder.next() {
            hasBeenUsed = true
            switch event {
            case .frame(let frame):
                perform(state.received(frame), on: frame.streamID, flags: frame.flags)
            case .oversized(let streamID, let kind, let byteCount):
                let onFrame = state.receivedOversized(
                    streamID: streamID, kind: kind, byteCount: byteCount,
                    limit: limits.messageBytesMax)
                perform(onFrame, on: streamID)
            case .unacceptable(let streamID, let kind, let byteCount):
                let onFrame = state.receivedOversized(
                    streamID: streamID, kind: kind, byteCount: byteCount,
                    limit: limits.messageBytesMax)
                perform(onFrame, on: streamID)
                logger.debug("connection closed", metadata: ["announced bytes": "\(byteCount)"])
                pump()
                close(context)
            }
        }
    }

    private func perform(
        _ onFrame: TTRPCServerState.OnFrame, on streamID: UInt32, flags: TTRPCFrame.Flags = []
    ) {
        switch onFrame {
        case .start(let request):
            start(request, streamID, flags)
        case .refuse(let error):
            queue.append(.failure(error), to: streamID)
        case .fail(let error):
            // The call answers through its stream.
            streams[streamID]?.call?.fail(error)
        case .cancel:
            queue.drop(streamID)
            streams[streamID]?.call?.cancel()
        case .ignore:
            break
        }
    }

    private func start(_ request: TTRPCRequest, _ streamID: UInt32, _ flags: TTRPCFrame.Flags) {
        guard let route = route(of: request) else {
            let what = runner.router.hasService(request.service) ? "method" : "service"
            return refuse(
                RPCError(.unimplemented, "unknown \(what) /\(request.service)/\(request.method)"),
                streamID)
        }
        let kind = route.descriptor.kind
        guard kind == .unary || kind == .serverStreaming else {
            return refuse(
                RPCError(
                    .unimplemented,
                    "\(route.descriptor.path) streams requests, which ttrpc does not carry here"),
                streamID)
        }
        // A peer that knows no streams would take the data frames for a fault of the connection.
        guard kind == .unary || flags.contains(.remoteClosed) else {
            return refuse(
                RPCError(
                    .invalidArgument,
                    "\(route.descriptor.path) streams its answer, but the request's flags, "
                        + "\(flags.rawValue), ask for a unary one"),
                streamID)
        }
        var deadline: ContinuousClock.Instant?
        if request.timeoutNanoseconds != 0 {
            deadline = .now.advanced(by: .nanoseconds(request.timeoutNanoseconds))
        }
        let stream = TTRPCServerStream(streamID, connection: self)
        streams[streamID] = stream
        let call = runner.makeCall(
            route, metadata: request.metadata, deadline: deadline, sink: stream)
        stream.call = call
        call.begin()
        call.receivedMessage(request.payload)
        call.receivedEnd()
    }

    private func route(of request: TTRPCRequest) -> Router.Route? {
        if let lastRoute, lastRoute.descriptor.method == request.method,
            lastRoute.descriptor.service == request.service
        {
            return lastRoute
        }
        let route = runner.router.route(service: request.service, method: request.method)
        if let route { lastRoute = route }
        return route
    }

    private func refuse(_ error: RPCError, _ streamID: UInt32) {
        queue.append(.failure(error), to: streamID)
        state.released(streamID)
    }

    // MARK: Frames out

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pump() }
        context.fireChannelWritabilityChanged()
    }

    /// A call has one more message. Returns whether its stream has room for another.
    ///
    /// What waits in all streams together is bounded too: past it the call fails, so that many
    /// streams of a peer that does not read cannot each hold a large message.
    fileprivate func send(_ message: ByteBuffer, on streamID: UInt32) -> Bool {
        guard
            queue.streamsByteCount == 0
                || queue.streamsByteCount + message.readableBytes <= limits.answerQueueBytesLimit
        else {
            // The call must not be called back while it sends.
            context?.eventLoop.assumeIsolated().execute {
                self.streams[streamID]?.call?.fail(Self.tooManyAnswers)
            }
            return false
        }
        queue.appendToStream(.message(message), streamID)
        schedulePump()
        let hasRoom = queue.byteCount(of: streamID) < limits.streamQueueBytesMax
        streams[streamID]?.isFull = !hasRoom
        return hasRoom
    }

    /// A call's answer is complete.
    fileprivate func finish(_ answer: CallAnswer, of kind: CallKind, on streamID: UInt32) {
        state.answered(streamID)
        if kind == .unary {
            if let error = answer.error {
                queue.append(.failure(error), to: streamID)
            } else if queue.answerByteCount > limits.answerQueueBytesLimit {
                queue.append(.failure(Self.tooManyAnswers), to: streamID)
            } else {
                queue.append(.answer(answer.message ?? ByteBuffer()), to: streamID)
            }
        } else if let error = answer.error {
            queue.appendToStream(.failure(error), streamID)
        } else {
            queue.appendToStream(.end, streamID)
        }
        schedulePump()
    }

    /// A call's handler is over.
    fileprivate func released(_ streamID: UInt32) {
        state.released(streamID)
        streams[streamID] = nil
        if isDraining { schedulePump() }
    }

    /// What is answered while frames are read leaves when all have been; what is answered later
    /// waits for the others that are ready in this turn of the loop.
    private func schedulePump() {
        guard !isReading, !isPumpScheduled, let context else { return }
        isPumpScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isPumpScheduled = false
            self.pump()
        }
    }

    /// Sends what waits, as far as the socket takes it.
    private func pump() {
        guard let context, !isClosing else { return }
        while true {
            while context.channel.isWritable, fillOutbound() {
                // Writing can make room, which brings us back here: what is written must be out of
                // the way by then.
                let batch = outbound
                outbound = ByteBuffer()
                context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
                // TLS has encrypted it by now, so the memory is ours again.
                if batch.capacity <= Self.keptCapacityMax, outbound.capacity == 0 {
                    outbound = batch
                    outbound.clear()
                }
            }
            // Frames may wait that were not looked at because of what has just been sent.
            guard !isClosing, !isCongested, decoder.isWithinFrame else { break }
            receiveFrames(context)
            guard !queue.isEmpty, context.channel.isWritable else { break }
        }
        if heldRead, !isCongested {
            heldRead = false
            context.read()
        }
        closeIfDrained(context)
    }

    /// Lets the writers of streams that were full go on, after the sockets had their turn.
    private func wakeRestingStreams() {
        guard restingStreams.count == 1 else { return }
        turn.afterSockets {
            let resting = self.restingStreams
            self.restingStreams.removeAll()
            for stream in resting { stream.call?.becameWritable() }
        }
    }

    /// Encodes what waits, up to one batch; returns whether there is anything.
    private func fillOutbound() -> Bool {
        while outbound.readableBytes < Self.batchBytesMax, let entry = queue.next() {
            do throws(RPCError) {
                try outbound.writeTTRPCFrame(entry)
            } catch {
                outbound.writeTTRPCResponse(error: error, streamID: entry.streamID)
            }
            if case .message = entry.item, let stream = streams[entry.streamID], stream.isFull,
                queue.byteCount(of: entry.streamID) < limits.streamQueueBytesMax / 2
            {
                stream.isFull = false
                restingStreams.append(stream)
                wakeRestingStreams()
            }
        }
        return outbound.readableBytes > 0
    }

    private static let tooManyAnswers = RPCError(
        .resourceExhausted, "too many bytes of answers wait for the connection's peer")
    /// So much is encoded before it is written.
    private static let batchBytesMax = 64 * 1024
    /// A buffer of more capacity is given back rather than kept for the next use.
    private static let keptCapacityMax = 4096
}

/// One call's end of a ttrpc connection.
final class TTRPCServerStream: CallSink {
    private let streamID: UInt32
    private let connection: TTRPCServerHandler
    /// The two refer to each other until the call is released.
    var call: Call?
    /// Whether its writers wait for room in the queue.
    var isFull = false

    init(_ streamID: UInt32, connection: TTRPCServerHandler) {
        self.streamID = streamID
        self.connection = connection
    }

    func send(_ message: ByteBuffer, initialMetadata: Metadata?) -> Bool {
        connection.send(message, on: streamID)
    }

    func finish(_ answer: CallAnswer) {
        guard let call else { return }
        connection.finish(answer, of: call.context.method.kind, on: streamID)
    }

    func requestMessageTaken(byteCount: Int) {}

    func callReleased() {
        call = nil
        connection.released(streamID)
    }
}
