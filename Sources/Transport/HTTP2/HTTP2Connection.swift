package import Logging
package import NIOCore
internal import RPC

/// Serves HTTP/2 on one connection: the last handler of a channel whose bytes are plain again.
///
/// It feeds nghttp2 and carries out what the values beside it decide: `ConnectionLifetime`,
/// `PingPolicy`, the token buckets, and each stream's own. All output of one read goes out in one
/// write. Event loop only. `BeginDrain` drains it.
package final class HTTP2Connection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    let limits: HTTP2Limits
    let runner: CallRunner
    /// Serves requests that are no calls; nil: they get 404.
    let http: (any HTTPHandler)?
    let logger: Logger
    private(set) var session: HTTP2Session?
    private var context: ChannelHandlerContext?
    private var output = ByteBuffer()
    private var hasWrittenPreface = false
    /// Inside the library's code that receives: it must not be asked for output then.
    private var isReading = false
    /// Why the connection ends after a GOAWAY that was queued.
    private(set) var endReason: String?
    private var isPumping = false
    private var isPumpScheduled = false
    private var isClosing = false
    private var madeProgress = false
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture

    /// Goes out when the notice of the shutdown has.
    private var pingAfterNotice: UInt64?

    // What HTTP2Connection+Requests keeps.
    var streams: [Int32: HTTP2Stream] = [:]
    var openStreamCount = 0
    var runningCallCount = 0
    var headers: HeaderBlock
    var isInHeaderBlock = false
    /// Whether no frame has come yet; the first is part of the client's preface.
    var isAwaitingPreface = true
    var routes = RouteCache()
    /// The head of the last call and what it said. Clients send the same on nearly every call.
    var lastHeaders: HeaderBlock
    var lastCallHead: (route: Router.Route, head: GRPCRequestHead, metadata: Metadata)?
    /// Streams whose request was not complete when they were opened in this burst of reads.
    var incompleteStreams: [Int32] = []
    var largeMessageByteCount = 0
    var largeMessageWaiters: [Int32] = []
    /// Bytes that wait in the streams' queues.
    private(set) var queuedByteCount = 0
    var lifetime: ConnectionLifetime
    var pings: PingPolicy
    var resets: TokenBucket
    var streamErrors: TokenBucket
    var idleFrames: TokenBucket
    /// When the bytes at hand came; one clock reading for all that they cause.
    var now: NIODeadline

    /// A handler for the connection whose calls `runner` runs.
    package init(
        runner: CallRunner, http: (any HTTPHandler)? = nil, limits: HTTP2Limits, logger: Logger
    ) {
        self.runner = runner
        self.http = http
        self.limits = limits
        self.logger = logger
        let now = NIODeadline.now()
        self.now = now
        headers = HeaderBlock(listBytesMax: limits.headerListBytesMax)
        lastHeaders = HeaderBlock(listBytesMax: limits.headerListBytesMax)
        lifetime = ConnectionLifetime(limits, now: now, jitter: Double.random(in: -1...1))
        pings = PingPolicy(limits.pings)
        resets = TokenBucket(limits.resets, now: now)
        streamErrors = TokenBucket(limits.streamErrors, now: now)
        idleFrames = TokenBucket(limits.idleFrames, now: now)
    }

    // MARK: The channel's events

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session, !isClosing, endReason == nil else { return }
        now = .now()
        lifetime.received(now: now)
        isReading = true
        let reception = unsafe unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            unsafe session.receive(bytes)
        }
        isReading = false
        switch reception {
        case .taken: break
        case .flooded: goAway(.enhanceYourCalm, "too many frames that ask for an answer")
        case .broken: goAway(.protocolError, "the client broke HTTP/2")
        }
        if let endReason {
            pump()
            closeWhenFlushed(endReason)
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        lifetime.headersAreIncomplete(isInHeaderBlock || isAwaitingPreface, now: now)
        for id in incompleteStreams { streams[id]?.readPaused() }
        incompleteStreams.removeAll(keepingCapacity: true)
        pump()
        context.fireChannelReadComplete()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            now = .now()
            madeProgress = true
            pump()
        }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is BeginDrain {
            now = .now()
            perform(lifetime.drain("shutdown", now: now))
            pump()
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    private func start(_ context: ChannelHandlerContext) {
        guard session == nil, !isClosing else { return }
        guard let session = HTTP2Session(connection: self) else {
            return context.close(promise: nil)
        }
        self.session = session
        session.start(limits)
        pump()
    }

    /// The connection is gone: its calls are cancelled.
    private func end() {
        isClosing = true
        timer?.cancel()
        timer = nil
        let open = Array(streams.values)
        streams.removeAll()
        for stream in open { stream.close() }
        session = nil
    }

    // MARK: Output

    /// Something was queued: it goes out with the rest of what this read or this turn causes.
    func needsPump() {
        guard !isReading, !isPumping, !isPumpScheduled, !isClosing else { return }
        isPumpScheduled = true
        // Sendable because it runs on the event loop that this handler lives on.
        let bound = NIOLoopBound(self, eventLoop: runner.eventLoop)
        runner.eventLoop.execute {
            bound.value.isPumpScheduled = false
            bound.value.now = .now()
            bound.value.pump()
        }
    }

    /// So much goes into one write, about.
    private static let writeBytes = 256 << 10
    /// An output buffer that grew beyond this is given back when all is written.
    private static let keptBytesMax = 16 << 10

    /// Writes what the library has to send, as far as the channel takes it.
    private func pump() {
        guard let session, let context, !isPumping, !isReading else { return }
        isPumping = true
        // Once the session is given up, its streams may be gone, which it would read from.
        while context.channel.isWritable, self.session != nil {
            output.clear()
            while output.readableBytes < Self.writeBytes {
                guard unsafe session.sendNext(append: { unsafe output.writeBytes($0) }) else {
                    break
                }
            }
            guard output.readableBytes > 0 else { break }
            if !hasWrittenPreface {
                hasWrittenPreface = true
                HTTP2Session.advertiseConcurrentStreams(limits.concurrentCallsMax, in: &output)
            }
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        }
        isPumping = false
        if output.capacity > Self.keptBytesMax { output = ByteBuffer() }
        lifetime.output(
            isWaiting: queuedByteCount > 0 || !context.channel.isWritable,
            madeProgress: madeProgress, now: now)
        madeProgress = false
        if !session.wantsRead, !session.wantsWrite {
            closeWhenFlushed(nil)
        } else {
            armTimer()
        }
    }

    /// A DATA frame's header and payload. Called by the library while it is pumped.
    func writeData(_ header: UnsafeRawBufferPointer, _ count: Int, of stream: HTTP2Stream) {
        unsafe output.writeBytes(header)
        stream.writeData(count, to: &output)
        madeProgress = true
        dequeued(count)
        if stream.queuedByteCount <= limits.streamQueueBytesMax / 2 { stream.becameWritable() }
    }

    /// Streams queued so many bytes, or gave them up.
    func queued(_ byteCount: Int) {
        queuedByteCount += byteCount
    }

    func dequeued(_ byteCount: Int) {
        let wasFull = !hasQueueRoom
        queuedByteCount -= byteCount
        if wasFull, hasQueueRoom { for stream in streams.values { stream.becameWritable() } }
    }

    /// Whether the connection's queues take more.
    var hasQueueRoom: Bool { queuedByteCount < limits.connectionQueueBytesMax }

    /// Whether anything waits in them.
    var hasQueued: Bool { queuedByteCount > 0 }

    /// Fails a stream's call in the next turn of the loop: it must not be called back while it sends.
    func failSoon(_ stream: GRPCStream, _ error: RPCError) {
        let bound = NIOLoopBound(stream, eventLoop: runner.eventLoop)
        runner.eventLoop.execute { bound.value.fail(error) }
    }

    /// Whether they take a whole answer of `byteCount` bytes.
    func hasQueueRoom(for byteCount: Int) -> Bool {
        queuedByteCount + byteCount <= limits.connectionQueueBytesMax
    }

    // MARK: The end

    /// Ends the connection with a GOAWAY, and closes it when that was written. Called while the
    /// library reads; it takes effect right after.
    func goAway(_ code: HTTP2ErrorCode, _ reason: String) {
        guard !isClosing, endReason == nil, let session else { return }
        session.submitGoAway(code, reason)
        endReason = reason
    }

    /// Closes the channel behind everything that was written.
    private func closeWhenFlushed(_ reason: String?) {
        guard !isClosing, let context else { return }
        isClosing = true
        if let reason { logger.debug("closing connection", metadata: ["reason": "\(reason)"]) }
        let bound = NIOLoopBound(context, eventLoop: runner.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }

    /// Carries out what the lifetime decided.
    func perform(_ actions: [ConnectionLifetime.Action]) {
        for action in actions {
            switch action {
            case .ping(let number):
                session?.submitPing(number)
            case .notifyShutdown(let number):
                // The library would send the ping first; its answer must mean that the notice came.
                pingAfterNotice = number
                session?.submitShutdownNotice()
            case .goAway(let reason):
                session?.submitGoAway(.noError, reason)
            case .close(let reason):
                logger.debug("closing connection", metadata: ["reason": "\(reason)"])
                isClosing = true
                context?.close(promise: nil)
            }
        }
        if !actions.isEmpty { needsPump() }
    }

    /// The library wrote the notice of the shutdown.
    func shutdownNoticeSent() {
        if let number = pingAfterNotice { session?.submitPing(number) }
        pingAfterNotice = nil
    }

    /// Sees to it that the lifetime is asked when it wants to be. One timer, moved only forward.
    private func armTimer() {
        guard !isClosing, let due = lifetime.nextWakeUp, due < timerDue else { return }
        timer?.cancel()
        timerDue = due
        let bound = NIOLoopBound(self, eventLoop: runner.eventLoop)
        timer = runner.eventLoop.scheduleTask(deadline: due) {
            bound.value.timerFired()
        }
    }

    private func timerFired() {
        timerDue = .distantFuture
        timer = nil
        now = .now()
        perform(lifetime.wokeUp(now: now))
        armTimer()
    }
}
