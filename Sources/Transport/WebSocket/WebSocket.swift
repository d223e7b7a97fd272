package import NIOCore

/// One WebSocket (RFC 6455), open until either side closes it. May be used from any thread: `receive`
/// by one task, `send` by any. Messages are whole; pings are answered by themselves.
///
/// Sendable because its properties are touched on the event loop only.
package final class WebSocket: @unchecked Sendable {
    /// One message.
    package enum Message: Sendable, Equatable {
        case text(String)
        case binary(ByteBuffer)
    }

    /// Why a side closes (RFC 6455, section 7.4.1).
    package enum CloseCode: UInt16, Sendable {
        case normal = 1000
        case goingAway = 1001
        case protocolError = 1002
        case unacceptableData = 1003
        case inconsistentData = 1007
        case policyViolation = 1008
        case tooLarge = 1009
        case internalError = 1011
    }

    private let eventLoop: any EventLoop
    private let messagesMax: Int
    private weak var handler: WebSocketHandler?
    private var inbox = LazyQueue<Message>()
    private var reader: CallWaiter<Message?>?
    private var writers: [CallWaiter<Void>] = []
    private var isClosed = false

    init(eventLoop: any EventLoop, handler: WebSocketHandler, messagesMax: Int) {
        self.eventLoop = eventLoop
        self.handler = handler
        self.messagesMax = messagesMax
    }

    // MARK: For whom it was opened

    /// The next message; nil once the socket is closed, by whichever side.
    /// - Throws: `CancellationError` if the task was cancelled.
    package func receive() async throws -> Message? {
        try await eventLoop.wait(in: CallWaiter<Message?>()) { waiter in
            if let message = self.inbox.popFirst() {
                self.handler?.messageTaken()
                waiter.resume(with: .success(message))
            } else if self.isClosed {
                waiter.resume(with: .success(nil))
            } else if let reader = self.reader, !reader.isDone {
                waiter.resume(with: .failure(HTTPAnswerError("two tasks read one WebSocket")))
            } else {
                self.reader = waiter
            }
        }
    }

    /// Sends a text; suspends while the peer does not take it.
    /// - Throws: `CancellationError` once the socket is closed.
    package func send(_ text: String) async throws {
        try await eventLoop.wait(in: CallWaiter<Void>()) { waiter in
            guard !self.isClosed, let handler = self.handler else {
                return waiter.resume(with: .failure(CancellationError()))
            }
            if handler.send(text) {
                waiter.resume(with: .success(()))
            } else {
                self.writers.append(waiter)
            }
        }
    }

    /// Closes the socket; nothing is received or sent after it.
    package func close(_ code: CloseCode) {
        eventLoop.runNowOrSoon {
            guard !self.isClosed else { return }
            self.handler?.close(code)
            self.closed()
        }
    }

    // MARK: What the connection tells

    /// Whether so many messages wait that the socket is not to be read.
    var isFull: Bool { inbox.count >= messagesMax }

    func received(_ message: Message) {
        if let reader, !reader.isDone {
            self.reader = nil
            reader.resume(with: .success(message))
        } else if !isClosed {
            inbox.append(message)
        }
    }

    func becameWritable() {
        let waiting = writers
        writers.removeAll()
        for writer in waiting { writer.resume(with: .success(())) }
    }

    /// Nothing more comes or goes. What was received can still be read.
    func closed() {
        isClosed = true
        reader?.resume(with: .success(nil))
        reader = nil
        let waiting = writers
        writers.removeAll()
        for writer in waiting { writer.resume(with: .failure(CancellationError())) }
    }
}
