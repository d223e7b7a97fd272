internal import NIOCore

/// Closes a connection whose peer takes nothing of what waits for it, whatever protocol it speaks.
///
/// Sits next to the socket. A slow peer is not a stalled one: any byte counts as progress. It also
/// counts the connection's bytes.
final class StallHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limits: TransportLimits
    private let metrics: TransportMetrics?
    private var timer: Scheduled<Void>?
    private var writtenBytes = 0
    /// What the socket had taken when we last looked.
    private var takenBytes = 0
    private var stalledChecks = 0
    // Handed to the metrics now and then: counters cost more than additions.
    private var unreportedReceived = 0
    private var unreportedSent = 0

    init(limits: TransportLimits, metrics: TransportMetrics?) {
        self.limits = limits
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unreportedReceived += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let count = unwrapOutboundIn(data).readableBytes
        writtenBytes += count
        unreportedSent += count
        if timer == nil { watch(context) }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        report()
        context.fireChannelInactive()
    }

    /// Looks four times per limit while something waits.
    private func watch(_ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.writeStallTimeout / 4)
        ) {
            self.timer = nil
            self.check(context)
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        report()
        let waiting =
            (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting > 0 else {
            stalledChecks = 0
            return
        }
        let taken = writtenBytes - waiting
        stalledChecks = taken > takenBytes ? 0 : stalledChecks + 1
        takenBytes = taken
        if stalledChecks >= 4 {
            // Straight to the socket: a farewell would wait behind all the rest.
            context.close(mode: .all, promise: nil)
        } else {
            watch(context)
        }
    }

    private func report() {
        metrics?.transferred(received: unreportedReceived, sent: unreportedSent)
        unreportedReceived = 0
        unreportedSent = 0
    }
}
