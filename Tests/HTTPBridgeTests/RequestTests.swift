import HTTPTypes
import JSON
import NIOCore
import Operations
import Testing

@testable import HTTPBridge

/// What is read of a request before its dialect sees it, and what is added to its answer after.
@Suite struct RequestTests {
    @Test func `a query is read in order, decoded, and once for each time a name came`() throws {
        let query = try QueryItems("a=1&b=x%20y+z&a=%C3%A9&c&d=")
        #expect(query.names == ["a", "b", "a", "c", "d"])
        #expect(query.first("a") == "1")
        #expect(query.all("a") == ["1", "é"])
        #expect(query.first("b") == "x y z")
        #expect(query.first("c") == "")
        #expect(query.first("missing") == nil)
        #expect(try query.integer("a", in: 0...1) == 1)
        #expect(try query.integer("missing", in: 0...1) == nil)
        #expect(throws: Fault.self) { try query.integer("b", in: 0...1) }
        #expect(throws: Fault.self) { try QueryItems("a=2").integer("a", in: 0...1) }
        #expect(try QueryItems("f=true").bool("f") == true)
        #expect(throws: Fault.self) { try QueryItems("f=yes").bool("f") }
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%FF", "%00=1", "a=%00"])
    func `a query that is no text is refused`(query: String) {
        let fault = #expect(throws: Fault.self) { try QueryItems(Substring(query)) }
        #expect(fault?.code == "MALFORMED_TARGET")
    }

    @Test func `percent-encoding goes both ways`() {
        for text in ["", "plain", "a b/c?d=é%", "\u{1F600}"] {
            #expect(PercentEncoding.decode(Substring(PercentEncoding.encode(text))) == text)
        }
        #expect(PercentEncoding.encode("a b/é") == "a%20b%2F%C3%A9")
        #expect(PercentEncoding.decode("a+b") == "a+b")
        #expect(PercentEncoding.decode("a+b", plusIsSpace: true) == "a b")
        #expect(PercentEncoding.decode("%2") == nil)
    }

    @Test func `addresses of one network are one source`() {
        #expect(SourceNetwork.text("192.0.2.7:443") == "192.0.2.7")
        #expect(SourceNetwork.text("[2001:db8:0:1::7]:443") == "2001:db8:0:1::/64")
        #expect(SourceNetwork.text("[2001:db8:0:1:ffff::]:1") == "2001:db8:0:1::/64")
        #expect(SourceNetwork.text("[::ffff:192.0.2.7]:443") == "192.0.2.7")
        #expect(SourceNetwork.text("[::1]:443") == "0:0:0:0::/64")
        #expect(SourceNetwork.text("unknown") == "unknown")
    }

    @Test func `a path matches its template, and the one that says more of it wins`() {
        let one = PathTemplate("/execution/{id}")
        let word = PathTemplate("/execution/status")
        #expect(one.captures == ["id"])
        #expect(one.match("/execution/exec-1") == ["id": "exec-1"])
        #expect(one.match("/execution/") == nil)
        #expect(one.match("/execution/1/more") == nil)
        #expect(one.match("/other/1") == nil)
        #expect(word.isMoreSpecific(than: one))
        #expect(!one.isMoreSpecific(than: word))
        #expect(!word.isMoreSpecific(than: word))
    }

    @Test func `a trace is the client's where it is one`() throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let name = try #require(HTTPField.Name("traceparent"))
        let given = RequestTrace([name: parent]) { (1, 2) }
        #expect(given.traceparent == parent)
        #expect(given.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(given.requestID == given.traceID)
        for wrong in [
            "", "00-x", parent.uppercased(), "ff" + parent.dropFirst(2),
            "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01",
        ] {
            let made = RequestTrace([name: wrong]) { (1, 2) }
            #expect(made.traceparent == "")
            #expect(made.traceID == "00000000000000010000000000000002")
        }
        #expect(RequestTrace([.requestID: "mine-1"]) { (1, 2) }.requestID == "mine-1")
        for wrong in ["with space", String(repeating: "x", count: 129)] {
            let made = RequestTrace([.requestID: wrong]) { (1, 2) }
            #expect(made.requestID == made.traceID)
        }
    }

    @Test func `only configured origins may read answers`() {
        let policy = CrossOriginPolicy(origins: ["https://App.example.com"])
        #expect(policy.allowedOrigin("https://app.example.com") == "https://app.example.com")
        for foreign in ["https://app.example.com.evil", "http://app.example.com", "null", ""] {
            #expect(policy.allowedOrigin(foreign) == nil)
        }
        #expect(CrossOriginPolicy().allowedOrigin("https://app.example.com") == nil)
        #expect(CrossOriginPolicy(origins: ["*"]).allowedOrigin("https://any") == "*")
        let fields = policy.preflight(origin: "https://app.example.com", methods: [.get, .post])
        #expect(fields[.accessControlAllowMethods] == "GET, POST")
    }

    private static func local(
        _ authority: String?, _ fields: HTTPFields = [:], takesText: Bool = false
    ) throws(Fault) {
        try LocalGuard.check(
            HTTPRequest(
                method: .post, scheme: "http", authority: authority, path: "/",
                headerFields: fields), port: 3003, CrossOriginPolicy(origins: ["https://mine"]),
            takesText: takesText)
    }

    @Test func `the loopback listener serves this machine's pages and programs only`() throws {
        for host in ["localhost:3003", "127.0.0.1:3003", "[::1]:3003", "LOCALHOST:3003"] {
            try Self.local(host)
            try Self.local(host, [.origin: "http://localhost:3003"])
            try Self.local(host, [.origin: "https://mine"])
            try Self.local(host, [.contentType: "application/json; charset=utf-8"])
            try Self.local(host, [.contentType: "multipart/form-data; boundary=x"])
        }
        try Self.local("localhost:3003", [.contentType: "text/plain"], takesText: true)
        for host in [nil, "localhost", "evil.test:3003", "localhost:80", "127.0.0.1.evil:3003"] {
            let fault = #expect(throws: Fault.self) { try Self.local(host) }
            #expect(fault?.code == "HOST_REFUSED")
        }
        for origin in ["http://evil.test", "null", "http://localhost:80", "https://localhost:3003"]
        {
            let fault = #expect(throws: Fault.self) {
                try Self.local("localhost:3003", [.origin: origin])
            }
            #expect(fault?.code == "ORIGIN_REFUSED")
        }
        for type in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let fault = #expect(throws: Fault.self) {
                try Self.local("localhost:3003", [.contentType: type])
            }
            #expect(fault?.status == .unsupportedMediaType)
        }
    }

    @Test(arguments: [
        ("W/\"a\"", true), ("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true),
        ("\"b\"", false), ("", false), ("a", false),
    ])
    func `an entity tag is found in a list, weak or strong`(list: String, isMatch: Bool) {
        #expect(Answer.matches(list, "W/\"a\"") == isMatch)
    }

    @Test(arguments: [
        ("gzip", true), ("br, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false),
        ("gzip; q=0.0", false), ("br", false), ("", false), ("x-gzip", false),
    ])
    func `gzip is used where it is accepted`(field: String, isAccepted: Bool) {
        #expect(Answer.acceptsGzip([.acceptEncoding: field]) == isAccepted)
    }

    @Test func `an answer has a tag, 304 for who has it, and gzip where it is worth it`() {
        let large = Answer.text(String(repeating: "text ", count: 1_000))
        let first = large.finished(for: .get, [:])
        let tag = first.headers[.eTag] ?? ""
        #expect(tag.hasPrefix("W/\""))
        #expect(first.headers[.contentEncoding] == nil)
        #expect(first.headers[.vary] == "accept-encoding")
        let again = large.finished(for: .get, [.ifNoneMatch: tag, .acceptEncoding: "gzip"])
        #expect(again.status == .notModified)
        #expect(again.headers[.eTag] == tag)
        let packed = large.finished(for: .get, [.acceptEncoding: "gzip"])
        #expect(packed.headers[.contentEncoding] == "gzip")
        #expect(packed.headers[.eTag] == tag)
        guard case .bytes(let bytes) = packed.body else {
            Issue.record("expected bytes")
            return
        }
        #expect(bytes.readableBytes < 1_000)
        let small = Answer.text("small").finished(for: .get, [.acceptEncoding: "gzip"])
        #expect(small.headers[.contentEncoding] == nil)
        let changed = large.finished(for: .post, [.ifNoneMatch: tag])
        #expect(changed.headers[.eTag] == nil)
        #expect(changed.status == .ok)
    }

    @Test func `Retry-After is a whole number of seconds, at least one`() {
        func seconds(_ status: HTTPResponse.Status, _ after: Duration?) -> Int64? {
            var fault = Fault(status, code: "X", "x")
            fault.retryAfter = after
            return fault.retryAfterSeconds
        }
        #expect(seconds(.serviceUnavailable, .milliseconds(1)) == 1)
        #expect(seconds(.serviceUnavailable, .milliseconds(2_001)) == 3)
        #expect(seconds(.serviceUnavailable, .seconds(5)) == 5)
        #expect(seconds(.tooManyRequests, nil) == 1)
        #expect(seconds(.notFound, nil) == nil)
    }

    @Test func `server-sent events have a line for each line of their data`() {
        let event = ServerSentEvent(name: "note", data: JSONText(trusted: "{\"a\":1}"))
        #expect(
            String(buffer: event.encoded(id: 7)) == "id: 7\nevent: note\ndata: {\"a\":1}\n\n")
        #expect(
            String(buffer: ServerSentEvent(data: JSONText(trusted: "[1,\n2]")).encoded(id: nil))
                == "data: [1,\ndata: 2]\n\n")
    }
}
