internal import Logging
internal import NIOCore
internal import RPC

/// The client's end of one ttrpc connection: many calls at once, on its event loop.
///
/// ttrpc has no flow control of single streams, so what a slow reader of one does not take holds
/// up all others. Two bounds deal with it:
///
/// 1. A stream's queue above `inboundQueueBytesMax` stops the reading of the socket, which slows
///    the server down, as long as nobody waits for another call of this connection.
/// 2. While somebody does, reading goes on, and a stream whose queue gets above
///    `inboundQueueBytesLimit` fails with RESOURCE_EXHAUSTED.
///
/// So bulky streams with slow readers want a connection of their own.
final class TTRPCClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let limits: TransportLimits
    /// Kept only until it is told: its future holds this handler from then on.
    private var ready: EventLoopPromise<NIOLoopBound<TTRPCClientHandler>>?
    private var context: ChannelHandlerContext?
    private var decoder: TTRPCFrameDecoder
    private var state = TTRPCClientState()
    private var queue = TTRPCSendQueue()
    private var calls: [UInt32: TTRPCClientCall] = [:]
    private var outbound = ByteBuffer()
    private var isPumpScheduled = false
    private var heldRead = false
    /// Calls whose queue is above the bound.
    private var slowReaderCount = 0
    /// Why the connection takes no calls; nil while it does.
    private var closeReason: RPCError?

    /// - Parameter ready: gets this handler after the TLS handshake, or fails with an `RPCError`.
    init(
        limits: TransportLimits, ready: EventLoopPromise<NIOLoopBound<TTRPCClientHandler>>
    ) {
        self.limits = limits
        self.ready = ready
        decoder = TTRPCFrameDecoder(
            dataBytesMax: min(limits.messageBytesMax, TTRPCFrame.dataByteCountMax),
            discardedBytesMax: limits.discardedBytesMax)
    }

    // MARK: Calls

    /// Sends a call's request. The call ends at once if that is not possible.
    func start(_ call: TTRPCClientCall, _ request: TTRPCRequest, timeout: Duration?) {
        guard !call.isOver else { return }
        if let closeReason { return call.ended(.failure(closeReason)) }
        guard queue.answerByteCount <= limits.requestQueueBytesMax else {
            return call.ended(
                .failure(
                    RPCError(
                        .resourceExhausted,
                        "more than \(limits.requestQueueBytesMax) bytes of requests wait to be sent"
                    )))
        }
        guard let streamID = state.open(call.kind) else {
            return call.ended(
                .failure(RPCError(.unavailable, "the connection has used all its stream ids")))
        }
        call.streamID = streamID
        calls[streamID] = call
        queue.append(
            .request(request, flags: call.kind == .unary ? [] : .remoteClosed), to: streamID)
        if let timeout, let context {
            call.deadlineTimer = context.eventLoop.assumeIsolated().scheduleTask(
                in: TimeAmount(timeout)
            ) {
                self.giveUp(call, RPCError(.deadlineExceeded, "no end within \(timeout)"))
            }
        }
        schedulePump()
    }

    /// Ends a call nobody waits for any more, and says so to the server.
    func giveUp(_ call: TTRPCClientCall, _ error: RPCError) {
        call.ended(.failure(error), keepingMessages: false)
        if let streamID = call.streamID, state.close(streamID) {
            forget(streamID)
            queue.append(.cancel, to: streamID)
            schedulePump()
        }
        resumeReading()
    }

    /// The next message of a stream, to `waiter`.
    func next(of call: TTRPCClientCall, _ waiter: CallWaiter<ByteBuffer?>) {
        call.next(waiter)
        if call.inboxByteCount <= limits.inboundQueueBytesMax { noLongerSlow(call) }
        resumeReading()
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connectionEnded(RPCError(.unavailable, "the connection is closed"))
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionEnded(RPCError(.unavailable, "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connectionEnded(RPCError(.unavailable, "the connection failed: \(error)"))
        context.close(mode: .all, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let handshake = event as? TLSHandshakeCompleted {
            // A server without ALPN tells ttrpc by its first byte.
            if let name = handshake.applicationProtocol, name != "ttrpc" {
                connectionEnded(
                    RPCError(.unavailable, "expected a server of 'ttrpc', it speaks '\(name)'"))
                context.close(mode: .all, promise: nil)
            } else {
                ready?.succeed(NIOLoopBound(self, eventLoop: context.eventLoop))
                ready = nil
            }
        } else if let event = event as? ChannelEvent, event == .inputClosed {
            connectionEnded(RPCError(.unavailable, "the server closed the connection"))
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Every call that is not over fails; later ones do so at once.
    func connectionEnded(_ reason: RPCError) {
        guard closeReason == nil else { return }
        closeReason = reason
        ready?.fail(reason)
        ready = nil
        let calls = Array(self.calls.values)
        self.calls = [:]
        queue = TTRPCSendQueue()
        for call in calls { call.ended(.failure(reason)) }
    }

    // MARK: Frames in

    func read(context: ChannelHandlerContext) {
        if mustNotRead { heldRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.receive(unwrapInboundIn(data))
        while closeReason == nil, let event = decoder.next() {
            switch event {
            case .frame(let frame):
                perform(state.received(frame), on: frame.streamID)
            case .oversized(let streamID, let kind, let byteCount):
                perform(
                    state.receivedOversized(
                        streamID: streamID, kind: kind, byteCount: byteCount,
                        limit: limits.messageBytesMax), on: streamID)
            case .unacceptable(_, _, let byteCount):
                connectionEnded(
                    RPCError(.unavailable, "the server announced a frame of \(byteCount) bytes"))
                context.close(mode: .all, promise: nil)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        pump()
        context.fireChannelReadComplete()
    }

    private func perform(_ onFrame: TTRPCClientState.OnFrame, on streamID: UInt32) {
        guard let call = calls[streamID] else { return }
        switch onFrame {
        case .message(let message):
            call.received(message)
            bound(call)
        case .answer(let message), .lastMessage(let message):
            forget(streamID)
            call.received(message)
            call.ended(.success(()))
        case .end:
            forget(streamID)
            call.ended(.success(()))
        case .fail(let error):
            forget(streamID)
            call.ended(.failure(error))
        case .giveUp(let error):
            forget(streamID)
            call.ended(.failure(error))
            queue.append(.cancel, to: streamID)
            schedulePump()
        case .ignore:
            break
        }
    }

    /// Whether the socket is better not read for now.
    private var mustNotRead: Bool {
        guard slowReaderCount > 0 else { return false }
        return !calls.values.contains { $0.isAwaited }
    }

    /// A message was queued for `call`.
    private func bound(_ call: TTRPCClientCall) {
        guard call.inboxByteCount > limits.inboundQueueBytesMax else { return }
        if !call.isSlow {
            call.isSlow = true
            slowReaderCount += 1
        }
        if call.inboxByteCount > limits.inboundQueueBytesLimit {
            giveUp(
                call,
                RPCError(
                    .resourceExhausted,
                    "more than \(limits.inboundQueueBytesLimit) bytes wait for the stream's reader")
            )
        }
    }

    /// A call is over: it neither waits nor keeps others waiting.
    private func forget(_ streamID: UInt32) {
        guard let call = calls.removeValue(forKey: streamID) else { return }
        noLongerSlow(call)
    }

    private func noLongerSlow(_ call: TTRPCClientCall) {
        guard call.isSlow else { return }
        call.isSlow = false
        slowReaderCount -= 1
    }

    private func resumeReading() {
        guard heldRead, !mustNotRead else { return }
        heldRead = false
        context?.read()
    }

    // MARK: Frames out

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pump() }
        context.fireChannelWritabilityChanged()
    }

    /// Requests of one turn of the event loop leave in one write.
    private func schedulePump() {
        guard !isPumpScheduled, let context else { return }
        isPumpScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isPumpScheduled = false
            self.pump()
        }
    }

    private func pump() {
        guard let context, closeReason == nil else { return }
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
    }

    private func fillOutbound() -> Bool {
        while outbound.readableBytes < Self.batchBytesMax, let entry = queue.next() {
            do throws(RPCError) {
                try outbound.writeTTRPCFrame(entry)
            } catch {
                // The request is too large for a frame: it never left.
                guard let call = calls.removeValue(forKey: entry.streamID) else { continue }
                _ = state.close(entry.streamID)
                call.ended(.failure(error))
            }
        }
        return outbound.readableBytes > 0
    }

    private static let batchBytesMax = 64 * 1024
    private static let keptCapacityMax = 4096
}
