import Testing

@testable import HTTPClient

/// What may be sent at all, and how.
@Suite struct HTTPClientRequestTests {
    private static func request(
        _ method: String = "GET", _ url: String = "http://127.0.0.1/",
        headers: [HTTPClientRequest.Header] = [], body: [UInt8]? = nil
    ) -> HTTPClientRequest {
        HTTPClientRequest(
            method: method, url: url, headers: headers, body: body, responseBytesMax: 10)
    }

    @Test(arguments: [
        Self.request("GET /\r\nx: y"), Self.request(""), Self.request("G T"),
        Self.request("CONNECT"), Self.request("HEAD", body: [1]),
        Self.request("GET", "http://127.0.0.1/ HTTP/1.1\r\nx: y"),
        Self.request("GET", "http://127.0.0.1/\0"), Self.request("GET", "http://127.0.0.1/é"),
        Self.request(headers: [.init("a\r\nb", "c")]), Self.request(headers: [.init("a: b", "c")]),
        Self.request(headers: [.init("", "c")]), Self.request(headers: [.init("a;", "c")]),
        Self.request(headers: [.init("a", "b\r\nc: d")]),
        Self.request(headers: [.init("a", "b\n")]),
        Self.request(headers: [.init("a", "b\0c")]), Self.request(headers: [.init("a", "\u{7F}")]),
        Self.request(headers: [.init("Content-Length", "5")]),
        Self.request(headers: [.init("transfer-encoding", "chunked")]),
        Self.request(headers: [.init("Expect", "100-continue")]),
    ])
    func `what would be another request is refused`(request: HTTPClientRequest) async {
        #expect {
            try request.check()
        } throws: { error in
            guard case .invalid(let reason) = error as? HTTPClientError else { return false }
            return reason.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        // And nothing is connected for it.
        let client = HTTPClient()
        await #expect {
            _ = try await client.send(request, until: .now.advanced(by: .seconds(60)))
        } throws: { error in
            if case .invalid = error as? HTTPClientError { true } else { false }
        }
    }

    @Test func `every method and a value of all bytes that HTTP has are taken`() throws {
        let values = String(decoding: (0x20...0x7E).map { UInt8($0) }, as: UTF8.self) + "\té"
        try Self.request("x-my!method", headers: [.init("a!#$%&'*+-.^_`|~9", values)]).check()
    }

    @Test func `a body is announced where a server would expect one`() {
        for method in ["POST", "PUT", "PATCH", "OPTIONS", "PURGE"] {
            #expect(Self.request(method).hasFraming)
        }
        for method in ["GET", "HEAD", "DELETE", "TRACE"] {
            #expect(!Self.request(method).hasFraming)
        }
        #expect(Self.request("GET", body: [1]).hasFraming)
        #expect(!Self.request("GET", body: []).hasFraming)
    }
}
