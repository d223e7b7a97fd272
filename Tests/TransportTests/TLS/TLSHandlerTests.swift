import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

/// Two handlers back to back, without sockets, so that every byte can be held in the hand.
@Suite struct TLSHandlerTests {
    private final class Ends {
        let client = EmbeddedChannel()
        let server = EmbeddedChannel()
        /// Bytes per piece on their way.
        let pieceBytes: Int

        init(pieceBytes: Int = .max) throws {
            self.pieceBytes = pieceBytes
            let store = try TLSContextStore(
                TLSServerConfiguration(identity: try TestCertificates.shared.get().server))
            let serverHandler = try TLSHandler.server(store.current)
            let clientHandler = try TLSHandler.client(
                TestServer.client(), serverName: "localhost")
            try server.pipeline.syncOperations.addHandler(serverHandler)
            try client.pipeline.syncOperations.addHandler(clientHandler)
        }

        deinit {
            // A channel that is not closed keeps its pipeline, and that its handlers.
            for channel in [client, server] { _ = try? channel.finish(acceptAlreadyClosed: true) }
        }

        func connect() throws {
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
            try server.connect(to: address).wait()
            try client.connect(to: address).wait()
            try exchange()
        }

        /// Carries bytes both ways until there are none.
        func exchange() throws {
            var moved = true
            while moved {
                moved = try carry(from: client, to: server)
                moved = try carry(from: server, to: client) || moved
            }
        }

        func carry(from source: EmbeddedChannel, to target: EmbeddedChannel) throws -> Bool {
            source.embeddedEventLoop.run()
            var moved = false
            while var bytes = try source.readOutbound(as: ByteBuffer.self) {
                moved = true
                while let piece = bytes.readSlice(length: min(pieceBytes, bytes.readableBytes)),
                    piece.readableBytes > 0
                {
                    guard target.isActive else { return moved }
                    try target.writeInbound(piece)
                }
            }
            return moved
        }

        func received(by channel: EmbeddedChannel) throws -> String {
            var text = ""
            while let bytes = try channel.readInbound(as: ByteBuffer.self) {
                text += String(buffer: bytes)
            }
            return text
        }
    }

    @Test func `bytes may come one by one`() throws {
        let ends = try Ends(pieceBytes: 1)
        try ends.connect()
        ends.client.writeAndFlush(ByteBuffer(string: "question"), promise: nil)
        try ends.exchange()
        #expect(try ends.received(by: ends.server) == "question")
        ends.server.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
        try ends.exchange()
        #expect(try ends.received(by: ends.client) == "answer")
    }

    @Test func `nothing is written before the handshake, and nothing leaks`() throws {
        let ends = try Ends()
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        try ends.client.connect(to: address).wait()
        let written = ends.client.writeAndFlush(ByteBuffer(string: "secret"))
        #expect(throws: TLSError.self) { try written.wait() }
        while let bytes = try ends.client.readOutbound(as: ByteBuffer.self) {
            #expect(!String(buffer: bytes).contains("secret"))
        }
        _ = try? ends.client.finish(acceptAlreadyClosed: true)
    }

    @Test func `small writes between two flushes go in one record`() throws {
        let ends = try Ends()
        try ends.connect()
        for _ in 0..<10 { ends.client.write(ByteBuffer(string: "0123456789"), promise: nil) }
        ends.client.flush()
        let bytes = try #require(try ends.client.readOutbound(as: ByteBuffer.self))
        // One header of 5 bytes, a tag of 16 and the inner type.
        #expect(bytes.readableBytes == 100 + 22)
        #expect(try ends.client.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func `all writes of a flush are told when they left`() throws {
        let ends = try Ends()
        try ends.connect()
        let writes = (0..<3).map { ends.client.write(ByteBuffer(string: "\($0)")) }
        ends.client.flush()
        for write in writes { try write.wait() }
    }

    @Test(arguments: [16_384, 16_385, 100_000, 1_000_000])
    func `large writes arrive whole`(byteCount: Int) throws {
        let ends = try Ends(pieceBytes: 5000)
        try ends.connect()
        ends.client.write(ByteBuffer(string: "before "), promise: nil)
        ends.client.write(ByteBuffer(repeating: 0x78, count: byteCount), promise: nil)
        ends.client.writeAndFlush(ByteBuffer(string: " after"), promise: nil)
        try ends.exchange()
        let text = try ends.received(by: ends.server)
        #expect(text == "before " + String(repeating: "x", count: byteCount) + " after")
    }

    @Test func `closing says so to the peer, which closes too`() throws {
        let ends = try Ends()
        try ends.connect()
        ends.client.close(promise: nil)
        try ends.exchange()
        #expect(!ends.server.isActive)
        ends.client.embeddedEventLoop.run()
        #expect(!ends.client.isActive)
    }

    @Test func `a connection cut off without goodbye is told as truncated`() throws {
        let ends = try Ends()
        try ends.connect()
        ends.server.pipeline.fireChannelInactive()
        #expect(throws: TLSError(.truncated, "the peer closed without close_notify")) {
            try ends.server.throwIfErrorCaught()
        }
    }

    @Test func `a changed byte ends the connection`() throws {
        let ends = try Ends()
        try ends.connect()
        ends.client.writeAndFlush(ByteBuffer(string: "question"), promise: nil)
        var bytes = try #require(try ends.client.readOutbound(as: ByteBuffer.self))
        let last = bytes.writerIndex - 1
        let byte: UInt8 = try #require(bytes.getInteger(at: last))
        bytes.setInteger(byte ^ 1, at: last)
        #expect(throws: TLSError.self) { try ends.server.writeInbound(bytes) }
        ends.server.embeddedEventLoop.run()
        #expect(!ends.server.isActive)
        #expect(try ends.received(by: ends.server) == "")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0\0\u{1}\u{1}\0", "\u{16}\u{3}\u{1}\u{FF}",
    ])
    func `what is not TLS is refused without a word in the clear`(text: String) throws {
        let ends = try Ends()
        try ends.server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        _ = try? ends.server.writeInbound(
            ByteBuffer(string: text + String(repeating: "x", count: 99)))
        ends.server.embeddedEventLoop.run()
        #expect(!ends.server.isActive)
        while let bytes = try ends.server.readOutbound(as: ByteBuffer.self) {
            // Nothing but an alert record.
            #expect(bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == 21)
        }
    }

    @Test func `a handshake that takes too long is given up`() throws {
        let ends = try Ends()
        try ends.server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        ends.server.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(ends.server.isActive)
        ends.server.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!ends.server.isActive)
        #expect(throws: TLSError.self) { try ends.server.throwIfErrorCaught() }
    }

    @Test func `a peer that takes nothing is not read from until it does`() throws {
        let ends = try Ends()
        let reads = ReadCounter()
        try ends.server.pipeline.syncOperations.addHandler(reads, position: .first)
        try ends.connect()
        let before = reads.count
        ends.server.isWritable = false
        ends.server.pipeline.fireChannelWritabilityChanged()
        ends.server.read()
        ends.server.read()
        #expect(reads.count == before)
        ends.server.isWritable = true
        ends.server.pipeline.fireChannelWritabilityChanged()
        #expect(reads.count == before + 1)
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }
}
