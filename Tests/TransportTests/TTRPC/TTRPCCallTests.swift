import NIOCore
import RPC
import Testing

@testable import Transport

/// Calls from our client to our listener, over real sockets.
@Suite struct TTRPCCallTests {
    @Test func `a unary call is answered`() async throws {
        let server = try await TestServer()
        let client = try await server.connect()
        let answer = try await client.unary(
            TestServer.echo, ByteBuffer(string: "hello"), options: CallOptions())
        #expect(String(buffer: answer) == "hello")
        await client.close()
        await server.stop()
    }

    @Test func `a server streams its messages in order and ends`() async throws {
        let server = try await TestServer()
        let client = try await server.connect()
        let reader = try await client.serverStreaming(
            TestServer.count, ByteBuffer(string: "1000 100"), options: CallOptions())
        var expected: UInt32 = 0
        while let message = try await reader.next() {
            #expect(message.getInteger(at: message.readerIndex) == expected)
            #expect(message.readableBytes == 100)
            expected += 1
        }
        #expect(expected == 1000)
        await client.close()
        await server.stop()
    }
}
