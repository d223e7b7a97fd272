internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Runs things after an event loop has looked at its sockets.
///
/// NIO looks at no socket before it has run every task that is ready, also those that tasks add,
/// and timers that became due meanwhile. A stream whose peer takes all there is would keep adding
/// them for ever, and nobody else on the loop would be heard. Only what comes out of the selector
/// is sure to come after a look at the sockets; so this is a pipe in it, which a byte is sent
/// through.
final class EventLoopTurn: Sendable {
    private let channel: any Channel
    private let waiting: NIOLoopBound<Waiting>

    private init(_ channel: any Channel, _ waiting: NIOLoopBound<Waiting>) {
        self.channel = channel
        self.waiting = waiting
    }

    /// The turns of `eventLoop`, until `close`.
    /// - Throws: an `IOError` if there are no descriptors left.
    static func of(_ eventLoop: any EventLoop) async throws -> EventLoopTurn {
        var ends: [CInt] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw IOError(errnoCode: errno, reason: "pipe") }
        // Programs that are started must not inherit it.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let made = eventLoop.makePromise(of: NIOLoopBound<Waiting>.self)
        let channel = try await NIOPipeBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let waiting = Waiting()
                    try channel.pipeline.syncOperations.addHandler(waiting)
                    made.succeed(NIOLoopBound(waiting, eventLoop: channel.eventLoop))
                }
            }
            .takingOwnershipOfDescriptors(input: ends[0], output: ends[1]).get()
        return EventLoopTurn(channel, try await made.futureResult.get())
    }

    /// Calls `body` once, on the event loop, after its next look at the sockets; never, once
    /// closed. Event loop only.
    func afterSockets(_ body: @escaping () -> Void) {
        waiting.value.add(body)
    }

    /// Gives back the descriptors.
    func close() async {
        try? await channel.close()
    }

    private final class Waiting: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private static let signal = ByteBuffer(bytes: [0])
        private var bodies: [() -> Void] = []
        private var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
            bodies.removeAll()
        }

        func add(_ body: @escaping () -> Void) {
            guard let context else { return }
            bodies.append(body)
            // One byte at a time is under way.
            if bodies.count == 1 {
                context.writeAndFlush(wrapOutboundOut(Self.signal), promise: nil)
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bodies = self.bodies
            self.bodies.removeAll()
            for body in bodies { body() }
        }
    }
}
