import NIOCore
import NIOPosix
import RPC

@testable import Transport

/// A client that sends any bytes it likes, with or without TLS.
final class RawConnection: Sendable {
    let channel: any Channel
    private let mailbox: NIOLoopBound<Mailbox>

    private init(_ channel: any Channel, _ mailbox: NIOLoopBound<Mailbox>) {
        self.channel = channel
        self.mailbox = mailbox
    }

    /// Connects; with TLS, waits for the handshake.
    static func connect(
        host: String = "127.0.0.1", port: Int, tls: TLSContext?, serverName: String = "localhost",
        reads: Bool = true, halfCloses: Bool = false
    ) async throws -> RawConnection {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ready = loop.makePromise(of: NIOLoopBound<Mailbox>.self)
        let connected = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let mailbox = Mailbox(ready)
                    if let tls {
                        try pipeline.addHandler(
                            TLSHandler.client(
                                tls, serverName: serverName, allowsHalfClosure: halfCloses))
                    } else {
                        mailbox.isReady()
                    }
                    try pipeline.addHandler(mailbox)
                }
            }
            .connect(host: host, port: port)
        connected.whenFailure { ready.fail($0) }
        let channel = try await connected.get()
        let mailbox = try await ready.futureResult.get()
        if !reads { try await channel.setOption(.autoRead, value: false).get() }
        return RawConnection(channel, mailbox)
    }

    /// How the handshake ended.
    func handshake() async throws -> TLSHandshakeCompleted? {
        try await channel.eventLoop.submit { self.mailbox.value.handshake }.get()
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes).get()
    }

    func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    /// The next frame; nil at the end of the connection.
    func nextFrame() async throws -> TTRPCFrame? {
        try await channel.eventLoop.flatSubmit { self.mailbox.value.nextFrame() }.get()
    }

    /// All that comes until the connection closes.
    func rest() async throws -> ByteBuffer {
        try await channel.closeFuture.get()
        return try await channel.eventLoop.submit { self.mailbox.value.received }.get()
    }

    func close() async {
        try? await channel.close()
    }

    private final class Mailbox: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        /// Kept only until it is told: its future holds this mailbox from then on.
        private var ready: EventLoopPromise<NIOLoopBound<Mailbox>>?
        private let loop: any EventLoop
        private(set) var handshake: TLSHandshakeCompleted?
        private(set) var received = ByteBuffer()
        private var decoder = TTRPCFrameDecoder()
        private var waiters: [EventLoopPromise<TTRPCFrame?>] = []
        private var context: ChannelHandlerContext?
        private var isClosed = false

        init(_ ready: EventLoopPromise<NIOLoopBound<Mailbox>>) {
            self.ready = ready
            loop = ready.futureResult.eventLoop
        }

        func isReady() {
            ready?.succeed(NIOLoopBound(self, eventLoop: loop))
            ready = nil
        }

        private func failed(_ error: any Error) {
            ready?.fail(error)
            ready = nil
        }

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
        }

        func nextFrame() -> EventLoopFuture<TTRPCFrame?> {
            let promise = loop.makePromise(of: TTRPCFrame?.self)
            waiters.append(promise)
            serveWaiters()
            return promise.futureResult
        }

        private func serveWaiters() {
            while !waiters.isEmpty {
                switch decoder.next() {
                case .frame(let frame): waiters.removeFirst().succeed(frame)
                case nil where isClosed: waiters.removeFirst().succeed(nil)
                default: return
                }
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            received.writeImmutableBuffer(bytes)
            decoder.receive(bytes)
            serveWaiters()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? TLSHandshakeCompleted {
                handshake = event
                isReady()
            }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            failed(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            isClosed = true
            failed(ChannelError.eof)
            serveWaiters()
            context.fireChannelInactive()
        }
    }
}

extension ByteBuffer {
    /// A frame's bytes.
    init(frame: TTRPCFrame) {
        self.init()
        guard let kind = frame.kind else { return }
        writeTTRPCHeader(
            byteCount: frame.data.readableBytes, streamID: frame.streamID, kind: kind,
            flags: frame.flags)
        writeImmutableBuffer(frame.data)
    }

    /// The bytes of a request frame for one of the test server's methods.
    init(
        request method: MethodDescriptor, _ payload: String = "", streamID: UInt32,
        flags: TTRPCFrame.Flags = []
    ) throws {
        self.init()
        try writeTTRPCRequest(
            TTRPCRequest(
                service: method.service, method: method.method,
                payload: ByteBuffer(string: payload)),
            streamID: streamID, flags: flags)
    }
}
