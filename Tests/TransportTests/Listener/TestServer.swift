import Logging
import NIOCore
import RPC

@testable import Transport

/// A listener on a free port of the loopback interface, with methods made for tests.
struct TestServer {
    let listener: Listener
    let tls: TLSContextStore
    let events = TestEvents()

    init(
        host: String = "127.0.0.1", limits: TransportLimits = .patient,
        _ change: (inout TLSServerConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = TLSServerConfiguration(
            identity: try TestCertificates.shared.get().server)
        change(&configuration)
        try await self.init(host: host, limits: limits, tls: TLSContextStore(configuration))
    }

    init(host: String = "127.0.0.1", limits: TransportLimits, tls: TLSContextStore) async throws {
        self.tls = tls
        let router = Self.router(events)
        listener = try await Listener.bind(
            host: host, port: 0,
            ListenerConfiguration(
                router: router, tls: tls, limits: limits,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A client that trusts this server.
    func connect(
        limits: TransportLimits = .patient,
        _ change: (inout TLSClientConfiguration) -> Void = { _ in }
    ) async throws -> TTRPCClientConnection {
        try await TTRPCClientConnection.connect(
            host: "127.0.0.1", port: listener.port, tls: Self.client(change), limits: limits)
    }

    static func client(
        _ change: (inout TLSClientConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = TLSClientConfiguration(
            caFile: try TestCertificates.shared.get().authority)
        change(&configuration)
        return try TLSContext.client(configuration)
    }

    func stop() async {
        await listener.shutDown(grace: .zero)
    }

    static func method(_ name: String, _ kind: CallKind) -> MethodDescriptor {
        MethodDescriptor(service: "test.Service", method: name, kind: kind)
    }

    static let echo = method("Echo", .unary)
    /// Who the client is, by its certificate.
    static let whoAmI = method("WhoAmI", .unary)
    static let fail = method("Fail", .unary)
    /// Answers with as many zero bytes as the request's number says.
    static let zeros = method("Zeros", .unary)
    /// Never answers; says `waiting` when it is reached and `cancelled` when it is cancelled.
    static let wait = method("Wait", .unary)
    /// Streams messages as the request's two numbers say: how many, of how many bytes.
    static let count = method("Count", .serverStreaming)
    /// Streams for ever.
    static let endless = method("Endless", .serverStreaming)
    /// Streams one message, then fails.
    static let breakOff = method("BreakOff", .serverStreaming)
    static let collect = method("Collect", .clientStreaming)

    private static func router(_ events: TestEvents) -> Router {
        var router = Router()
        router.register(echo, .unary { request, _ in request })
        router.register(
            whoAmI,
            .unary { _, context in
                ByteBuffer(string: context.connection.clientCertificate?.subject ?? "nobody")
            })
        router.register(
            fail,
            .unary { request, _ in
                throw RPCError(
                    .failedPrecondition, String(buffer: request),
                    details: [.init(typeURL: "type.googleapis.com/test.Detail", value: [1, 2])])
            })
        router.register(
            zeros,
            .unary { request, _ in
                ByteBuffer(repeating: 0, count: Int(String(buffer: request)) ?? 0)
            })
        router.register(
            wait,
            .unary { _, _ in
                events.record("waiting")
                defer { events.record("cancelled") }
                try await Task.sleep(for: .seconds(3600))
                return ByteBuffer()
            })
        router.register(
            count,
            .serverStreaming { request, writer, _ in
                let numbers = String(buffer: request).split(separator: " ").compactMap { Int($0) }
                for index in 0..<numbers[0] {
                    var message = ByteBuffer(integer: UInt32(index))
                    message.writeRepeatingByte(7, count: max(0, numbers[1] - 4))
                    try await writer.write(message)
                }
            })
        router.register(
            endless,
            .serverStreaming { _, writer, _ in
                defer { events.record("ended") }
                var written = 0
                while true {
                    try await writer.write(ByteBuffer(repeating: 1, count: 16 * 1024))
                    written += 16 * 1024
                    events.written = written
                }
            })
        router.register(
            breakOff,
            .serverStreaming { request, writer, _ in
                try await writer.write(request)
                throw RPCError(.aborted, "broken off")
            })
        router.register(collect, .clientStreaming { _, _ in ByteBuffer() })
        return router
    }
}

extension TransportLimits {
    /// For tests that are about something else: a busy machine may take its time to shake hands.
    static var patient: TransportLimits {
        var limits = TransportLimits()
        limits.handshakeTimeout = .seconds(60)
        return limits
    }
}
