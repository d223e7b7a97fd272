import Testing

@testable import HTTPClient

/// The head of an answer, as a value.
@Suite struct ResponseHeadTests {
    private static func head(_ lines: String...) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { head.take(Array((line + "\r\n").utf8)) }
        return head
    }

    @Test func `a status and headers, in their order and as they were written`() {
        let head = Self.head("HTTP/1.1 404 Not Found", "B: 1", "a:2 ", "B:\t 3", "e:", "")
        #expect(head.status == 404)
        #expect(head.headers.map(\.name) == ["B", "a", "B", "e"])
        #expect(head.headers.map(\.value) == ["1", "2", "3", ""])
    }

    @Test func `HTTP 2 has no reason`() {
        #expect(Self.head("HTTP/2 200 ", "a: b", "").status == 200)
    }

    @Test func `a value that goes on in the next line is one`() {
        #expect(Self.head("HTTP/1.1 200 OK", "a: b", "  c", "").headers.map(\.value) == ["b c"])
    }

    @Test func `interim answers leave nothing, trailers add nothing, and all count`() {
        let head = Self.head(
            "HTTP/1.1 100 Continue", "x: 1", "", "HTTP/1.1 103 Early Hints", "y: 2", "",
            "HTTP/1.1 200 OK", "z: 3", "", "t: 4", "")
        #expect(head.status == 200)
        #expect(head.headers.map(\.name) == ["z"])
        #expect(head.isComplete)
        #expect(head.bytes == 98)
    }

    @Test func `a head without its empty line is not whole`() {
        #expect(!Self.head("HTTP/1.1 200 OK", "a: b").isComplete)
        #expect(!Self.head("HTTP/1.1 100 Continue", "").isComplete)
    }

    @Test func `what is no header is none`() {
        #expect(Self.head("HTTP/1.1 200 OK", "nonsense", "").headers.isEmpty)
    }
}
