@testable import Engine
import Messages
import Model
import Testing

/// The `http` kind against a real server, and the addresses it refuses.
@Suite struct HTTPBodyTests {
    private static func body(_ server: TestHTTPServer) -> HTTPBody {
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1:\(server.port)"]
        return HTTPBody(configuration: configuration)
    }

    @Test func `a request carries token, trace and body, and its answer is parsed`() async throws {
        let server = try await TestHTTPServer.start { _ in
            .init(headers: [("content-type", "application/json")], body: #"{"n":1.10}"#)
        }
        let body = Self.body(server)
        let plan = HTTPPlan(
            method: "POST", url: "http://127.0.0.1:\(server.port)/x?y=1",
            headers: [.init("x-a", "b")], body: "{}", contentType: "application/json")
        let output = try await body.send(plan, token: "t", traceparent: "00-1").get()
        #expect(output.contains(#""status":200"#))
        #expect(output.contains(#""body":{"n":1.10}"#))
        let seen = try #require(server.seen.first)
        #expect(seen.method == "POST")
        #expect(seen.path == "/x?y=1")
        #expect(seen.body == "{}")
        #expect(seen.header("idempotency-key") == "t")
        #expect(seen.header("traceparent") == "00-1")
        #expect(seen.header("x-a") == "b")
        #expect(seen.header("content-type") == "application/json")
        await body.shutDown()
        try await server.stop()
    }

    @Test func `the trace of a trigger goes with its requests`() async throws {
        let http = try await TestHTTPServer.start { _ in .init() }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1:\(http.port)"]
        let server = try await TestServer(configuration: configuration)
        try await server.put(Definitions.http(port: http.port))
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let run = try await server.engine.trigger(
            NewExecution(workspaceID: "default", workflowID: "flow", traceparent: trace)
        ).execution
        #expect(try await server.rest(run).status == .completed)
        #expect(http.seen.map { $0.header("traceparent") } == [trace])
        await server.stop()
        try await http.stop()
    }

    @Test func `another status is an error with the answer in its details`() async throws {
        let server = try await TestHTTPServer.start { _ in .init(status: 503, body: "down") }
        let body = Self.body(server)
        let plan = HTTPPlan(method: "GET", url: "http://127.0.0.1:\(server.port)/")
        await #expect {
            _ = try await body.send(plan, token: "t", traceparent: "").get()
        } throws: {
            guard let failure = $0 as? NodeFailure else { return false }
            return failure.code == "HTTP_STATUS" && failure.detailsJSON.contains(#""body":"down""#)
        }
        await body.shutDown()
        try await server.stop()
    }

    @Test func `who says nothing is timed out, and where nobody listens is unreachable`()
        async throws
    {
        let server = try await TestHTTPServer.start { _ in nil }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        configuration.httpTimeout = .milliseconds(200)
        let body = HTTPBody(configuration: configuration)
        let url = "http://127.0.0.1:\(server.port)/"
        var codes: [String] = []
        for _ in 0..<2 {
            do throws(NodeFailure) {
                _ = try await body.send(
                    HTTPPlan(method: "GET", url: url), token: "", traceparent: ""
                ).get()
            } catch {
                codes.append(error.code)
            }
            if codes.count == 1 { try await server.stop() }
        }
        #expect(codes == ["HTTP_TIMED_OUT", "HTTP_UNREACHABLE"])
        await body.shutDown()
    }

    @Test func `where an address cannot be connected to, the next allowed one is tried`()
        async throws
    {
        let server = try await TestHTTPServer.start { _ in .init(body: "there") }
        var configuration = EngineConfiguration()
        // Nobody listens on the first; the second is not allowed.
        configuration.httpAllow = ["127.0.0.9:\(server.port)", "127.0.0.1:\(server.port)"]
        let body = HTTPBody(configuration: configuration) { _ in
            ["127.0.0.9", "127.0.0.2", "127.0.0.1"]
        }
        let url = "http://many.example:\(server.port)/"
        let output = try await body.send(
            HTTPPlan(method: "GET", url: url), token: "", traceparent: ""
        ).get()
        #expect(output.contains(#""body":"there""#))
        #expect(server.seen.count == 1)
        await body.shutDown()
        try await server.stop()
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `an address is its own name`(address: String) async throws {
        #expect(try await HostAddresses.of(address) == [address])
    }

    @Test(arguments: [
        "http://user@127.0.0.1/", "http://user:secret@127.0.0.1/", "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/", "ftp://127.0.0.1/", "http:///", "http://a b/",
    ])
    func `what is no URL to send to is refused`(url: String) async throws {
        #expect(!HTTPNode.isURL(url))
        let body = HTTPBody(configuration: EngineConfiguration())
        await #expect {
            _ = try await body.send(
                HTTPPlan(method: "GET", url: url), token: "", traceparent: ""
            ).get()
        } throws: {
            ($0 as? NodeFailure)?.code == "HTTP_BAD_URL"
        }
        await body.shutDown()
    }

    @Test func `redirects are followed to their limit, and checked like any request`() async throws
    {
        let server = try await TestHTTPServer.start { seen in
            switch seen.path {
            case "/a": .init(status: 302, headers: [("location", "/b")])
            case "/b": .init(body: "there")
            case "/private": .init(status: 307, headers: [("location", "http://127.0.0.2:1/")])
            default: .init(status: 302, headers: [("location", "/loop")])
            }
        }
        let body = Self.body(server)
        let base = "http://127.0.0.1:\(server.port)"
        let there = try await body.send(
            HTTPPlan(method: "GET", url: base + "/a"), token: "", traceparent: ""
        ).get()
        #expect(there.contains(#""body":"there""#))
        for (path, code) in [
            ("/loop", "HTTP_TOO_MANY_REDIRECTS"), ("/private", "HTTP_FORBIDDEN_ADDRESS"),
        ] {
            await #expect {
                _ = try await body.send(
                    HTTPPlan(method: "GET", url: base + path), token: "", traceparent: ""
                ).get()
            } throws: {
                ($0 as? NodeFailure)?.code == code
            }
        }
        await body.shutDown()
        try await server.stop()
    }

    @Test func `what is not allowed, too large or unreachable is refused`() async throws {
        let server = try await TestHTTPServer.start { _ in
            .init(body: String(repeating: "x", count: 1_000))
        }
        let body = Self.body(server)
        let base = "http://127.0.0.1:\(server.port)/"
        let cases: [(HTTPPlan, String)] = [
            (
                HTTPPlan(method: "GET", url: base, responseBytesMax: 999),
                "HTTP_RESPONSE_TOO_LARGE"
            ),
            (HTTPPlan(method: "GET", url: "http://127.0.0.1:1/"), "HTTP_FORBIDDEN_ADDRESS"),
            (HTTPPlan(method: "GET", url: "http://localhost/"), "HTTP_FORBIDDEN_ADDRESS"),
            (HTTPPlan(method: "GET", url: "http://[::1]/"), "HTTP_FORBIDDEN_ADDRESS"),
            (HTTPPlan(method: "GET", url: "http://169.254.169.254/"), "HTTP_FORBIDDEN_ADDRESS"),
            (HTTPPlan(method: "GET", url: "http://2130706433/"), "HTTP_FORBIDDEN_ADDRESS"),
        ]
        for (plan, code) in cases {
            await #expect {
                _ = try await body.send(plan, token: "", traceparent: "").get()
            } throws: {
                ($0 as? NodeFailure)?.code == code
            }
        }
        await body.shutDown()
        try await server.stop()
    }

    @Test(arguments: [
        ("8.8.8.8", true), ("127.0.0.1", false), ("10.1.2.3", false), ("172.16.0.1", false),
        ("172.32.0.1", true), ("192.168.1.1", false), ("169.254.169.254", false),
        ("100.64.0.1", false), ("0.0.0.0", false), ("224.0.0.1", false),
        ("255.255.255.255", false), ("198.18.0.1", false), ("::1", false), ("::", false),
        ("::ffff:127.0.0.1", false), ("::ffff:8.8.8.8", true), ("fe80::1%eth0", false),
        ("fc00::1", false), ("fd12::1", false), ("ff02::1", false), ("2001:db8::1", false),
        ("2002:7f00:1::", false), ("64:ff9b::7f00:1", false), ("2606:4700::1111", true),
        ("nonsense", false), ("1.2.3", false), ("1:2:3", false),
    ])
    func `an address is public or not`(_ address: String, _ isPublic: Bool) {
        #expect(AddressRules.isPublic(address) == isPublic)
    }

    @Test func `a body that takes too long fails its attempt`() async throws {
        let http = try await TestHTTPServer.start { _ in nil }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        let server = try await TestServer(configuration: configuration)
        try await server.put(Definitions.http(port: http.port, data: #","timeout":"5s""#))
        let execution = try await server.trigger().execution
        while http.seen.isEmpty { await Task.yield() }
        server.environment.advance(by: .seconds(6))
        let ended = try await server.rest(execution)
        #expect(ended.status == .failed)
        #expect(ended.reason == .timedOut)
        #expect(ended.error?.code == "NODE_TIMED_OUT")
        await server.stop()
        try await http.stop()
    }
}
