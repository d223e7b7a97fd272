internal import HTTPTypes
internal import JSON
internal import NIOCore
internal import Operations
internal import Synchronization
internal import Transport

/// Socket.IO, version 5, on Engine.IO, version 4, by polling and by WebSocket.
final class SocketIOServer: Sendable {
    private let limits: SocketIOLimits
    private let feed: SocketIOSession.Feed
    private let places: Mutex<SocketIOPlaces<SocketIOSession>>

    /// - Parameter feed: tells a client what happens, until it is cancelled.
    init(limits: SocketIOLimits = SocketIOLimits(), feed: @escaping SocketIOSession.Feed) {
        self.limits = limits
        places = Mutex(SocketIOPlaces(limits))
        self.feed = feed
    }

    /// Why a request is no good, in the numbers of the protocol.
    private enum Refusal: Int {
        case unknownTransport = 0
        case unknownSession = 1
        case badMethod = 2
        case badRequest = 3
        case unsupportedVersion = 5

        var message: String {
            switch self {
            case .unknownTransport: "Transport unknown"
            case .unknownSession: "Session ID unknown"
            case .badMethod: "Bad handshake method"
            case .badRequest: "Bad request"
            case .unsupportedVersion: "Unsupported protocol version"
            }
        }

        var answer: Answer {
            .json(
                ["code": .number(JSONNumber(rawValue)), "message": .string(message)],
                status: .badRequest)
        }
    }

    /// Serves GET.
    func get(_ request: BridgeRequest) async throws -> Answer {
        guard request.query.first("EIO") == "4" else { return Refusal.unsupportedVersion.answer }
        let transport = request.query.first("transport")
        guard transport == "polling" || transport == "websocket" else {
            return Refusal.unknownTransport.answer
        }
        let isWebSocket = transport == "websocket"
        guard let sid = request.query.first("sid") else {
            return try handshake(request, isWebSocket: isWebSocket)
        }
        guard let session = session(sid) else { return Refusal.unknownSession.answer }
        if isWebSocket { return .webSocket { await session.serve($0, isUpgrade: true) } }
        guard let payload = try await session.poll() else { return Refusal.badRequest.answer }
        return Self.text(payload)
    }

    /// Serves POST.
    func post(_ request: BridgeRequest) async throws -> Answer {
        guard request.query.first("EIO") == "4" else { return Refusal.unsupportedVersion.answer }
        guard request.query.first("transport") == "polling" else {
            return Refusal.unknownTransport.answer
        }
        guard let sid = request.query.first("sid") else { return Refusal.badMethod.answer }
        guard let session = session(sid) else { return Refusal.unknownSession.answer }
        let bytesMax = limits.payloadBytesMax
        let isGood = try await session.post {
            let bytes = try await request.bytes()
            guard bytes.readableBytes <= bytesMax else { return nil }
            return String(validating: bytes.readableBytesView, as: UTF8.self)
        }
        return isGood ? Self.text("ok") : Refusal.badRequest.answer
    }

    private func handshake(_ request: BridgeRequest, isWebSocket: Bool) throws -> Answer {
        let session = try open(request, isWebSocket: isWebSocket)
        session.start(on: request.exchange.eventLoop)
        guard isWebSocket else {
            return Self.text(session.opening(upgrades: ["websocket"]).encoded)
        }
        return .webSocket { socket in
            do {
                try await socket.send(session.opening(upgrades: []).encoded)
                await session.serve(socket, isUpgrade: false)
            } catch {
                session.close()
            }
        }
    }

    private func open(_ request: BridgeRequest, isWebSocket: Bool) throws -> SocketIOSession {
        var random = SystemRandomNumberGenerator()
        let id = [random.next() as UInt64, random.next()].map { String($0, radix: 36) }.joined()
        let handshakeToken = request.query.first("token")
        let session = SocketIOSession(
            id: id, isWebSocket: isWebSocket, limits: limits,
            identify: { token in
                try await request.identity(presenting: token ?? handshakeToken)
            }, feed: feed,
            identified: { [weak self] in self?.places.withLock { $0.identified(id) } },
            ended: { [weak self] in self?.places.withLock { $0.ended(id) } })
        guard let refusal = places.withLock({ $0.open(id, session) }) else { return session }
        let message =
            switch refusal {
            case .sessions(let limit): "there are \(limit) Socket.IO sessions, which is the limit"
            case .unidentified(let limit):
                "there are \(limit) Socket.IO sessions whose clients have not said who they are, "
                    + "which is the limit"
            }
        var fault = Fault(.serviceUnavailable, code: "TOO_MANY_SESSIONS", message)
        fault.retryAfter = .seconds(5)
        throw fault
    }

    private func session(_ sid: String) -> SocketIOSession? {
        places.withLock { $0[sid] }
    }

    private static func text(_ text: String) -> Answer {
        var answer = Answer.text(text)
        answer.headers[.cacheControl] = "no-store"
        return answer
    }
}
