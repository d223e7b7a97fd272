package import NIOCore
package import RPC

/// One call of one connection: takes what the peer sends, runs the handler as a task on the
/// connection's event loop, and hands what it answers to the sink.
///
/// The connection's protocol handler owns it and drives it from the event loop: `begin`, then
/// `receivedMessage` and `receivedEnd` as they come, `fail` or `cancel` to end it early.
/// Sendable because every stored `var` is touched on `runner.eventLoop` only, save `returned`.
package final class Call: @unchecked Sendable {
    package let context: CallContext
    let runner: CallRunner
    let handler: MethodHandler
    /// Nil once released, which breaks the cycle with the stream that owns this call.
    var sink: (any CallSink)?
    var state: CallState
    private var task: Task<Void, Never>?
    private var deadlineTimer: Scheduled<Void>?
    /// The one message of a call that does not stream requests.
    private var request: ByteBuffer?
    /// The answer of a handler that returns one. Only the call's task touches it until it is over.
    private var returned: ByteBuffer?
    var hasSentMessage = false
    var writers: [CallWaiter<Void>] = []
    var isSinkFull = false
    var inbox = LazyQueue<ByteBuffer>()
    var reader: CallWaiter<ByteBuffer?>?
    /// Why the request can't be read any further.
    var readFailure: (any Error)?

    init(route: Router.Route, context: CallContext, runner: CallRunner, sink: any CallSink) {
        self.context = context
        self.runner = runner
        self.sink = sink
        handler = route.handler
        state = CallState(kind: route.descriptor.kind)
    }

    var eventLoop: any EventLoop { runner.eventLoop }

    /// Starts the call; a handler that streams requests runs from here on.
    package func begin() {
        if let deadline = context.deadline, deadline <= .now {
            return fail(Self.deadlineExceeded)
        }
        if state.phase == .running { startHandler() }
    }

    /// The connection has read all there was for now. Watches the deadline of a call whose request
    /// is not complete yet; most are by then, so that they need no timer.
    package func readPaused() {
        if state.phase == .collecting { startDeadlineTimer() }
    }

    /// The peer sent a whole message.
    package func receivedMessage(_ message: ByteBuffer) {
        switch state.receivedMessage() {
        case .keep:
            request = message
        case .queue:
            if let reader, !reader.isDone {
                sink?.requestMessageTaken(byteCount: message.readableBytes)
                self.reader = nil
                reader.resume(with: .success(message))
            } else {
                inbox.append(message)
            }
        case .drop:
            sink?.requestMessageTaken(byteCount: message.readableBytes)
        case .fail(let error):
            fail(error)
        }
    }

    /// The peer sends no more messages.
    package func receivedEnd() {
        switch state.receivedEnd() {
        case .start:
            startHandler()
        case .endReading:
            reader?.resume(with: .success(nil))
            reader = nil
        case .ignore:
            break
        case .fail(let error):
            fail(error)
        }
    }

    /// Ends the call with `error` now, whatever its handler does: the peer broke the protocol or a
    /// limit, or the deadline passed.
    package func fail(_ error: RPCError) {
        let onAbort = state.aborted()
        guard onAbort != .ignore else { return }
        sink?.finish(answer(error))
        abandon(onAbort, because: error)
    }

    /// Ends the call without an answer: the peer cancelled it, or the connection is gone.
    package func cancel() {
        abandon(state.aborted(), because: CancellationError())
    }

    /// There is room for more response messages. Wakes the handlers that wait in `write`.
    package func becameWritable() {
        isSinkFull = false
        let waiting = writers
        writers.removeAll()
        for writer in waiting { writer.resume(with: .success(())) }
    }

    /// How many whole request messages wait for the handler. A sink that holds back what it has
    /// not unpacked yet bounds the memory of many tiny messages by this.
    package var waitingMessageCount: Int { inbox.count }

    /// Calls the handler; runs in the call's task.
    func invokeHandler(_ context: CallContext) async throws {
        switch handler {
        case .unary(let serve):
            returned = try await serve(request ?? ByteBuffer(), context)
        case .serverStreaming(let serve):
            try await serve(request ?? ByteBuffer(), self, context)
        case .clientStreaming(let serve):
            returned = try await serve(self, context)
        case .bidirectional(let serve):
            try await serve(self, self, context)
        }
    }

    private static let deadlineExceeded = RPCError(.deadlineExceeded, "the deadline has passed")

    private func startHandler() {
        // The root of a call's work. An unstructured task, because its life is a connection's: it
        // is kept here, cancelled with the connection, and counted until it is over.
        task = Task.immediate(executorPreference: runner.executor) {
            let failure: RPCError?
            do {
                try await self.runner.run(self, self.context, from: 0)
                failure = nil
            } catch {
                failure = self.runner.status(of: error, in: self.context.method)
            }
            if self.eventLoop.inEventLoop {
                self.handlerReturned(failure)
            } else {
                self.eventLoop.execute { self.handlerReturned(failure) }
            }
        }
        if state.phase == .running { startDeadlineTimer() } else { task = nil }
    }

    private func handlerReturned(_ failure: RPCError?) {
        switch state.handlerReturned() {
        case .answer:
            sink?.finish(answer(failure))
        case .release:
            break
        }
        release()
    }

    /// The end of the answer, with the handler's message if it returned one.
    private func answer(_ failure: RPCError?) -> CallAnswer {
        var failure = failure
        let returnsMessage =
            context.method.kind == .unary || context.method.kind == .clientStreaming
        if failure == nil, returnsMessage {
            if let returned {
                failure = oversize(returned)
            } else {
                // An interceptor returned without calling the handler.
                failure = RPCError(.internal, "the call ended without an answer")
            }
        }
        let initialMetadata = hasSentMessage ? nil : context.response.initial
        guard let failure else {
            return CallAnswer(
                message: returned, initialMetadata: initialMetadata,
                trailers: context.response.trailing)
        }
        var trailers = context.response.trailing
        for entry in failure.trailers.entries {
            switch entry.value {
            case .text(let text): trailers.add(entry.name, text)
            case .bytes(let bytes): trailers.add(entry.name, bytes: bytes)
            }
        }
        return CallAnswer(initialMetadata: initialMetadata, error: failure, trailers: trailers)
    }

    /// The error of a message too large to send; nil for one that is not.
    func oversize(_ message: ByteBuffer) -> RPCError? {
        let limit = runner.limits.answerBytesMax
        guard message.readableBytes > limit else { return nil }
        return RPCError(
            .resourceExhausted,
            "response message of \(message.readableBytes) bytes exceeds the limit of \(limit)")
    }

    private func abandon(_ onAbort: CallState.OnAbort, because error: any Error) {
        switch onAbort {
        case .cancelHandler:
            readFailure = error
            reader?.resume(with: .failure(error))
            reader = nil
            dropInbox()
            let waiting = writers
            writers.removeAll()
            for writer in waiting { writer.resume(with: .failure(CancellationError())) }
            deadlineTimer?.cancel()
            deadlineTimer = nil
            task?.cancel()
        case .release:
            release()
        case .ignore:
            break
        }
    }

    private func dropInbox() {
        while let message = inbox.popFirst() {
            sink?.requestMessageTaken(byteCount: message.readableBytes)
        }
    }

    private func release() {
        deadlineTimer?.cancel()
        deadlineTimer = nil
        task = nil
        request = nil
        returned = nil
        dropInbox()
        let sink = sink
        self.sink = nil
        sink?.callReleased()
    }

    private func startDeadlineTimer() {
        guard let deadline = context.deadline, deadlineTimer == nil else { return }
        deadlineTimer = eventLoop.scheduleTask(in: TimeAmount(deadline - .now)) {
            self.fail(Self.deadlineExceeded)
        }
    }
}
