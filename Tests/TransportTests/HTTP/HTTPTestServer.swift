import HTTPTypes
import Logging
import NIOCore
import RPC

@testable import Transport

/// A listener on a free port of the loopback interface that serves HTTP requests made for tests.
struct HTTPTestServer {
    let listener: Listener
    let handler: HTTPTestHandler

    init(limits: TransportLimits = .patient) async throws {
        let handler = HTTPTestHandler()
        self.handler = handler
        listener = try await Listener.bind(
            host: "127.0.0.1", port: 0,
            ListenerConfiguration(
                router: Router(), http: handler,
                tls: TLSContextStore(
                    TLSServerConfiguration(identity: try TestCertificates.shared.get().server)),
                limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs `body` with a server.
    static func with(
        limits: TransportLimits = .patient, _ body: (HTTPTestServer) async throws -> Void
    ) async throws {
        let server = try await HTTPTestServer(limits: limits)
        do {
            try await body(server)
        } catch {
            await server.listener.shutDown(grace: .zero)
            throw error
        }
        await server.listener.shutDown(grace: .zero)
    }

    /// A TLS connection that agreed on HTTP/1.1.
    func connect(reads: Bool = true) async throws -> RawConnection {
        try await RawConnection.connect(
            port: listener.port,
            tls: TestServer.client { $0.applicationProtocols = ["http/1.1"] }, reads: reads)
    }

    /// All that the server says to `text` on a connection of its own, until it closes.
    func answer(_ text: String) async throws -> String {
        let connection = try await connect()
        try await connection.send(text)
        return String(buffer: try await connection.rest())
    }

    /// The statuses of the answers in `answer`.
    static func statuses(_ answer: String) -> [String] {
        answer.ranges(of: "HTTP/1.1 ").map { String(answer[$0.upperBound...].prefix(3)) }
    }
}

/// Answers requests by their path.
final class HTTPTestHandler: HTTPHandler {
    let events = TestEvents()

    func serve(_ exchange: HTTPExchange) async {
        do {
            try await answer(exchange)
        } catch is CancellationError {
            events.record("cancelled")
        } catch let error as HTTPBodyError {
            let status: HTTPResponse.Status =
                switch error {
                case .tooLarge: .contentTooLarge
                case .tooSlow: .requestTimeout
                case .malformed: .badRequest
                }
            try? await exchange.respond(HTTPResponse(status: status))
        } catch {
            events.record("\(error)")
        }
    }

    private func answer(_ exchange: HTTPExchange) async throws {
        let ok = HTTPResponse(status: .ok, headerFields: [.contentType: "text/plain"])
        switch exchange.request.path {
        case "/echo":
            try await exchange.respond(ok, exchange.body.collect())
        case "/head":
            let fields = exchange.request.headerFields.map { "\($0.name): \($0.value)\n" }
            try await exchange.respond(
                ok,
                ByteBuffer(
                    string: "\(exchange.request.method) \(exchange.request.authority ?? "")\n"
                        + fields.joined()))
        case "/early":
            try await exchange.respond(ok, ByteBuffer(string: "early"))
        case "/pieces":
            try await exchange.sendHead(ok)
            for piece in ["one ", "two ", "three"] {
                try await exchange.write(ByteBuffer(string: piece))
            }
            try await exchange.finish()
        case "/large":
            try await exchange.sendHead(ok)
            for number in 0..<256 {
                try await exchange.write(
                    ByteBuffer(repeating: UInt8(number), count: 16 << 10))
            }
            try await exchange.finish()
        case "/endless":
            defer { events.record("ended") }
            try await exchange.sendHead(ok)
            while true {
                try await exchange.write(ByteBuffer(repeating: 1, count: 16 << 10))
                events.written += 16 << 10
            }
        case "/wait":
            events.record("waiting")
            defer { events.record("stopped") }
            try await Task.sleep(for: .seconds(3_600))
        case "/nothing":
            return
        case "/short":
            try await exchange.sendHead(
                HTTPResponse(status: .ok, headerFields: [.contentLength: "10"]))
            try await exchange.write(ByteBuffer(string: "short"))
            try await exchange.finish()
        case "/socket":
            guard let socket = try await exchange.upgradeToWebSocket() else {
                return try await exchange.respond(HTTPResponse(status: .upgradeRequired))
            }
            while let message = try await socket.receive() {
                guard case .text(let text) = message else { continue }
                if text == "bye" { return socket.close(.normal) }
                try await socket.send(text)
            }
            events.record("socket closed")
        default:
            try await exchange.respond(HTTPResponse(status: .notFound))
        }
    }
}
