import Foundation
import Synchronization
import Testing

@testable import HTTPClient

/// The client against real servers, which say what the tests have them say.
@Suite struct HTTPClientTests {
    /// No test waits for it.
    private static var late: ContinuousClock.Instant { .now.advanced(by: .seconds(120)) }

    private static func get(_ url: String, bytesMax: Int = 1 << 20) -> HTTPClientRequest {
        HTTPClientRequest(url: url, responseBytesMax: bytesMax)
    }

    /// Runs `body` with a server and a client.
    private static func with(
        limits: HTTPClientLimits = HTTPClientLimits(),
        answer: @escaping @Sendable (RawServer.Request) -> RawServer.Answer,
        _ body: (RawServer, HTTPClient) async throws -> Void
    ) async throws {
        let server = try await RawServer(answer)
        let client = HTTPClient(limits: limits)
        try await body(server, client)
        await client.shutDown()
        try await server.stop()
    }

    private static func failure(
        _ client: HTTPClient, _ request: HTTPClientRequest,
        at endpoint: HTTPClientRequest.Endpoint? = nil,
        until deadline: ContinuousClock.Instant = Self.late
    ) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            _ = try await client.send(request, at: endpoint, until: deadline)
            return nil
        } catch {
            return error
        }
    }

    private static func isFailed(_ error: HTTPClientError?) -> Bool {
        if case .failed = error { true } else { false }
    }

    // MARK: What is sent

    @Test func `a request is sent as it was made, with nothing added`() async throws {
        try await Self.with(answer: { _ in .ok("there") }) { server, client in
            let request = HTTPClientRequest(
                method: "POST", url: "http://name.example:\(server.port)/a/../b?c=%20d#e",
                headers: [
                    .init("X-A", "b"), .init("x-a", " "), .init("authorization", "Basic eA=="),
                ],
                body: Array("hi".utf8), responseBytesMax: 5)
            let response = try await client.send(
                request, at: .init(address: "127.0.0.1", port: server.port), until: Self.late)
            #expect(response.status == 200)
            #expect(response.body == Array("there".utf8))
            #expect(response.headers.map(\.name) == ["content-length"])
            let seen = try #require(server.requests.first)
            #expect(seen.lines.first == "POST /a/../b?c=%20d HTTP/1.1")
            #expect(
                Set(seen.lines.dropFirst()) == [
                    "Host: name.example:\(server.port)", "X-A: b", "x-a:",
                    "authorization: Basic eA==", "Content-Length: 2",
                ])
            #expect(seen.body == Array("hi".utf8))
        }
    }

    @Test(
        arguments: [
            ("GET", nil, []), ("HEAD", nil, []), ("DELETE", nil, []),
            ("PURGE", nil, ["Content-Length: 0"]),
            ("POST", nil, ["Content-Length: 0"]), ("OPTIONS", [], ["Content-Length: 0"]),
            ("GET", [1], ["Content-Length: 1"]), ("DELETE", [0, 255], ["Content-Length: 2"]),
        ] as [(String, [UInt8]?, [String])])
    func `every method, with and without a body`(
        method: String, body: [UInt8]?, framing: [String]
    ) async throws {
        try await Self.with(answer: { _ in .ok() }) { server, client in
            _ = try await client.send(
                HTTPClientRequest(
                    method: method, url: server.url(), body: body, responseBytesMax: 0),
                until: Self.late)
            let seen = try #require(server.requests.first)
            #expect(
                seen.lines == ["\(method) / HTTP/1.1", "Host: 127.0.0.1:\(server.port)"] + framing)
            #expect(seen.body == body ?? [])
        }
    }

    @Test func `a body of megabytes is sent whole, and each over a connection of its own`()
        async throws
    {
        try await Self.with(answer: { .ok("\($0.body.count)") }) { server, client in
            let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0) }
            for method in ["PUT", "POST"] {
                let response = try await client.send(
                    HTTPClientRequest(
                        method: method, url: server.url(), body: body, responseBytesMax: 10),
                    until: Self.late)
                #expect(response.body == Array("2000000".utf8))
            }
            #expect(server.requests.count { $0.body == body } == 2)
            #expect(server.connections == 2)
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://u:p@127.0.0.1/"])
    func `other schemes and credentials in a URL are refused`(url: String) async {
        let client = HTTPClient()
        #expect(Self.isFailed(await Self.failure(client, Self.get(url))))
        await client.shutDown()
    }

    // MARK: Where it is sent

    @Test func `the address given is where a request goes, whatever its name`() async throws {
        try await Self.with(answer: { _ in .ok("first") }) { server, client in
            let other = try await RawServer(host: "127.0.0.2", port: server.port) { _ in
                .ok("other")
            }
            let request = Self.get("http://name.example:\(server.port)/")
            for address in ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"] {
                let body = try await client.send(
                    request, at: .init(address: address, port: server.port), until: Self.late
                ).body
                #expect(
                    String(decoding: body, as: UTF8.self)
                        == (address == "127.0.0.1" ? "first" : "other"))
            }
            #expect(server.requests.map(\.connection) == [0, 1])
            #expect(other.requests.map(\.connection) == [0, 1])
            try await other.stop()
        }
    }

    @Test func `an IPv6 address and another port than the name's are connected to`() async throws {
        let server = try await RawServer(host: "::1") { _ in .ok() }
        let client = HTTPClient()
        _ = try await client.send(
            Self.get("http://name.example/"), at: .init(address: "::1", port: server.port),
            until: Self.late)
        #expect(server.requests.first?.lines.last == "Host: name.example")
        await client.shutDown()
        try await server.stop()
    }

    @Test func `where nobody listens, nothing was sent`() async throws {
        try await Self.with(answer: { _ in .ok() }) { server, client in
            let error = await Self.failure(
                client, Self.get(server.url()), at: .init(address: "127.0.0.9", port: server.port))
            #expect(error?.isUnconnected == true)
            #expect(server.connections == 0)
        }
    }

    @Test func `a connection that is not ready in time is unconnected, too`() async throws {
        // Nobody answers the handshake.
        try await Self.with(answer: { _ in .nothing }) { server, client in
            let error = await Self.failure(
                client, Self.get("https://127.0.0.1:\(server.port)/"),
                until: .now.advanced(by: .milliseconds(200)))
            #expect(error == .connectTimedOut)
        }
    }

    // MARK: How it ends

    @Test func `a deadline ends a request that was sent, and one that has passed sends none`()
        async throws
    {
        try await Self.with(answer: { _ in .nothing }) { server, client in
            let request = Self.get(server.url())
            #expect(
                await Self.failure(client, request, until: .now.advanced(by: .milliseconds(300)))
                    == .timedOut)
            #expect(server.requests.count == 1)
            #expect(await Self.failure(client, request, until: .now) == .timedOut)
            #expect(server.requests.count == 1)
            await server.closed(1)
        }
    }

    @Test func `a cancelled request ends at once and its connection with it`() async throws {
        try await Self.with(answer: { _ in .nothing }) { server, client in
            let request = Self.get(server.url())
            let task = Task { await Self.failure(client, request) }
            await server.received(1)
            task.cancel()
            #expect(await task.value == .cancelled)
            await server.closed(1)
            let late = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return await Self.failure(client, request)
            }
            #expect(await late.value == .cancelled)
        }
    }

    @Test func `requests wait for their turn, can be cancelled and expire there, and are bounded`()
        async throws
    {
        var limits = HTTPClientLimits()
        limits.transfersMax = 1
        limits.waitingMax = 1
        try await Self.with(limits: limits, answer: { _ in .nothing }) { server, client in
            let request = Self.get(server.url())
            let first = Task { await Self.failure(client, request) }
            await server.received(1)
            #expect(
                await Self.failure(client, request, until: .now.advanced(by: .milliseconds(50)))
                    == .timedOut)
            // Of two more, one waits and the other is refused; what waits is cancelled.
            let errors = await withTaskGroup(of: HTTPClientError?.self) { group in
                for _ in 0..<2 { group.addTask { await Self.failure(client, request) } }
                var errors: [HTTPClientError?] = []
                for await error in group {
                    errors.append(error)
                    group.cancelAll()
                }
                return errors
            }
            #expect(errors == [.overloaded(limit: 1), .cancelled])
            #expect(server.requests.count == 1)
            first.cancel()
            #expect(await first.value == .cancelled)
        }
    }

    @Test func `a host that does not answer holds up nobody else's requests`() async throws {
        var limits = HTTPClientLimits()
        limits.transfersMax = 3
        limits.transfersPerHostMax = 2
        limits.waitingPerHostMax = 3
        try await Self.with(limits: limits, answer: { _ in .nothing }) { silent, client in
            let stuck = (0..<2).map { _ in
                Task { await Self.failure(client, Self.get(silent.url())) }
            }
            await silent.received(2)
            // Three wait, and one is refused.
            let (failures, failed) = AsyncStream.makeStream(of: HTTPClientError?.self)
            let waiting = (0..<4).map { _ in
                Task { _ = failed.yield(await Self.failure(client, Self.get(silent.url()))) }
            }
            var failure = failures.makeAsyncIterator()
            #expect(await failure.next() == .overloaded(limit: 3))
            let other = try await RawServer { .ok($0.path) }
            for number in 0..<3 {
                let answer = try await client.send(
                    Self.get(other.url("/\(number)")), until: Self.late)
                #expect(answer.body == Array("/\(number)".utf8))
            }
            #expect(silent.requests.count == 2)
            // Those that end make room for the next of their host.
            for task in stuck { task.cancel() }
            await silent.received(4)
            for task in stuck { #expect(await task.value == .cancelled) }
            for task in waiting { task.cancel() }
            for _ in 0..<3 { #expect(await failure.next() == .cancelled) }
            try await other.stop()
        }
    }

    @Test func `where no thread can be started, requests fail, and the next one tries again`()
        async throws
    {
        let server = try await RawServer { _ in .ok("there") }
        let isScarce = Atomic(true)
        let client = HTTPClient(spawn: { body in
            isScarce.load(ordering: .relaxed) ? EAGAIN : DetachedThread.start(body)
        })
        let request = Self.get(server.url())
        let error = await Self.failure(client, request)
        #expect(error?.isUnconnected == true)
        #expect(error?.description.contains("no thread") == true)
        #expect(server.connections == 0)
        isScarce.store(false, ordering: .relaxed)
        let answer = try await client.send(request, until: Self.late)
        #expect(answer.body == Array("there".utf8))
        await client.shutDown()
        try await server.stop()
    }

    @Test func `two hundred at once, sixteen at a time`() async throws {
        var limits = HTTPClientLimits()
        limits.transfersMax = 16
        try await Self.with(limits: limits, answer: { .ok($0.path) }) { server, client in
            let bodies = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let response = try await client.send(
                            Self.get(server.url("/\(number)")), until: Self.late)
                        return String(decoding: response.body, as: UTF8.self)
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(bodies == Set((0..<200).map { "/\($0)" }))
            #expect(server.connections == 200)
        }
    }

    @Test func `shutting down fails what is under way and what comes later`() async throws {
        try await Self.with(answer: { _ in .nothing }) { server, client in
            let request = Self.get(server.url())
            let tasks = (0..<5).map { _ in Task { await Self.failure(client, request) } }
            await server.received(5)
            await client.shutDown()
            for task in tasks { #expect(await task.value == .shutDown) }
            await server.closed(5)
            #expect(await Self.failure(client, request) == .shutDown)
            await client.shutDown()
        }
    }

    @Test func `a connection is closed once its answer is there`() async throws {
        try await Self.with(answer: { _ in .ok("x") }) { server, client in
            _ = try await client.send(Self.get(server.url()), until: Self.late)
            await server.closed(1)
        }
    }

    /// RFC 9112, section 9.2.
    @Test func `what a server says unasked is nobody's answer`() async throws {
        let evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nEVIL"
        try await Self.with(answer: {
            .text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\($0.path)\(evil)")
        }) { server, client in
            for path in ["/0", "/1", "/2"] {
                let response = try await client.send(Self.get(server.url(path)), until: Self.late)
                #expect(response.body == Array(path.utf8))
            }
        }
    }

    @Test func `a handle that takes another's place is told at once`() throws {
        var table = TransferTable(
            try #require(MultiHandle()), limits: HTTPClientLimits(), trustFile: nil)
        table.fail("broken")
        let told = table.sleep()
        #expect(told != nil)
    }
}
