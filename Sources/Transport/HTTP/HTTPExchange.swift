package import HTTPTypes
package import NIOCore

/// One request and its response: takes what the client sends, runs the handler as a task on the
/// connection's event loop, and hands what it answers to the sink.
///
/// The connection owns it and drives it from the event loop. A handler may use it from any thread.
/// Sendable because every stored `var` is touched on `eventLoop` only.
package final class HTTPExchange: @unchecked Sendable {
    package let request: HTTPRequest
    package let peer: HTTPPeer
    package let eventLoop: any EventLoop
    private let limits: HTTPLimits
    /// Nil once released, which breaks the cycle with the stream that owns this exchange.
    private var sink: (any HTTPSink)?
    private var state: HTTPExchangeState
    private var task: Task<Void, Never>?
    private var inbox = LazyQueue<ByteBuffer>()
    private var reader: CallWaiter<ByteBuffer?>?
    private var writers: [CallWaiter<Void>] = []
    private var isSinkFull = false
    private var isCancelled = false
    private var bodyTimer: Scheduled<Void>?
    private var bytesSinceTimer = 0

    init(
        _ request: HTTPRequest, peer: HTTPPeer, eventLoop: any EventLoop, limits: HTTPLimits,
        sink: any HTTPSink
    ) {
        self.request = request
        self.peer = peer
        self.eventLoop = eventLoop
        self.limits = limits
        self.sink = sink
        state = HTTPExchangeState(
            isHead: request.method == .head,
            declaredByteCount: request.headerFields[.contentLength].flatMap { Int($0) },
            bodyBytesMax: limits.bodyBytesMax)
    }

    /// The request's body.
    package var body: HTTPRequestBody { HTTPRequestBody(exchange: self) }

    // MARK: What the connection tells

    /// Whether the handler was started.
    private(set) var hasBegun = false

    /// Starts the handler.
    func begin(_ handler: any HTTPHandler, executor: EventLoopTaskExecutor) {
        guard !hasBegun else { return }
        hasBegun = true
        // The root of an exchange's work. An unstructured task, because its life is a connection's:
        // it is kept here, cancelled with the connection, and counted until it is over.
        task = Task.immediate(executorPreference: executor) {
            await handler.serve(self)
            self.eventLoop.runNowOrSoon { self.handlerReturned() }
        }
        if state.isReleased { task = nil }
    }

    /// Bytes of the body came.
    /// - Returns: whether they are kept; if so, `HTTPSink.bodyTaken` follows for them.
    func receivedBody(_ bytes: ByteBuffer) -> Bool {
        guard bytes.readableBytes > 0 else { return true }
        bytesSinceTimer += bytes.readableBytes
        switch state.received(bytes.readableBytes) {
        case .drop:
            return false
        case .fail(let error):
            failReading(error)
            return false
        case .keep:
            if let reader, !reader.isDone {
                self.reader = nil
                reader.resume(with: .success(bytes))
                return false
            }
            inbox.append(bytes)
            return true
        }
    }

    /// The request is complete.
    func receivedEnd() {
        state.receivedEnd()
        stopBodyTimer()
        reader?.resume(with: .success(nil))
        reader = nil
    }

    /// The rest of the body will not come.
    func failBody(_ error: HTTPBodyError) {
        if state.failBody(error) { failReading(error) }
    }

    /// The client gave the request up, or the connection is gone.
    func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        _ = state.abort()
        dropInbox()
        stopBodyTimer()
        reader?.resume(with: .failure(CancellationError()))
        reader = nil
        wakeWriters(with: .failure(CancellationError()))
        if hasBegun { task?.cancel() } else { handlerReturned() }
    }

    /// There is room for more of the response.
    func becameWritable() {
        guard isSinkFull else { return }
        isSinkFull = false
        wakeWriters(with: .success(()))
    }

    private func handlerReturned() {
        guard !state.isReleased else { return }
        if !state.hasSentHead, !isCancelled {
            let head = HTTPResponse(
                status: .internalServerError, headerFields: [.contentLength: "0"])
            try? send(head)
            try? end(nil)
        }
        if !state.hasEnded, state.abort() { sink?.abort() }
        state.release()
        dropInbox()
        stopBodyTimer()
        task = nil
        let sink = sink
        self.sink = nil
        sink?.exchangeReleased()
    }

    private func wakeWriters(with result: Result<Void, any Error>) {
        let waiting = writers
        writers.removeAll()
        for writer in waiting { writer.resume(with: result) }
    }

    private func failReading(_ error: HTTPBodyError) {
        stopBodyTimer()
        dropInbox()
        reader?.resume(with: .failure(error))
        reader = nil
    }

    private func dropInbox() {
        while let bytes = inbox.popFirst() { sink?.bodyTaken(bytes.readableBytes) }
    }

    // MARK: The request's body

    /// The next bytes of the body; nil at its end.
    func nextBodyPiece() async throws -> ByteBuffer? {
        if eventLoop.inEventLoop, let bytes = takeBodyPiece() { return bytes }
        return try await eventLoop.wait(in: CallWaiter<ByteBuffer?>()) { waiter in
            self.awaitBody(waiter)
        }
    }

    private func takeBodyPiece() -> ByteBuffer? {
        guard state.bodyFailure == nil, let bytes = inbox.popFirst() else { return nil }
        sink?.bodyTaken(bytes.readableBytes)
        return bytes
    }

    private func awaitBody(_ waiter: CallWaiter<ByteBuffer?>) {
        if let bytes = takeBodyPiece() {
            waiter.resume(with: .success(bytes))
        } else if let failure = state.bodyFailure {
            waiter.resume(with: .failure(failure))
        } else if isCancelled {
            waiter.resume(with: .failure(CancellationError()))
        } else if state.isBodyComplete {
            waiter.resume(with: .success(nil))
        } else if let reader, !reader.isDone {
            waiter.resume(with: .failure(HTTPAnswerError("two tasks read one body")))
        } else {
            reader = waiter
            sink?.bodyWanted()
            startBodyTimer()
        }
    }

    private func startBodyTimer() {
        guard bodyTimer == nil else { return }
        bytesSinceTimer = 0
        bodyTimer = eventLoop.scheduleTask(in: TimeAmount(limits.bodyPatience)) {
            self.bodyTimer = nil
            guard let reader = self.reader, !reader.isDone else { return }
            if self.bytesSinceTimer < self.limits.bodyBytesMin {
                self.failBody(.tooSlow)
            } else {
                self.startBodyTimer()
            }
        }
    }

    private func stopBodyTimer() {
        bodyTimer?.cancel()
        bodyTimer = nil
    }

    // MARK: The response

    /// Sends a whole response; its `content-length` is set, where it has a body.
    /// - Throws: `CancellationError` once the client has gone.
    package func respond(_ head: HTTPResponse, _ body: ByteBuffer? = nil) async throws {
        var head = head
        if request.method != .head, head.headerFields[.contentLength] == nil {
            head.headerFields[.contentLength] = "\(body?.readableBytes ?? 0)"
        }
        let whole = head
        try await onEventLoop {
            try self.send(whole)
            if let body { _ = try self.send(body) }
            try self.end(nil)
        }
    }

    /// Sends the head of a response whose body follows.
    /// - Throws: `CancellationError` once the client has gone.
    package func sendHead(_ head: HTTPResponse) async throws {
        try await onEventLoop { try self.send(head) }
    }

    /// Sends bytes of the body; suspends while the client does not take them.
    /// - Throws: `CancellationError` once the client has gone.
    package func write(_ bytes: ByteBuffer) async throws {
        if eventLoop.inEventLoop, !isSinkFull {
            if try send(bytes) { return }
            return try await eventLoop.wait(in: CallWaiter<Void>()) { self.writers.append($0) }
        }
        try await eventLoop.wait(in: CallWaiter<Void>()) { waiter in
            do {
                if try self.send(bytes) {
                    waiter.resume(with: .success(()))
                } else {
                    self.writers.append(waiter)
                }
            } catch {
                waiter.resume(with: .failure(error))
            }
        }
    }

    /// Sends bytes of the body that may be left out: they are, where the client does not keep up or
    /// has gone, or before the head. Event loop only.
    package func writeIfRoom(_ bytes: ByteBuffer) {
        guard !isSinkFull, state.hasSentHead, !state.hasEnded else { return }
        _ = try? send(bytes)
    }

    /// Ends the response.
    /// - Throws: `CancellationError` once the client has gone.
    package func finish(_ trailers: HTTPFields? = nil) async throws {
        try await onEventLoop { try self.end(trailers) }
    }

    /// Makes a WebSocket of the request's connection; nothing else may be answered then.
    /// - Returns: nil where the request or its protocol does not allow it.
    /// - Throws: `CancellationError` once the client has gone.
    package func upgradeToWebSocket() async throws -> WebSocket? {
        try await eventLoop.wait(in: CallWaiter<WebSocket?>()) { waiter in
            guard !self.isCancelled, !self.state.hasSentHead else {
                return waiter.resume(with: .failure(CancellationError()))
            }
            guard let upgraded = self.sink?.upgradeToWebSocket() else {
                return waiter.resume(with: .success(nil))
            }
            _ = self.state.abort()
            upgraded.assumeIsolated().whenComplete { waiter.resume(with: $0.map { $0 }) }
        }
    }

    private func send(_ head: HTTPResponse) throws {
        guard try isAllowed(state.sendHead(head)) else { return }
        guard head.status == .noContent || head.status == .notModified else {
            sink?.send(head)
            return
        }
        var bodiless = head
        bodiless.headerFields[.contentLength] = nil
        sink?.send(bodiless)
    }

    /// - Returns: whether there is room for more.
    private func send(_ bytes: ByteBuffer) throws -> Bool {
        guard bytes.readableBytes > 0, try isAllowed(state.send(bytes.readableBytes)) else {
            return true
        }
        isSinkFull = !(sink?.send(bytes) ?? true)
        return !isSinkFull
    }

    private func end(_ trailers: HTTPFields?) throws {
        if isCancelled { throw CancellationError() }
        switch state.finish() {
        case .finish: sink?.finish(trailers)
        case .ignore: break
        case .abort:
            sink?.abort()
            throw HTTPAnswerError("the body is shorter than its content-length")
        }
    }

    private func isAllowed(_ verdict: HTTPExchangeState.OnSend) throws -> Bool {
        switch verdict {
        case .send: return true
        case .swallow: return false
        case .refuse: throw CancellationError()
        case .misuse(let reason):
            if state.abort() { sink?.abort() }
            throw HTTPAnswerError(reason)
        }
    }

    /// Runs `body` on the event loop: now if this is its thread.
    private func onEventLoop(_ body: @escaping @Sendable () throws -> Void) async throws {
        if eventLoop.inEventLoop { return try body() }
        try await eventLoop.wait(in: CallWaiter<Void>()) { waiter in
            waiter.resume(with: Result { try body() })
        }
    }
}
