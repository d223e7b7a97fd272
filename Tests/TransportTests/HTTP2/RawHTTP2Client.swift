import CNGHTTP2
import NIOCore
import NIOPosix

@testable import Transport

/// A client that says whatever a test wants it to: frames are made by hand, and what comes back is
/// cut into frames. It answers nothing by itself.
final class RawHTTP2Client: Sendable {
    /// One received frame.
    struct Frame: Sendable, Equatable {
        enum Kind: UInt8, Sendable {
            case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
            case continuation
        }

        let kind: Kind
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]
        /// Of a HEADERS frame, as `name: value`.
        let fields: [String]

        var isEnd: Bool { flags & 1 != 0 }
        /// Of RST_STREAM, and of GOAWAY, whose last stream comes first.
        var errorCode: UInt8? {
            switch kind {
            case .reset: payload.last
            case .goAway: payload.count >= 8 ? payload[7] : nil
            default: nil
            }
        }
        /// GOAWAY's debug data.
        var debugData: String { String(decoding: payload.dropFirst(8), as: UTF8.self) }
    }

    private let channel: any Channel
    private let iterator: FrameIterator

    private final class FrameIterator: @unchecked Sendable {
        // Sendable because one test uses it from one task.
        var frames: AsyncStream<Frame>.Iterator
        init(_ frames: AsyncStream<Frame>) { self.frames = frames.makeAsyncIterator() }
    }

    /// Connects; says nothing yet.
    init(to address: SocketAddress) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Frame.self)
        channel = try await ClientBootstrap(group: HTTP2TestServer.group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameCutter(continuation))
                }
            }
            .connect(to: address).get()
        iterator = FrameIterator(stream)
    }

    /// Connects by TLS, and waits for the handshake; says nothing yet.
    init(port: Int, tls: TLSContext) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Frame.self)
        let loop = HTTP2TestServer.group.next()
        let secured = loop.makePromise(of: Void.self)
        let connected = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(TLSHandler.client(tls, serverName: "localhost"))
                    try pipeline.addHandler(HandshakeWaiter(secured))
                    try pipeline.addHandler(FrameCutter(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port)
        connected.whenFailure { secured.fail($0) }
        channel = try await connected.get()
        try await secured.futureResult.get()
        iterator = FrameIterator(stream)
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// A frame's bytes.
    static func frame(
        _ kind: Frame.Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
    ) -> [UInt8] {
        let length = UInt32(payload.count)
        return [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255)]
            + [kind.rawValue, flags] + bytes(stream) + payload
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    /// A header block: literals, never indexed, not Huffman-coded (RFC 7541 section 6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        func text(_ text: String) -> [UInt8] {
            let count = text.utf8.count
            if count < 127 { return [UInt8(count)] + text.utf8 }
            var rest = count - 127
            var bytes: [UInt8] = [127]
            while rest >= 128 {
                bytes.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            return bytes + [UInt8(rest)] + text.utf8
        }
        return fields.flatMap { [0x10] + text($0.0) + text($0.1) }
    }

    /// The header fields of a gRPC call.
    static func call(_ path: String, _ more: [(String, String)] = []) -> [UInt8] {
        block(
            [
                (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
                ("te", "trailers"), ("content-type", "application/grpc"),
            ] + more)
    }

    static func message(_ payload: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + bytes(UInt32(payload.count)) + payload
    }

    /// Says the preface with `settings`, as pairs of id and value.
    func start(settings: [(UInt16, UInt32)] = []) {
        let payload = settings.flatMap {
            [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + Self.bytes($0.1)
        }
        send(Self.preface + Self.frame(.settings, payload))
    }

    func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    func close() async throws {
        try await channel.close()
    }

    /// The next frame; nil once the server has closed the connection.
    func next() async -> Frame? {
        await iterator.frames.next()
    }

    /// Skips frames until one is wanted; nil if the connection ended before.
    func first(_ isWanted: (Frame) -> Bool) async -> Frame? {
        while let frame = await next() {
            if isWanted(frame) { return frame }
        }
        return nil
    }

    func first(_ kind: Frame.Kind) async -> Frame? {
        await first { $0.kind == kind }
    }
}

/// Tells when the TLS handshake is done.
private final class HandshakeWaiter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let secured: EventLoopPromise<Void>

    init(_ secured: EventLoopPromise<Void>) { self.secured = secured }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { secured.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        secured.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}

/// Cuts received bytes into frames and unpacks header blocks.
@safe
private final class FrameCutter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let frames: AsyncStream<RawHTTP2Client.Frame>.Continuation
    private var buffer = ByteBuffer()
    private var inflater: OpaquePointer?

    init(_ frames: AsyncStream<RawHTTP2Client.Frame>.Continuation) {
        self.frames = frames
        _ = unsafe nghttp2_hd_inflate_new(&inflater)
    }

    deinit {
        unsafe nghttp2_hd_inflate_del(inflater)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        while let header = buffer.getBytes(at: buffer.readerIndex, length: 9) {
            let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            guard let payload = buffer.getBytes(at: buffer.readerIndex + 9, length: length) else {
                return
            }
            buffer.moveReaderIndex(forwardBy: 9 + length)
            guard let kind = RawHTTP2Client.Frame.Kind(rawValue: header[3]) else { continue }
            frames.yield(
                RawHTTP2Client.Frame(
                    kind: kind, flags: header[4],
                    stream: header[5...8].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF,
                    payload: payload, fields: kind == .headers ? inflate(payload) : []))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        frames.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// The fields of a whole header block; our server's fit into one frame, without padding.
    private func inflate(_ block: [UInt8]) -> [String] {
        var fields: [String] = []
        var offset = 0
        while true {
            var field = unsafe nghttp2_nv()
            var flags: Int32 = 0
            let count = unsafe block.withUnsafeBufferPointer { block in
                unsafe nghttp2_hd_inflate_hd2(
                    inflater, &field, &flags, block.baseAddress?.advanced(by: offset),
                    block.count - offset, 1)
            }
            guard count >= 0 else { return fields + ["broken header block"] }
            offset += count
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = unsafe UnsafeBufferPointer(start: field.name, count: field.namelen)
                let value = unsafe UnsafeBufferPointer(start: field.value, count: field.valuelen)
                fields.append(
                    unsafe String(decoding: name, as: UTF8.self) + ": "
                        + String(decoding: value, as: UTF8.self))
            }
            if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                _ = unsafe nghttp2_hd_inflate_end_headers(inflater)
                return fields
            }
        }
    }
}
