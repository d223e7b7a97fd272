internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Transport

/// Writes a response's body to its exchange; the head goes out with the first bytes, and a body that
/// is one piece goes out whole.
struct ExchangeWriter: ResponseBodyWriter {
    private let exchange: HTTPExchange
    /// Not sent yet.
    private var head: HTTPResponse?
    private var isDone = false

    init(_ exchange: HTTPExchange, _ head: HTTPResponse) {
        self.exchange = exchange
        self.head = head
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        if let head {
            self.head = nil
            if head.headerFields[.contentLength] == "\(buffer.readableBytes)" {
                isDone = true
                return try await exchange.respond(head, buffer)
            }
            try await exchange.sendHead(head)
        }
        try await exchange.write(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        if let head {
            try await exchange.respond(head)
        } else if !isDone {
            try await exchange.finish(trailingHeaders)
        }
    }
}
