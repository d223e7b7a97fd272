import HTTPClient
import Testing

/// What servers answer, well and badly.
@Suite struct HTTPClientAnswerTests {
    /// The answer to one request, or why there is none.
    private static func answer(
        to method: String = "GET", bytesMax: Int = 1_000, headBytesMax: Int = 1_000,
        _ answer: RawServer.Answer
    ) async throws -> Result<HTTPClientResponse, HTTPClientError> {
        let server = try await RawServer { _ in answer }
        var limits = HTTPClientLimits()
        limits.headBytesMax = headBytesMax
        let client = HTTPClient(limits: limits)
        let result: Result<HTTPClientResponse, HTTPClientError>
        do throws(HTTPClientError) {
            result = .success(
                try await client.send(
                    HTTPClientRequest(
                        method: method, url: server.url(), responseBytesMax: bytesMax),
                    until: .now.advanced(by: .seconds(120))))
        } catch {
            result = .failure(error)
        }
        await client.shutDown()
        try await server.stop()
        return result
    }

    private static func text(_ response: HTTPClientResponse) -> String {
        String(decoding: response.body, as: UTF8.self)
    }

    private static func error(
        _ result: Result<HTTPClientResponse, HTTPClientError>
    ) -> HTTPClientError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test func `a body in chunks, after an interim answer and before trailers`() async throws {
        let response = try await Self.answer(
            .text(
                "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\n"
                    + "transfer-encoding: chunked\r\ntrailer: t\r\nA: 1\r\na: 2\r\n\r\n"
                    + "3\r\none\r\n4;x=y\r\n two\r\n0\r\nt: 1\r\n\r\n")
        ).get()
        #expect(response.status == 201)
        #expect(Self.text(response) == "one two")
        #expect(response.headers.map(\.name) == ["transfer-encoding", "trailer", "A", "a"])
    }

    @Test func `a body that ends with the connection, of all bytes there are`() async throws {
        let body = (0...255).map { UInt8($0) }
        let response = try await Self.answer(
            .bytesAndClose(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + body)
        ).get()
        #expect(response.body == body)
    }

    @Test func `answers that have no body`() async throws {
        let head = try await Self.answer(
            to: "HEAD", bytesMax: 0, .text("HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n")
        ).get()
        #expect(head.body.isEmpty)
        #expect(head.headers.first?.value == "5000000")
        for status in [204, 304] {
            let response = try await Self.answer(.text("HTTP/1.1 \(status) X\r\n\r\n")).get()
            #expect(response.status == status)
            #expect(response.body.isEmpty)
        }
    }

    @Test func `redirects, refusals and compressed bodies are given as they are`() async throws {
        let moved = try await Self.answer(
            .text("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")
        ).get()
        #expect(moved.status == 302)
        let refused = try await Self.answer(
            .text(
                "HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=x\r\ncontent-length: 2\r\n\r\nno")
        ).get()
        #expect(refused.status == 401)
        #expect(Self.text(refused) == "no")
        let coded = try await Self.answer(
            .text("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc")
        ).get()
        #expect(Self.text(coded) == "abc")
    }

    @Test func `a body may be as long as it may be, and no longer`() async throws {
        let body = String(repeating: "x", count: 1_000)
        for length in ["content-length: 1000\r\n\r\n\(body)", "\r\n\(body)"] {
            let answer = RawServer.Answer.textAndClose("HTTP/1.1 200 OK\r\n\(length)")
            #expect(try await Self.answer(answer).get().body.count == 1_000)
            #expect(
                Self.error(try await Self.answer(bytesMax: 999, answer)) == .tooLarge(limit: 999))
        }
    }

    @Test func `a head is bounded, in one line and in many, with what comes before and after`()
        async throws
    {
        let long = String(repeating: "x", count: 1_000)
        let many = String(repeating: "a: b\r\n", count: 200)
        let interim = String(repeating: "HTTP/1.1 103 X\r\n\r\n", count: 60)
        for text in [
            "HTTP/1.1 200 OK\r\na: \(long)\r\n\r\n", "HTTP/1.1 200 OK\r\n\(many)\r\n",
            "\(interim)HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\(many)\r\n",
        ] {
            let result = try await Self.answer(.textAndClose(text))
            #expect(Self.error(result) == .headTooLarge(limit: 1_000))
        }
    }

    @Test(arguments: [
        "", "hello", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nx", "HTTP/1.1 999999 OK\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n", "\0\0\0\0\0\0\0\0",
    ])
    func `what is no whole answer is a failure`(text: String) async throws {
        let error = Self.error(try await Self.answer(.textAndClose(text)))
        guard case .failed(let reason) = error else {
            Issue.record("expected a failure, got \(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test(arguments: ["GET", "PUT", "POST", "PATCH"])
    func `where a connection closes instead of an answer, the request is not sent again`(
        method: String
    ) async throws {
        let server = try await RawServer { _ in .close }
        let client = HTTPClient()
        let request = HTTPClientRequest(
            method: method, url: server.url(), body: [1], responseBytesMax: 10)
        await #expect(throws: HTTPClientError.self) {
            try await client.send(request, until: .now.advanced(by: .seconds(120)))
        }
        #expect(server.requests.count == 1)
        await client.shutDown()
        try await server.stop()
    }
}
