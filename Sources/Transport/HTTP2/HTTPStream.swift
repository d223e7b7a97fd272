internal import HTTPTypes
internal import NIOCore
internal import RPC

/// Serves one HTTP request on one HTTP/2 stream. Event loop only.
final class HTTPStream: HTTP2Stream {
    private var exchange: HTTPExchange?
    private var credit = ReceiveCredit()
    private var untakenByteCount = 0
    private var wantsRoom = false
    private var hasContinued = false
    private let handler: any HTTPHandler
    private let isHead: Bool
    /// Bytes of the request that came after the response, and were thrown away.
    private var discardedByteCount = 0
    private var lingering: Lingering?
    private var lingerTimer: Scheduled<Void>?

    init(id: Int32, connection: HTTP2Connection, request: HTTPRequest, handler: any HTTPHandler) {
        self.handler = handler
        isHead = request.method == .head
        super.init(id: id, connection: connection)
        exchange = HTTPExchange(
            request,
            peer: HTTPPeer(version: .http2, connection: connection.runner.connection),
            eventLoop: connection.runner.eventLoop, limits: connection.limits.http, sink: self)
    }

    override var isRunning: Bool { exchange != nil }

    override func receivedData(_ bytes: UnsafeRawBufferPointer) {
        credit.received(bytes.count)
        if let exchange, !hasEnded {
            if exchange.receivedBody(unsafe ByteBuffer(bytes: bytes)) {
                untakenByteCount += bytes.count
            }
        } else {
            lingering?.heard()
            discardedByteCount += bytes.count
            guard discardedByteCount <= connection.limits.http.discardedBytesMax else { return }
        }
        openWindow()
    }

    override func receivedEnd() {
        lingerTimer?.cancel()
        lingerTimer = nil
        exchange?.receivedEnd()
        begin()
    }

    override func readPaused() {
        begin()
    }

    override func becameWritable() {
        guard wantsRoom else { return }
        wantsRoom = false
        exchange?.becameWritable()
    }

    override func wasClosed() {
        lingerTimer?.cancel()
        lingerTimer = nil
        exchange?.cancel()
    }

    /// Takes the rest of the request for a while, since some clients read an answer only once they
    /// were let finish, and then asks for no more of it (RFC 9113, section 8.1).
    override func endedEarly() {
        guard !isRemoteClosed, !isClosed, lingering == nil else { return }
        let lingering = Lingering(connection.limits.http, now: .now())
        self.lingering = lingering
        linger(for: lingering.firstWait)
    }

    private func linger(for wait: TimeAmount) {
        lingerTimer = connection.runner.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.lingerTimer = nil
            guard !self.isRemoteClosed, !self.isClosed else { return }
            if let next = self.lingering?.nextWait(now: .now()) {
                self.linger(for: next)
            } else {
                self.reset(.noError)
            }
        }
    }

    private func begin() {
        exchange?.begin(handler, executor: connection.runner.executor)
    }

    private func openWindow() {
        guard !isClosed, !isRemoteClosed else { return }
        let granted = credit.grant(keeping: untakenByteCount)
        if granted > 0 { connection.grant(granted, to: self) }
    }
}

extension HTTPStream: HTTPSink {
    func send(_ head: HTTPResponse) {
        let fields = HTTP2FieldList(head)
        // Where nothing may follow, the client is told so at once.
        if isHead || head.status == .noContent || head.status == .notModified {
            sendOnly(fields)
        } else {
            sendHead(fields)
        }
    }

    func send(_ bytes: ByteBuffer) -> Bool {
        queueBytes(bytes)
        let hasRoom =
            queuedByteCount < connection.limits.streamQueueBytesMax && connection.hasQueueRoom
        wantsRoom = !hasRoom
        return hasRoom
    }

    func finish(_ trailers: HTTPFields?) {
        endBody(trailers.map { HTTP2FieldList(trailers: $0) })
    }

    func abort() {
        reset(.internalError)
    }

    func bodyWanted() {
        // An `expect` of HTTP/2 is answered too; few clients wait for it.
        guard exchange?.request.headerFields[.expect]?.lowercased() == "100-continue",
            !hasSentHead, !hasContinued
        else { return }
        hasContinued = true
        sendInformational(HTTP2FieldList([GRPCField(":status", "100")]))
    }

    func bodyTaken(_ byteCount: Int) {
        untakenByteCount -= byteCount
        openWindow()
    }

    func upgradeToWebSocket() -> EventLoopFuture<WebSocket>? { nil }

    func exchangeReleased() {
        exchange = nil
        untakenByteCount = 0
        connection.callReleased()
        openWindow()
    }
}

extension HTTP2FieldList {
    /// A response's head.
    convenience init(_ head: HTTPResponse) {
        self.init(
            [GRPCField(":status", "\(head.status.code)")] + Self.fields(head.headerFields))
    }

    /// A response's trailers.
    convenience init(trailers: HTTPFields) {
        self.init(Self.fields(trailers))
    }

    private static func fields(_ fields: HTTPFields) -> [GRPCField] {
        fields.map { GRPCField($0.name.canonicalName, $0.value) }
    }
}
