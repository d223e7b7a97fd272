internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// One request on an HTTP/1.1 connection, and where its answer goes. Event loop only.
final class HTTP1Exchange: HTTPSink {
    private let connection: HTTP1Connection
    private let head: HTTPRequestHead
    private var expectsContinue: Bool
    var exchange: HTTPExchange?
    var isKeptAlive: Bool
    /// All of the request was received.
    var isRequestComplete = false
    /// Bytes of the body that wait for their reader.
    private(set) var untakenByteCount = 0
    private var hasFinished = false
    private var isReleased = false

    init(_ connection: HTTP1Connection, _ head: HTTPRequestHead, _ checked: HTTP1RequestHead) {
        self.connection = connection
        self.head = head
        expectsContinue = checked.expectsContinue
        isKeptAlive = checked.isKeptAlive
    }

    /// The response is sent and the handler has returned.
    var isOver: Bool { hasFinished && isReleased }

    /// Bytes of the body came.
    func received(_ bytes: ByteBuffer) {
        if exchange?.receivedBody(bytes) == true { untakenByteCount += bytes.readableBytes }
    }

    func send(_ response: HTTPResponse) {
        // Nobody knows how much more is to come; and a client that was not asked to continue may
        // send its body or not.
        if !isRequestComplete { isKeptAlive = false }
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headerFields.count + 1)
        for field in response.headerFields {
            headers.add(name: field.name.rawName, value: field.value)
        }
        let isOld = head.version == .http1_0
        let hasNoBody =
            head.method == .HEAD || response.status == .noContent
            || response.status == .notModified
        if response.headerFields[.contentLength] == nil, !hasNoBody {
            // The end of an old client's response is the connection's.
            if isOld {
                isKeptAlive = false
            } else {
                headers.add(name: "transfer-encoding", value: "chunked")
            }
        }
        if !isKeptAlive {
            headers.add(name: "connection", value: "close")
        } else if isOld {
            headers.add(name: "connection", value: "keep-alive")
        }
        connection.write(
            .head(
                HTTPResponseHead(
                    version: .http1_1,
                    status: HTTPResponseStatus(statusCode: response.status.code),
                    headers: headers)))
    }

    func send(_ bytes: ByteBuffer) -> Bool {
        connection.write(.body(.byteBuffer(bytes)))
        return connection.isWritable
    }

    func finish(_ trailers: HTTPFields?) {
        hasFinished = true
        var fields: HTTPHeaders?
        if let trailers {
            fields = HTTPHeaders(trailers.map { ($0.name.rawName, $0.value) })
        }
        connection.write(.end(fields))
    }

    func abort() {
        hasFinished = true
        isKeptAlive = false
        connection.abort()
    }

    func bodyWanted() {
        guard expectsContinue, !isRequestComplete else { return }
        expectsContinue = false
        connection.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
    }

    func bodyTaken(_ byteCount: Int) {
        untakenByteCount -= byteCount
        connection.resumeReading()
    }

    func upgradeToWebSocket() -> EventLoopFuture<WebSocket>? {
        connection.upgrade(head)
    }

    func exchangeReleased() {
        isReleased = true
        exchange = nil
        untakenByteCount = 0
        connection.advance()
    }
}
