package import NIOCore
internal import RPC

extension Call: ResponseWriter {
    /// Queues one message; suspends while the sink is full. May be called from any thread.
    /// - Throws: `RPCError` RESOURCE_EXHAUSTED for a message over the limit, `CancellationError`
    ///   once the call has ended.
    package func write(_ message: ByteBuffer) async throws {
        if let error = oversize(message) { throw error }
        if eventLoop.inEventLoop, !isSinkFull {
            guard state.isAnswering else { throw CancellationError() }
            if send(message) { return }
            return try await eventLoop.wait(in: CallWaiter<Void>()) { self.writers.append($0) }
        }
        try await eventLoop.wait(in: CallWaiter<Void>()) { waiter in
            guard self.state.isAnswering else {
                return waiter.resume(with: .failure(CancellationError()))
            }
            if self.send(message) {
                waiter.resume(with: .success(()))
            } else {
                self.writers.append(waiter)
            }
        }
    }

    /// Sends on the event loop; returns whether there is room for more.
    private func send(_ message: ByteBuffer) -> Bool {
        let initialMetadata = hasSentMessage ? nil : context.response.initial
        hasSentMessage = true
        isSinkFull = !(sink?.send(message, initialMetadata: initialMetadata) ?? true)
        return !isSinkFull
    }
}

extension Call: RequestReader {
    /// The next message, or nil when the peer is done. May be called from any thread, by one task.
    package func next() async throws -> ByteBuffer? {
        if eventLoop.inEventLoop, let message = takeMessage() { return message }
        return try await eventLoop.wait(in: CallWaiter<ByteBuffer?>()) { waiter in
            if let message = self.takeMessage() {
                waiter.resume(with: .success(message))
            } else if let failure = self.readFailure {
                waiter.resume(with: .failure(failure))
            } else if self.state.isRemoteClosed {
                waiter.resume(with: .success(nil))
            } else if let reader = self.reader, !reader.isDone {
                waiter.resume(with: .failure(RPCError(.internal, "two tasks read one request")))
            } else {
                self.reader = waiter
            }
        }
    }

    private func takeMessage() -> ByteBuffer? {
        guard let message = inbox.popFirst() else { return nil }
        sink?.requestMessageTaken(byteCount: message.readableBytes)
        return message
    }
}
