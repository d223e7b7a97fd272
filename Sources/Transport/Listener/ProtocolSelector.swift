internal import Logging
internal import NIOCore

/// What a connection turned out to speak.
package enum NegotiatedProtocol: String, Sendable {
    case ttrpc
    /// gRPC, and later the JSON/HTTP bridge.
    case http2
    /// The JSON/HTTP bridge.
    case http1

    /// The protocol of a name that ALPN agreed on.
    init?(applicationProtocol: String) {
        switch applicationProtocol {
        case "ttrpc": self = .ttrpc
        case "h2": self = .http2
        case "http/1.1": self = .http1
        default: return nil
        }
    }

    /// What the first bytes of a client without ALPN tell.
    enum Guess: Equatable {
        case found(NegotiatedProtocol)
        case needsBytes
        case unknown
    }

    /// A ttrpc frame begins with the top byte of a length below 16 MiB; HTTP/2 with its preface
    /// (RFC 9113, section 3.4); HTTP/1 with a method in capitals.
    static func guess(from bytes: ByteBufferView) -> Guess {
        guard let first = bytes.first else { return .needsBytes }
        if first == 0 { return .found(.ttrpc) }
        let preface = Array("PRI *".utf8)
        if bytes.prefix(preface.count).elementsEqual(preface.prefix(bytes.count)) {
            return bytes.count < preface.count ? .needsBytes : .found(.http2)
        }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return capitals.contains(first) ? .found(.http1) : .unknown
    }
}

/// Waits for the TLS handshake, finds out which protocol the client speaks, and makes way for that
/// protocol's handlers.
///
/// Without ALPN the first bytes decide; they must come within the handshake's time limit.
final class ProtocolSelector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Puts the handlers of the protocol behind `context`'s handler.
    typealias Configure = (NegotiatedProtocol, TLSHandshakeCompleted, ChannelHandlerContext) throws
        -> Void

    private let limits: TransportLimits
    private let logger: Logger
    private let configure: Configure
    private var handshake: TLSHandshakeCompleted?
    private var firstBytes = ByteBuffer()
    private var timeout: Scheduled<Void>?
    private var isDone = false

    init(limits: TransportLimits, logger: Logger, configure: @escaping Configure) {
        self.limits = limits
        self.logger = logger
        self.configure = configure
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let handshake as TLSHandshakeCompleted:
            self.handshake = handshake
            logger.debug(
                "connection secured",
                metadata: [
                    "version": "\(handshake.version)", "resumed": "\(handshake.wasResumed)",
                    "alpn": "\(handshake.applicationProtocol ?? "")",
                ])
            guard let name = handshake.applicationProtocol else { return expectFirstBytes(context) }
            guard let selected = NegotiatedProtocol(applicationProtocol: name) else {
                return close(context, because: "no handler for the protocol '\(name)'")
            }
            select(selected, context)
        case is BeginDrain where !isDone:
            close(context, because: "the server is shutting down")
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func expectFirstBytes(_ context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.handshakeTimeout)
        ) {
            self.close(context, because: "no bytes within \(self.limits.handshakeTimeout)")
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        firstBytes.writeImmutableBuffer(unwrapInboundIn(data))
        switch NegotiatedProtocol.guess(from: firstBytes.readableBytesView) {
        case .found(let selected): select(selected, context)
        case .unknown: close(context, because: "the first bytes belong to no protocol spoken here")
        case .needsBytes: break
        }
    }

    private func select(_ selected: NegotiatedProtocol, _ context: ChannelHandlerContext) {
        guard let handshake, !isDone else { return }
        isDone = true
        timeout?.cancel()
        timeout = nil
        do {
            try configure(selected, handshake, context)
        } catch {
            return close(context, because: "\(error)")
        }
        if firstBytes.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(firstBytes))
            context.fireChannelReadComplete()
        }
        firstBytes = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return context.fireErrorCaught(error) }
        close(context, because: "\(error)")
    }

    private func close(_ context: ChannelHandlerContext, because reason: String) {
        logger.debug("connection refused", metadata: ["reason": "\(reason)"])
        isDone = true
        timeout?.cancel()
        timeout = nil
        context.close(mode: .all, promise: nil)
    }
}
