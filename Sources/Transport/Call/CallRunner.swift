package import Logging
package import NIOCore
package import RPC

/// What the calls of one connection share. One per connection, made when it is accepted.
package final class CallRunner: Sendable {
    /// Bounds of every call.
    package struct Limits: Sendable, Equatable {
        /// The largest message a handler may send, in bytes.
        package var answerBytesMax = 4 << 20

        package init() {}
    }

    package let router: Router
    package let connection: ConnectionContext
    package let eventLoop: any EventLoop
    package let limits: Limits
    let executor: EventLoopTaskExecutor
    let logger: Logger

    /// A runner for a connection that lives on `eventLoop`.
    package init(
        router: Router, connection: ConnectionContext, eventLoop: any EventLoop, logger: Logger,
        limits: Limits = Limits()
    ) {
        self.router = router
        self.connection = connection
        self.eventLoop = eventLoop
        self.logger = logger
        self.limits = limits
        executor = EventLoopTaskExecutor(eventLoop)
    }

    /// A call that was just received. Event loop only.
    ///
    /// Keep it in the connection's table until `CallSink.callReleased`, and `begin` it at once.
    /// - Parameter deadline: when the caller stops waiting; one that has passed already ends the
    ///   call with DEADLINE_EXCEEDED before a handler runs.
    package func makeCall(
        _ route: Router.Route, metadata: Metadata, deadline: ContinuousClock.Instant?,
        sink: any CallSink
    ) -> Call {
        let context = CallContext(
            method: route.descriptor, metadata: metadata, deadline: deadline,
            connection: connection)
        return Call(route: route, context: context, runner: self, sink: sink)
    }

    /// Runs `context`'s call through the interceptors from `index` on, then its handler.
    func run(_ call: Call, _ context: CallContext, from index: Int) async throws {
        guard index < router.interceptors.count else {
            return try await call.invokeHandler(context)
        }
        try await router.interceptors[index].intercept(context) { context in
            try await self.run(call, context, from: index + 1)
        }
    }

    /// The error to end a call with when its handler threw `error`.
    ///
    /// What is no `RPCError` is logged, and its text stays here: it may hold anything.
    func status(of error: any Error, in method: MethodDescriptor) -> RPCError {
        switch error {
        case let error as RPCError:
            return error
        case is CancellationError:
            return RPCError(.cancelled, "the call was cancelled")
        default:
            logger.error(
                "handler failed without a status",
                metadata: ["method": "\(method.path)", "error": "\(error)"])
            return RPCError(.unknown, "the handler failed")
        }
    }
}
