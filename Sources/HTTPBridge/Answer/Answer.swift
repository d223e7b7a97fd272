package import HTTPTypes
package import JSON
package import NIOCore
package import Transport

/// What a route answers.
package struct Answer: Sendable {
    /// The body, in one of the ways it can come to be.
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(@Sendable (AnswerWriter) async throws -> Void)
        case events(EventStream)
        case webSocket(@Sendable (WebSocket) async -> Void)
    }

    package var status: HTTPResponse.Status
    /// Beside `content-length`, which is set by itself.
    package var headers: HTTPFields
    var body: Body

    init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// JSON text that is spliced as it is.
    package static func json(_ text: JSONText, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(
            status: status, headers: [.contentType: "application/json"],
            body: .bytes(ByteBuffer(string: text.text)))
    }

    /// A JSON value.
    package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Answer {
        json(JSONText(value), status: status)
    }

    /// JSON as `write` writes it.
    package static func json(
        status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) throws -> Void
    ) rethrows -> Answer {
        var writer = JSONWriter()
        try write(&writer)
        return json(writer.finish(), status: status)
    }

    /// No body.
    package static func empty(_ status: HTTPResponse.Status) -> Answer {
        Answer(status: status, body: .none)
    }

    /// Plain text.
    package static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Answer {
        bytes(ByteBuffer(string: text), contentType: "text/plain; charset=utf-8", status: status)
    }

    /// Any bytes.
    package static func bytes(
        _ bytes: ByteBuffer, contentType: String, status: HTTPResponse.Status = .ok
    ) -> Answer {
        Answer(status: status, headers: [.contentType: contentType], body: .bytes(bytes))
    }

    /// A body that is written while it is made. `write` suspends while the client does not read, and
    /// is cancelled when it goes. An error breaks the response off.
    package static func stream(
        contentType: String, status: HTTPResponse.Status = .ok,
        _ write: @escaping @Sendable (AnswerWriter) async throws -> Void
    ) -> Answer {
        Answer(status: status, headers: [.contentType: contentType], body: .stream(write))
    }

    /// A stream of server-sent events.
    package static func events(_ stream: EventStream) -> Answer {
        Answer(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store",
                .xAccelBuffering: "no",
            ], body: .events(stream))
    }

    /// The same answer, of which a stream of events goes on only for as long as `isServed` lets it.
    func ending(_ isServed: @escaping EventStream.Watch) -> Answer {
        guard case .events(let stream) = body else { return self }
        var answer = self
        answer.body = .events(stream.ending(isServed))
        return answer
    }

    /// Turns the connection into a WebSocket and serves it; a request that is no WebSocket handshake
    /// gets 426.
    package static func webSocket(_ serve: @escaping @Sendable (WebSocket) async -> Void) -> Answer
    {
        Answer(status: .switchingProtocols, body: .webSocket(serve))
    }
}
