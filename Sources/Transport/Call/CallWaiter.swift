internal import NIOCore

/// One task that waits on the event loop for room to write or a message to read.
///
/// It is made before the waiting starts, so that a cancellation is not lost in whichever order the
/// two reach the loop. Sendable because its properties are touched on the event loop only.
final class CallWaiter<Value: Sendable>: @unchecked Sendable {
    private var continuation: CheckedContinuation<Value, any Error>?
    private var result: Result<Value, any Error>?

    /// Whether it needs no waking any more.
    var isDone: Bool { result != nil }

    /// The task starts to wait. Event loop only.
    func wait(with continuation: CheckedContinuation<Value, any Error>) {
        if let result {
            continuation.resume(with: result)
        } else {
            self.continuation = continuation
        }
    }

    /// Ends the waiting; later results are ignored. Event loop only.
    func resume(with result: Result<Value, any Error>) {
        guard self.result == nil else { return }
        self.result = result
        continuation?.resume(with: result)
        continuation = nil
    }
}

extension EventLoop {
    /// Runs `body` on this loop: now if this is its thread, else as soon as it gets to it.
    func runNowOrSoon(_ body: @escaping @Sendable () -> Void) {
        if inEventLoop { body() } else { execute(body) }
    }

    /// Suspends the task in `waiter`, which `register` puts where this loop finds it.
    func wait<Value: Sendable>(
        in waiter: CallWaiter<Value>, register: @escaping @Sendable (CallWaiter<Value>) -> Void
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.runNowOrSoon {
                    waiter.wait(with: continuation)
                    if !waiter.isDone { register(waiter) }
                }
            }
        } onCancel: {
            self.runNowOrSoon { waiter.resume(with: .failure(CancellationError())) }
        }
    }
}
