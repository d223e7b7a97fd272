internal import Metrics
package import RPC
internal import Synchronization

/// Counts the calls of every protocol by method and code, and how long they took. Put it outermost,
/// so that what other interceptors refuse is counted too.
///
/// Only methods that are registered get here, so labels hold nothing a client can choose.
package final class CallMetrics: Interceptor {
    private struct Label: Hashable {
        let path: String
        let code: StatusCode
    }

    private let counters = Mutex<[Label: Counter]>([:])
    private let timers = Mutex<[String: Timer]>([:])

    package init() {}

    package func intercept(
        _ context: CallContext, next: @escaping @Sendable (CallContext) async throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        do {
            try await next(context)
            ended(context.method.path, .ok, after: .now - start)
        } catch {
            let code: StatusCode =
                switch error {
                case let error as RPCError: error.code
                case is CancellationError: .cancelled
                default: .unknown
                }
            ended(context.method.path, code, after: .now - start)
            throw error
        }
    }

    private func ended(_ path: String, _ code: StatusCode, after time: Duration) {
        counters.withLock { counters in
            let label = Label(path: path, code: code)
            if let counter = counters[label] { return counter.increment() }
            let counter = Counter(
                label: "signalbox_calls_total",
                dimensions: [("method", path), ("code", "\(code)")])
            counters[label] = counter
            counter.increment()
        }
        timers.withLock { timers in
            if let timer = timers[path] { return timer.record(duration: time) }
            let timer = Timer(label: "signalbox_call_seconds", dimensions: [("method", path)])
            timers[path] = timer
            timer.record(duration: time)
        }
    }
}
