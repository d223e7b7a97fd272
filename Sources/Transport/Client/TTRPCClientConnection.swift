package import NIOCore
internal import NIOPosix
package import RPC
internal import Synchronization

/// A connection to a server, over ttrpc and TLS, for any number of calls at once.
///
/// When it is lost, every call on it fails with UNAVAILABLE, and so do later ones: dialling again
/// is its owner's business. Safe to use from any thread.
package final class TTRPCClientConnection: RPCChannel, Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<TTRPCClientHandler>

    private init(_ channel: any Channel, _ handler: NIOLoopBound<TTRPCClientHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Dials `host` and waits for the end of the TLS handshake.
    /// - Parameters:
    ///   - serverName: whom the certificate must be for; nil: `host`.
    ///   - group: the event loops; nil: those the whole process shares.
    /// - Throws: `RPCError` UNAVAILABLE.
    package static func connect(
        host: String, port: Int, tls: TLSContext, serverName: String? = nil,
        limits: TransportLimits = TransportLimits(), group: (any EventLoopGroup)? = nil
    ) async throws(RPCError) -> TTRPCClientConnection {
        let loop = (group ?? MultiThreadedEventLoopGroup.singleton).next()
        let ready = loop.makePromise(of: NIOLoopBound<TTRPCClientHandler>.self)
        do {
            let connected = ClientBootstrap(group: loop)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(
                    .writeBufferWaterMark,
                    value: .init(
                        low: limits.socketQueueBytesMax / 2, high: limits.socketQueueBytesMax)
                )
                .connectTimeout(TimeAmount(limits.handshakeTimeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(StallHandler(limits: limits, metrics: nil))
                        try pipeline.addHandler(
                            TLSHandler.client(tls, serverName: serverName ?? host, limits: limits))
                        try pipeline.addHandler(TTRPCClientHandler(limits: limits, ready: ready))
                    }
                }
                .connect(host: host, port: port)
            // Not reached if there is no connection, so the handler would not settle it.
            connected.whenFailure { ready.fail($0) }
            let channel = try await connected.get()
            let handler = try await ready.futureResult.get()
            return TTRPCClientConnection(channel, handler)
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(.unavailable, "cannot connect to \(host):\(port): \(error)")
        }
    }

    /// Completes when the connection is closed, by either side.
    package var closed: EventLoopFuture<Void> { channel.closeFuture }

    /// Whether calls can still be made.
    package var isOpen: Bool { channel.isActive }

    /// Closes the connection; the calls on it fail with UNAVAILABLE.
    package func close() async {
        let handler = handler
        channel.eventLoop.runNowOrSoon {
            handler.value.connectionEnded(RPCError(.unavailable, "the connection was closed here"))
        }
        try? await channel.close()
    }

    package func unary(
        _ method: MethodDescriptor, _ request: ByteBuffer, options: CallOptions
    ) async throws -> ByteBuffer {
        let reader = start(method, request, options)
        guard let answer = try await reader.next() else {
            throw RPCError(.internal, "the call ended without an answer")
        }
        return answer
    }

    package func serverStreaming(
        _ method: MethodDescriptor, _ request: ByteBuffer, options: CallOptions
    ) async throws -> any ResponseReader {
        start(method, request, options)
    }

    private func start(
        _ method: MethodDescriptor, _ payload: ByteBuffer, _ options: CallOptions
    ) -> TTRPCResponseReader {
        let call = TTRPCClientCall(kind: method.kind)
        var request = TTRPCRequest(
            service: method.service, method: method.method, payload: payload,
            metadata: options.metadata)
        if let timeout = options.timeout {
            // Zero would mean that there is no limit.
            request.timeoutNanoseconds = max(1, timeout.nanosecondsClamped)
        }
        let handler = handler
        channel.eventLoop.runNowOrSoon { [request] in
            handler.value.start(call, request, timeout: options.timeout)
        }
        return TTRPCResponseReader(call, handler, channel.eventLoop)
    }
}

extension Duration {
    /// In nanoseconds, at most what 64 bits hold.
    fileprivate var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflows) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflows ? (seconds < 0 ? .min : .max) : sum
    }
}

/// Takes a call's messages off the connection, one after the other.
private final class TTRPCResponseReader: ResponseReader {
    private let call: TTRPCClientCall
    private let handler: NIOLoopBound<TTRPCClientHandler>
    private let eventLoop: any EventLoop
    /// Whether the end was seen, so that nothing is to be given up.
    private let isOver = Atomic(false)

    init(
        _ call: TTRPCClientCall, _ handler: NIOLoopBound<TTRPCClientHandler>,
        _ eventLoop: any EventLoop
    ) {
        self.call = call
        self.handler = handler
        self.eventLoop = eventLoop
    }

    deinit {
        if !isOver.load(ordering: .relaxed) { giveUp() }
    }

    func next() async throws -> ByteBuffer? {
        let waiter = CallWaiter<ByteBuffer?>()
        let message: ByteBuffer?
        do {
            message = try await next(waiter)
        } catch {
            isOver.store(true, ordering: .relaxed)
            throw error
        }
        // The only message of a unary call is its end.
        if message == nil || call.kind == .unary { isOver.store(true, ordering: .relaxed) }
        return message
    }

    private func next(_ waiter: CallWaiter<ByteBuffer?>) async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                eventLoop.runNowOrSoon { [call, handler] in
                    waiter.wait(with: continuation)
                    if !waiter.isDone { handler.value.next(of: call, waiter) }
                }
            }
        } onCancel: {
            giveUp()
        }
    }

    /// Nobody waits any more. Without effect once the call is over.
    private func giveUp() {
        eventLoop.runNowOrSoon { [call, handler] in
            handler.value.giveUp(call, RPCError(.cancelled, "the call was cancelled by its caller"))
        }
    }
}
