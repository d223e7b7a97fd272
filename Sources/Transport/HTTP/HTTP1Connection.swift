internal import HTTPTypes
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import RPC

/// Serves HTTP/1.1 on one connection: one request at a time, in the order they came; what a client
/// sends ahead waits, within bounds. The last handler of a channel, behind NIO's codec. Event loop
/// only. `BeginDrain` drains it.
final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    let limits: HTTPLimits
    private let idleTimeout: TimeAmount
    private let handler: any HTTPHandler
    private let peer: HTTPPeer
    private let executor: EventLoopTaskExecutor
    private let logger: Logger
    private(set) var context: ChannelHandlerContext?
    private(set) var current: HTTP1Exchange?
    /// Parts of requests that were sent ahead.
    private var waiting = LazyQueue<HTTPServerRequestPart>()
    private var waitingByteCount = 0
    private var heldRead = false
    private var isReading = false
    private var isFlushScheduled = false
    /// Bytes of bodies that were written and not flushed: the channel does not count them.
    private var unflushedByteCount = 0
    /// The next request's head is under way.
    private var timer: Scheduled<Void>?
    private var isHeadTimer = false
    /// Bytes came in this read, or parts of requests were made of them.
    private var hasReadBytes = false
    private var hasReadParts = false
    private var isDraining = false
    /// No more requests are taken; what comes is thrown away.
    private(set) var isClosing = false
    /// What to refuse once the requests before it are answered.
    private var refusal: HTTP1RequestHead.Refusal?
    private var isUpgraded = false
    private var isAdvancing = false
    private var discardedByteCount = 0
    private var lingering: Lingering?

    init(
        handler: any HTTPHandler, peer: HTTPPeer, eventLoop: any EventLoop,
        limits: TransportLimits, logger: Logger
    ) {
        self.handler = handler
        self.peer = peer
        self.limits = limits.http
        idleTimeout = TimeAmount(limits.idleTimeout)
        executor = EventLoopTaskExecutor(eventLoop)
        self.logger = logger
    }

    // MARK: The channel's events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        armTimer(head: false)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        self.context = nil
        // It holds its connection, as its connection does it.
        current = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        timer?.cancel()
        timer = nil
        waiting.removeAll()
        current?.exchange?.cancel()
        context.fireChannelInactive()
    }

    /// The codec was given bytes, which may be no whole part of a request yet.
    func bytesArrived() {
        hasReadBytes = true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        hasReadParts = true
        let part = unwrapInboundIn(data)
        if isClosing {
            discard(part)
        } else if current?.isRequestComplete == true || !waiting.isEmpty {
            waitingByteCount += part.byteCount
            waiting.append(part)
        } else {
            take(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if let current {
            begin(current)
        } else if !isClosing, !isHeadTimer, hasReadBytes, !hasReadParts {
            // What came is no whole head.
            armTimer(head: true)
        }
        hasReadBytes = false
        hasReadParts = false
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isHoldingBack { heldRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { current?.exchange?.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is BeginDrain {
            isDraining = true
            if current == nil { close() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The codec takes nothing more after what it could not read; the client may be sending still.
        if case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes) = error {
            return discard(bytes)
        }
        guard error is HTTPParserError || error is NIOHTTPDecoderError else {
            logger.debug("connection failed", metadata: ["error": "\(error)"])
            return context.close(promise: nil)
        }
        guard !isClosing else { return }
        let refusal = HTTP1RequestHead.Refusal(error, limits: limits)
        if let current, !current.isRequestComplete {
            current.isKeptAlive = false
            current.exchange?.failBody(.malformed)
        } else if current != nil {
            self.refusal = refusal
        } else {
            refuse(refusal)
        }
    }

    // MARK: Requests

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            timer?.cancel()
            timer = nil
            isHeadTimer = false
            start(head)
        case .body(let bytes):
            current?.received(bytes)
        case .end:
            guard let current else { return }
            current.isRequestComplete = true
            current.exchange?.receivedEnd()
            begin(current)
            advance()
        }
    }

    private func start(_ head: HTTPRequestHead) {
        guard let context else { return }
        do throws(HTTP1RequestHead.Refusal) {
            let checked = try HTTP1RequestHead(
                head, scheme: peer.localPort == nil ? "https" : "http", limits: limits)
            let started = HTTP1Exchange(self, head, checked)
            started.exchange = HTTPExchange(
                checked.request, peer: peer, eventLoop: context.eventLoop, limits: limits,
                sink: started)
            if isDraining { started.isKeptAlive = false }
            current = started
        } catch {
            refuse(error)
        }
    }

    /// Starts the handler once all that has come of the request was taken.
    private func begin(_ current: HTTP1Exchange) {
        current.exchange?.begin(handler, executor: executor)
    }

    /// Goes on to the next request if this one is over.
    func advance() {
        // Not deeper and deeper while what was sent ahead is answered at once.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while let current, current.isOver, !isUpgraded, !isClosing {
            guard current.isRequestComplete else { return linger() }
            self.current = nil
            guard current.isKeptAlive, !isDraining else { return close() }
            while self.current?.isRequestComplete != true, let part = waiting.popFirst() {
                waitingByteCount -= part.byteCount
                take(part)
                if isClosing { return }
            }
            if let refusal, waiting.isEmpty, self.current == nil { return refuse(refusal) }
            if let next = self.current { begin(next) } else { armTimer(head: false) }
        }
        resumeReading()
    }

    private func discard(_ part: HTTPServerRequestPart) {
        if case .body(let bytes) = part { discard(bytes) }
        if case .end = part { close() }
    }

    private func discard(_ bytes: ByteBuffer) {
        lingering?.heard()
        discardedByteCount += bytes.readableBytes
        if discardedByteCount > limits.discardedBytesMax { context?.close(promise: nil) }
    }

    // MARK: Reading

    private var isHoldingBack: Bool {
        waitingByteCount + (current?.untakenByteCount ?? 0) >= limits.waitingBytesMax
    }

    /// Reads on if there is room again.
    func resumeReading() {
        guard heldRead, !isHoldingBack, let context else { return }
        heldRead = false
        context.read()
    }

    /// Waits for a head to be complete, or for anything to come at all.
    private func armTimer(head: Bool) {
        guard let context, !isClosing else { return }
        timer?.cancel()
        isHeadTimer = head
        let delay = head ? TimeAmount(limits.headTimeout) : idleTimeout
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.timer = nil
            guard head else { return self.close() }
            self.refuse(
                HTTP1RequestHead.Refusal(
                    status: 408, code: "REQUEST_TIMEOUT",
                    message: "expected a request's head within \(self.limits.headTimeout)"))
        }
    }

    // MARK: Writing

    func write(_ part: HTTPServerResponsePart) {
        guard let context else { return }
        if case .body(.byteBuffer(let bytes)) = part { unflushedByteCount += bytes.readableBytes }
        context.write(wrapOutboundOut(part), promise: nil)
        // All that one turn writes goes out together.
        guard !isReading, !isFlushScheduled else { return }
        isFlushScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.isFlushScheduled = false
            bound.value.flush()
        }
    }

    /// Hands on what was written, and lets the handler go on if the channel has room then.
    private func flush() {
        unflushedByteCount = 0
        context?.flush()
        if isWritable { current?.exchange?.becameWritable() }
    }

    /// Whether there is room for more of a body. What one turn may write is bounded: nothing of it
    /// reaches the socket, which tells whether the client reads, before the turn is over.
    var isWritable: Bool {
        unflushedByteCount < limits.unflushedBytesMax && context?.channel.isWritable ?? false
    }

    private func refuse(_ refusal: HTTP1RequestHead.Refusal) {
        guard !isClosing else { return }
        let body = ByteBuffer(
            string: "{\"code\":\"\(refusal.code)\",\"message\":\"\(refusal.message)\"}")
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": "\(body.readableBytes)",
            "connection": "close",
        ]
        write(
            .head(
                HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: refusal.status),
                    headers: headers)))
        write(.body(.byteBuffer(body)))
        write(.end(nil))
        logger.debug("request refused", metadata: ["reason": "\(refusal.message)"])
        linger()
    }

    /// Closes when what was written is out.
    private func close() {
        guard let context, !isUpgraded else { return }
        isClosing = true
        timer?.cancel()
        timer = nil
        waiting.removeAll()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: written)
    }

    /// Closes once the client is done sending, or does not end: closing at once could take the
    /// answer from it.
    private func linger() {
        guard let context, !isClosing else { return }
        isClosing = true
        timer?.cancel()
        waiting.removeAll()
        waitingByteCount = 0
        let lingering = Lingering(limits, now: .now())
        self.lingering = lingering
        linger(for: lingering.firstWait)
        context.flush()
        if heldRead {
            heldRead = false
            context.read()
        }
    }

    private func linger(for wait: TimeAmount) {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.timer = nil
            if let next = self.lingering?.nextWait(now: .now()) {
                self.linger(for: next)
            } else {
                self.close()
            }
        }
    }

    /// The response broke off: the client must not take it for whole.
    func abort() {
        isClosing = true
        context?.close(promise: nil)
    }

    // MARK: WebSocket

    /// The codec and this handler make way for a WebSocket's.
    func upgrade(_ head: HTTPRequestHead) -> EventLoopFuture<WebSocket>? {
        guard let context, waiting.isEmpty,
            let upgraded = WebSocketUpgrade.perform(
                on: context, head, removing: self, limits: limits, logger: logger)
        else { return nil }
        isUpgraded = true
        timer?.cancel()
        timer = nil
        return upgraded
    }
}

extension HTTPServerRequestPart {
    /// About what it costs to keep it.
    fileprivate var byteCount: Int {
        switch self {
        case .head: 1 << 10
        case .body(let bytes): bytes.readableBytes
        case .end: 16
        }
    }
}

extension HTTP1RequestHead.Refusal {
    /// What the parser found.
    fileprivate init(_ error: any Error, limits: HTTPLimits) {
        switch error as? HTTPParserError {
        case .headerOverflow:
            self.init(
                status: 431, code: "HEADERS_TOO_LARGE",
                message: "expected header fields of at most \(limits.headerListBytesMax) bytes and "
                    + "\(limits.headerFieldsMax) in number")
        case .invalidVersion:
            self.init(
                status: 505, code: "VERSION_NOT_SUPPORTED", message: "expected version 1.1 or 1.0"
            )
        default:
            self.init(
                status: 400, code: "MALFORMED_REQUEST",
                message: "expected well-formed HTTP/1.1")
        }
    }
}
