package import NIOCore

/// Fired up the pipeline once the TLS handshake is done; nothing but TLS was spoken before.
package struct TLSHandshakeCompleted: Sendable {
    /// What ALPN agreed on; nil if the client offered nothing.
    package let applicationProtocol: String?
    /// For example `TLSv1.3`.
    package let version: String
    /// Whether an earlier session went on.
    package let wasResumed: Bool
    /// The peer's verified certificate.
    package let peer: TLSCertificateNames?
}

/// Turns a socket's bytes into plaintext and back.
///
/// - Plaintext written before the handshake is done is refused, not kept.
/// - While the socket takes no more bytes, the peer is not read from, so that a peer that asks
///   without listening fills its own buffers and not ours.
/// - All that is written between two flushes goes into as few records as possible.
/// - The peer's `close_notify` is fired as `ChannelEvent.inputClosed` and answered when the channel
///   is closed; with `allowsHalfClosure` that is left to the handlers above.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshaking
        case open
        /// We said `close_notify`; nothing more is written.
        case closing
        case closed
    }

    private var session: TLSSession
    private let context: TLSContext
    /// Whom a client dials; nil for servers.
    private let serverName: String?
    private let limits: TransportLimits
    private let allowsHalfClosure: Bool
    private var phase = Phase.handshaking
    private var hasStarted = false
    private var inputEnded = false
    private var timeout: Scheduled<Void>?
    /// A read that waits until the socket takes bytes again.
    private var heldRead = false

    /// Written, and not yet flushed.
    private var pending = CircularBuffer<ByteBuffer>()
    private var pendingPromise: EventLoopPromise<Void>?
    // Kept between uses so that small messages cost no allocation.
    private var plaintext = ByteBuffer()
    private var ciphertext = ByteBuffer()
    private var joined = ByteBuffer()

    /// The TLS of an accepted connection.
    /// - Throws: `TLSError.Code.configuration`.
    package static func server(
        _ context: TLSContext, limits: TransportLimits = TransportLimits(),
        allowsHalfClosure: Bool = false
    ) throws(TLSError) -> TLSHandler {
        TLSHandler(
            try context.makeSession(), context, serverName: nil, limits, allowsHalfClosure)
    }

    /// The TLS of a connection to the server `serverName`, a DNS name or an IP address.
    /// - Throws: `TLSError.Code.configuration`.
    package static func client(
        _ context: TLSContext, serverName: String, limits: TransportLimits = TransportLimits(),
        allowsHalfClosure: Bool = false
    ) throws(TLSError) -> TLSHandler {
        TLSHandler(
            try context.makeSession(serverName: serverName), context, serverName: serverName,
            limits, allowsHalfClosure)
    }

    private init(
        _ session: consuming TLSSession, _ context: TLSContext, serverName: String?,
        _ limits: TransportLimits, _ allowsHalfClosure: Bool
    ) {
        self.session = session
        self.context = context
        self.serverName = serverName
        self.limits = limits
        self.allowsHalfClosure = allowsHalfClosure
    }

    // MARK: Beginning and end

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard !hasStarted else { return }
        hasStarted = true
        timeout = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.handshakeTimeout)
        ) {
            self.timeout = nil
            self.fail(
                context, TLSError(.timeout, "no handshake within \(self.limits.handshakeTimeout)"))
        }
        advanceHandshake(context)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        let unfinished = phase == .handshaking
        let truncated = phase == .open && !inputEnded
        end()
        if unfinished {
            context.fireErrorCaught(TLSError(.handshake, "the peer closed during the handshake"))
        } else if truncated {
            context.fireErrorCaught(TLSError(.truncated, "the peer closed without close_notify"))
        }
        context.fireChannelInactive()
    }

    private func end() {
        rememberSession()
        phase = .closed
        timeout?.cancel()
        timeout = nil
        pending.removeAll()
        pendingPromise?.fail(ChannelError.ioOnClosedChannel)
        pendingPromise = nil
    }

    /// Clients keep what the server gave them to resume with.
    private func rememberSession() {
        guard let serverName, phase == .open || phase == .closing,
            let resumable = session.takeResumable()
        else { return }
        context.remember(resumable, serverName: serverName)
    }

    /// Tells the handlers above, sends the alert OpenSSL has prepared, and closes.
    private func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        guard phase != .closed else { return }
        sendCiphertext(context, promise: nil)
        end()
        context.fireErrorCaught(error)
        context.close(mode: .all, promise: nil)
    }

    // MARK: Reading

    package func read(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            context.read()
        } else {
            heldRead = true
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if heldRead, context.channel.isWritable {
            heldRead = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while bytes.readableBytes > 0, phase != .closed {
            do throws(TLSError) {
                try session.receive(&bytes)
            } catch {
                return fail(context, error)
            }
            if phase == .handshaking { advanceHandshake(context) }
            if phase == .open || phase == .closing { decrypt(context) }
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if plaintext.capacity > Self.keptCapacityMax { plaintext = ByteBuffer() }
        context.fireChannelReadComplete()
    }

    private func advanceHandshake(_ context: ChannelHandlerContext) {
        let step: TLSSession.HandshakeStep
        do throws(TLSError) {
            step = try session.handshake()
        } catch {
            return fail(context, error)
        }
        sendCiphertext(context, promise: nil)
        guard step == .complete else { return }
        phase = .open
        timeout?.cancel()
        timeout = nil
        context.fireUserInboundEventTriggered(
            TLSHandshakeCompleted(
                applicationProtocol: session.applicationProtocol, version: session.version,
                wasResumed: session.wasResumed, peer: session.verifiedPeerNames))
    }

    private func decrypt(_ context: ChannelHandlerContext) {
        var plaintext = self.plaintext
        self.plaintext = ByteBuffer()
        plaintext.clear()
        let step: TLSSession.ReadStep
        do throws(TLSError) {
            step = try session.read(into: &plaintext)
        } catch {
            return fail(context, error)
        }
        // A reading can have answers: key updates, alerts.
        if session.bytesToSend > 0 { sendCiphertext(context, promise: nil) }
        if plaintext.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plaintext)) }
        self.plaintext = plaintext
        if step == .ended, !inputEnded {
            inputEnded = true
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            if !allowsHalfClosure { context.channel.close(mode: .all, promise: nil) }
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The socket's end of input is an end only if close_notify came before it.
        if let event = event as? ChannelEvent, event == .inputClosed {
            if !inputEnded {
                fail(context, TLSError(.truncated, "the peer closed without close_notify"))
            }
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Writing

    package func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        guard phase == .open else {
            promise?.fail(TLSError(.notOpen, "written while no TLS session is open"))
            return
        }
        pending.append(unwrapOutboundIn(data))
        pendingPromise.setOrCascade(to: promise)
    }

    package func flush(context: ChannelHandlerContext) {
        guard !pending.isEmpty else { return context.flush() }
        let promise = pendingPromise
        pendingPromise = nil
        do throws(TLSError) {
            try encryptPending(context)
        } catch {
            promise?.fail(error)
            return fail(context, error)
        }
        sendCiphertext(context, promise: promise)
    }

    /// Encrypts all that is pending: large buffers as they are, small neighbours joined.
    private func encryptPending(_ context: ChannelHandlerContext) throws(TLSError) {
        while var buffer = pending.popFirst() {
            let recordBytes = TLSSession.recordBytesMax
            if let next = pending.first, buffer.readableBytes + next.readableBytes <= recordBytes {
                joined.clear()
                joined.writeBuffer(&buffer)
                while let next = pending.first,
                    joined.readableBytes + next.readableBytes <= recordBytes
                {
                    joined.writeImmutableBuffer(next)
                    pending.removeFirst()
                }
                try encrypt(joined, context)
                continue
            }
            while let piece = buffer.readSlice(length: min(recordBytes, buffer.readableBytes)),
                piece.readableBytes > 0
            {
                try encrypt(piece, context)
            }
        }
        if joined.capacity > Self.keptCapacityMax { joined = ByteBuffer() }
    }

    /// Encrypts one record. Hands on what is enough for a write first, so that something is left
    /// for the flush that follows.
    private func encrypt(
        _ buffer: ByteBuffer, _ context: ChannelHandlerContext
    ) throws(TLSError) {
        if ciphertext.readableBytes >= Self.ciphertextBytesMax {
            context.write(wrapOutboundOut(ciphertext), promise: nil)
            ciphertext.clear()
        }
        try unsafe buffer.withUnsafeReadableBytes { bytes throws(TLSError) in
            try unsafe session.write(bytes)
        }
        session.takeBytesToSend(into: &ciphertext)
    }

    private func sendCiphertext(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?)
    {
        session.takeBytesToSend(into: &ciphertext)
        guard ciphertext.readableBytes > 0 else {
            promise?.succeed()
            return
        }
        let bytes = ciphertext
        ciphertext = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
        // Most often the socket has taken it all by now and the memory is ours again.
        if bytes.capacity <= Self.keptCapacityMax {
            ciphertext = bytes
            ciphertext.clear()
        }
    }

    // MARK: Closing

    package func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        guard phase == .open, mode != .input else {
            return context.close(mode: mode, promise: promise)
        }
        phase = .closing
        pending.removeAll()
        pendingPromise?.fail(ChannelError.ioOnClosedChannel)
        pendingPromise = nil
        session.shutDown()
        guard mode == .all else {
            sendCiphertext(context, promise: nil)
            return context.close(mode: .output, promise: promise)
        }
        // The socket drops what it has not sent when it is closed, so wait for the goodbye to
        // leave, but not for a peer that reads nothing.
        let timer = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.closeTimeout)
        ) {
            context.close(mode: .all, promise: nil)
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sendCiphertext(context, promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            timer.cancel()
            context.close(mode: .all, promise: promise)
        }
    }

    /// Buffers of more capacity are given back rather than kept for the next use.
    private static let keptCapacityMax = 4096
    /// So much is encrypted before it is handed to the socket.
    private static let ciphertextBytesMax = 64 * 1024
}
