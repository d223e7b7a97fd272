import Compression
import NIOCore
import RPC
import Testing

@testable import Transport

private typealias Raw = RawHTTP2Client

/// Runs `body` with a client of a server, both of them real.
func withHTTP2(
    _ router: Router = .echo(), limits: HTTP2Limits = HTTP2Limits(),
    settings: [(UInt16, UInt32)] = [],
    _ body: (RawHTTP2Client, HTTP2TestServer) async throws -> Void
) async throws {
    let server = try await HTTP2TestServer.start(router, limits: limits)
    let client = try await RawHTTP2Client(to: server.address)
    client.start(settings: settings)
    try await body(client, server)
    try? await client.close()
    try await server.stop()
}

@Suite(.timeLimit(.minutes(10))) struct HTTP2CallTests {
    @Test func `the server's settings are its limits`() async throws {
        try await withHTTP2 { client, _ in
            let settings = try #require(await client.first(.settings))
            #expect(
                settings.payload
                    == [0, 3] + Raw.bytes(256) + [0, 4] + Raw.bytes(256 << 10) + [0, 6]
                    + Raw.bytes(16 << 10))
            let window = try #require(await client.first(.windowUpdate))
            #expect(window.payload == Raw.bytes((4 << 20) - 65535))
        }
    }

    @Test func `a unary call is HEADERS, DATA and trailers`() async throws {
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/Unary"))
                    + Raw.frame(.data, flags: 1, stream: 1, Raw.message([1, 2, 3])))
            let head = try #require(await client.first(.headers))
            #expect(
                head.fields == [
                    ":status: 200", "content-type: application/grpc",
                    "grpc-accept-encoding: identity,gzip",
                ])
            let data = try #require(await client.next())
            #expect(data.kind == .data)
            #expect(data.payload == Raw.message([1, 2, 3]))
            let trailers = try #require(await client.next())
            #expect(trailers.fields == ["grpc-status: 0"])
            #expect(trailers.isEnd)
        }
    }

    @Test func `an error without a message is one HEADERS frame`() async throws {
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4 | 1, stream: 1, Raw.call("/test.Echo/Unary")))
            let answer = try #require(await client.first(.headers))
            #expect(answer.isEnd)
            #expect(
                answer.fields == [
                    ":status: 200", "content-type: application/grpc",
                    "grpc-accept-encoding: identity,gzip", "grpc-status: 12",
                    "grpc-message: expected one request message, none came",
                ])
        }
    }

    @Test(arguments: [
        ("/test.Echo/Nothing", "unknown method Nothing of service test.Echo"),
        ("/test.Nobody/Unary", "unknown service test.Nobody"),
        ("/test.echo/Unary", "unknown service test.echo"),
        ("/nonsense", "malformed path /nonsense, expected /service/method"),
    ])
    func `what is not served is UNIMPLEMENTED, and the client is told to stop`(
        path: String, message: String
    ) async throws {
        try await withHTTP2 { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Raw.call(path)))
            let answer = try #require(await client.first(.headers))
            #expect(answer.fields.suffix(2) == ["grpc-status: 12", "grpc-message: \(message)"])
            let reset = try #require(await client.first(.reset))
            #expect(reset.errorCode == 0)
        }
    }

    @Test func `a streaming call answers while its request goes on`() async throws {
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/Bidirectional")))
            for byte in UInt8(0)..<5 {
                client.send(Raw.frame(.data, stream: 1, Raw.message([byte])))
                let data = try #require(await client.first(.data))
                #expect(data.payload == Raw.message([byte]))
            }
            client.send(Raw.frame(.data, flags: 1, stream: 1))
            let trailers = try #require(await client.first(.headers))
            #expect(trailers.fields == ["grpc-status: 0"])
            #expect(trailers.isEnd)
        }
    }

    @Test(arguments: [("gzip", UInt8(1)), ("identity", 0)])
    func `a handler may have its messages compressed, if the client takes that`(
        accepted: String, flag: UInt8
    ) async throws {
        let method = MethodDescriptor(service: "test.Pack", method: "Pack", kind: .unary)
        let handler = MethodHandler.unary { request, context in
            context.response.compressesMessages = true
            return request
        }
        try await withHTTP2(.echo([(method, handler)])) { client, _ in
            let payload = [UInt8](repeating: 65, count: 1000)
            client.send(
                Raw.frame(
                    .headers, flags: 4, stream: 1,
                    Raw.call(
                        "/test.Pack/Pack",
                        [("grpc-accept-encoding", accepted), ("grpc-encoding", "gzip")]))
                    + Raw.frame(
                        .data, flags: 1, stream: 1,
                        Raw.message(try Gzip.compress(payload), flag: 1)))
            let head = try #require(await client.first(.headers))
            #expect(head.fields.contains("grpc-encoding: gzip") == (flag == 1))
            let data = try #require(await client.first(.data))
            #expect(data.payload.first == flag)
            let message = Array(data.payload.dropFirst(5))
            #expect(
                try (flag == 1 ? Gzip.decompress(message, limit: 10_000) : message) == payload)
        }
    }

    @Test func `a handler that writes nothing ends with its trailers alone`() async throws {
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4 | 1, stream: 1, Raw.call("/test.Echo/Bidirectional")))
            let answer = try #require(await client.first(.headers))
            #expect(answer.isEnd)
            #expect(answer.fields.last == "grpc-status: 0")
        }
    }

    @Test(arguments: [
        ("application/json", "/test.Echo/Unary", "415"), ("text/plain", "/", "404"),
    ])
    func `a request that is not gRPC gets an HTTP status`(
        contentType: String, path: String, status: String
    ) async throws {
        try await withHTTP2 { client, _ in
            let block = Raw.block([
                (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
                ("content-type", contentType),
            ])
            client.send(Raw.frame(.headers, flags: 4 | 1, stream: 1, block))
            let answer = try #require(await client.first(.headers))
            #expect(answer.fields.first == ":status: \(status)")
            #expect(answer.isEnd)
        }
    }

    @Test func `a deadline that passes ends the call`() async throws {
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(
                    .headers, flags: 4, stream: 1,
                    Raw.call("/test.Echo/Bidirectional", [("grpc-timeout", "5m")])))
            let answer = try #require(await client.first(.headers))
            #expect(answer.fields.contains("grpc-status: 4"))
            let reset = try #require(await client.first(.reset))
            #expect(reset.errorCode == 0)
        }
    }

    @Test func `a reset cancels the handler`() async throws {
        let started = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        let cancelled = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        let method = MethodDescriptor(service: "test.Wait", method: "Wait", kind: .unary)
        let handler = MethodHandler.unary { request, _ in
            started.succeed()
            do { try await Task.sleep(for: .seconds(3600)) } catch { cancelled.succeed() }
            return request
        }
        try await withHTTP2(.echo([(method, handler)])) { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Wait/Wait"))
                    + Raw.frame(.data, flags: 1, stream: 1, Raw.message([])))
            try await started.futureResult.get()
            client.send(Raw.frame(.reset, stream: 1, Raw.bytes(8)))
            try await cancelled.futureResult.get()
        }
    }

    @Test func `a closed connection cancels its handlers`() async throws {
        let started = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        let cancelled = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        let method = MethodDescriptor(service: "test.Wait", method: "Wait", kind: .bidirectional)
        let handler = MethodHandler.bidirectional { reader, _, _ in
            started.succeed()
            do { _ = try await reader.next() } catch is CancellationError { cancelled.succeed() }
        }
        try await withHTTP2(.echo([(method, handler)])) { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Wait/Wait")))
            try await started.futureResult.get()
            try await client.close()
            try await cancelled.futureResult.get()
        }
    }

    @Test func `a drain announces itself, finishes what runs, and closes`() async throws {
        try await withHTTP2 { client, server in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/Bidirectional"))
                    + Raw.frame(.data, stream: 1, Raw.message([1])))
            _ = try #require(await client.first(.data))
            try await server.drain()
            let notice = try #require(await client.first(.goAway))
            #expect(notice.payload == Raw.bytes(0x7FFF_FFFF) + Raw.bytes(0))
            let ping = try #require(await client.first(.ping))
            // A call that crossed the notice on its way is still served.
            client.send(
                Raw.frame(.headers, flags: 4, stream: 3, Raw.call("/test.Echo/Unary"))
                    + Raw.frame(.data, flags: 1, stream: 3, Raw.message([7])))
            let late = try #require(await client.first { $0.kind == .data && $0.stream == 3 })
            #expect(late.payload == Raw.message([7]))
            client.send(Raw.frame(.ping, flags: 1, ping.payload))
            let goAway = try #require(await client.first(.goAway))
            #expect(goAway.payload.prefix(8) == (Raw.bytes(3) + Raw.bytes(0))[...])
            #expect(goAway.debugData == "shutdown")
            client.send(Raw.frame(.data, flags: 1, stream: 1))
            let trailers = try #require(await client.first(.headers))
            #expect(trailers.fields == ["grpc-status: 0"])
            #expect(await client.next() == nil)
        }
    }

    @Test func `a message larger than every window arrives`() async throws {
        var limits = HTTP2Limits()
        limits.streamWindowBytes = 65535
        try await withHTTP2(limits: limits) { client, _ in
            let payload = [UInt8](repeating: 7, count: 300_000)
            let body = Raw.message(payload)
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/ClientStreaming")))
            // Sends only what the server's window allows, as a client must.
            var window = 65535
            var sent = 0
            while sent < body.count {
                let count = min(16384, window, body.count - sent)
                if count == 0 {
                    let update = try #require(
                        await client.first { $0.kind == .windowUpdate && $0.stream == 1 })
                    window += update.payload.reduce(0) { $0 << 8 | Int($1) }
                    continue
                }
                client.send(Raw.frame(.data, stream: 1, Array(body[sent..<sent + count])))
                sent += count
                window -= count
            }
            client.send(
                Raw.frame(.windowUpdate, Raw.bytes(1 << 20))
                    + Raw.frame(.windowUpdate, stream: 1, Raw.bytes(1 << 20))
                    + Raw.frame(.data, flags: 1, stream: 1))
            var received: [UInt8] = []
            while let frame = await client.first({ $0.kind == .data || $0.isEnd }) {
                received += frame.payload
                if received.count == body.count { break }
            }
            #expect(received == body)
        }
    }

    @Test func `a handler that does not read holds its client back`() async throws {
        var limits = HTTP2Limits()
        limits.streamWindowBytes = 65535
        let go = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        let method = MethodDescriptor(service: "test.Wait", method: "Wait", kind: .clientStreaming)
        let handler = MethodHandler.clientStreaming { reader, _ in
            try await go.futureResult.get()
            var count = 0
            while let message = try await reader.next() { count += message.readableBytes }
            return ByteBuffer(string: "\(count)")
        }
        try await withHTTP2(.echo([(method, handler)]), limits: limits) { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Wait/Wait")))
            let message = Raw.message([UInt8](repeating: 1, count: 10_000))
            for _ in 0..<6 { client.send(Raw.frame(.data, stream: 1, message)) }
            client.send(Raw.frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]))
            // Nothing is granted before the answer to a later ping.
            let frame = try #require(
                await client.first {
                    $0.kind == .ping || ($0.kind == .windowUpdate && $0.stream == 1)
                })
            #expect(frame.kind == .ping)
            go.succeed()
            let update = await client.first { $0.kind == .windowUpdate && $0.stream == 1 }
            #expect(update != nil)
            client.send(Raw.frame(.data, flags: 1, stream: 1))
            let answer = try #require(await client.first(.data))
            #expect(answer.payload == Raw.message(Array("60000".utf8)))
        }
    }

    @Test func `a client that does not read holds its handler back`() async throws {
        let blocked = HTTP2TestServer.eventLoop.makePromise(of: Int.self)
        let method = MethodDescriptor(
            service: "test.Flood", method: "Flood", kind: .serverStreaming)
        let handler = MethodHandler.serverStreaming { _, writer, _ in
            let message = ByteBuffer(repeating: 1, count: 1000)
            for count in 1...1000 {
                // The window and the queue take so many; then this handler must wait.
                if count == 131 { blocked.succeed(count) }
                #expect(count <= 131)
                try await writer.write(message)
            }
        }
        try await withHTTP2(.echo([(method, handler)])) { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Flood/Flood"))
                    + Raw.frame(.data, flags: 1, stream: 1, Raw.message([])))
            _ = try await blocked.futureResult.get()
            client.send(Raw.frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]))
            #expect(await client.first(.ping) != nil)
        }
    }
}
