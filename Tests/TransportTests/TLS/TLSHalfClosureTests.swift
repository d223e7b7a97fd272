import NIOCore
import NIOPosix
import Testing

@testable import Transport

@Suite struct TLSHalfClosureTests {
    /// Answers when the peer has said all it wants to say, then closes.
    private final class AnswersAtTheEnd: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var received = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += unwrapInboundIn(data).readableBytes
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard let event = event as? ChannelEvent, event == .inputClosed else { return }
            let answer = ByteBuffer(string: "\(received) bytes")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
            context.close(promise: nil)
        }
    }

    @Test(arguments: TLSVersion.allCases)
    func `who has said all it has to say can still listen`(version: TLSVersion) async throws {
        let store = try TLSContextStore(
            TLSServerConfiguration(identity: try TestCertificates.shared.get().server))
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        TLSHandler.server(store.current, allowsHalfClosure: true))
                    try pipeline.addHandler(AnswersAtTheEnd())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await RawConnection.connect(
            port: server.localAddress?.port ?? 0,
            tls: TestServer.client { $0.maximumVersion = version }, halfCloses: true)
        try await client.send("12345")
        try await client.channel.close(mode: .output)
        #expect(try await String(buffer: client.rest()) == "5 bytes")
        try await server.close()
    }
}
