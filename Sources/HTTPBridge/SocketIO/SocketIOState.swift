internal import JSON

/// One client's Socket.IO connection as a value, on top of an Engine.IO session. There is one
/// namespace; clients listen, and what they say is acknowledged and has no effect.
struct SocketIOState {
    enum Effect: Equatable {
        case send(String)
        /// Find out who it is by the token of its CONNECT, or by its handshake where it gives none;
        /// `admitted` or `refused` follows.
        case identify(token: String?)
        case close
    }

    private enum Phase {
        case new
        case identifying
        case connected
        case ended
    }

    private var phase = Phase.new
    /// The time to connect is over; who is being identified is let in, or refused for good.
    private var isLate = false
    /// It was let in, whatever became of it since.
    private var wasAdmitted = false
    /// Other than the session's.
    private let id: String

    init(id: String) {
        self.id = id
    }

    var isConnected: Bool { phase == .connected }

    /// A message came.
    mutating func received(_ text: String) -> [Effect] {
        guard phase != .ended else { return [] }
        guard let packet = SocketIOPacket(text) else { return end() }
        guard packet.namespace == "/" else {
            guard packet.kind == .connect else { return end() }
            return [.send(Self.error(packet.namespace, "Invalid namespace", code: nil))]
        }
        switch (phase, packet.kind) {
        case (.new, .connect):
            phase = .identifying
            let auth = packet.data?.objectValue
            let token = auth?["token"]?.stringValue
            return [.identify(token: token)]
        case (.connected, .event), (.connected, .binaryEvent):
            guard let number = packet.acknowledgement else { return [] }
            return [
                .send(
                    SocketIOPacket(.acknowledgement, acknowledgement: number, data: []).encoded)
            ]
        case (.connected, .acknowledgement), (.connected, .binaryAcknowledgement):
            return []
        case (.connected, .disconnect):
            return end()
        default:
            // Anything before the connection is made, and what only servers say.
            return end()
        }
    }

    /// The client may listen.
    mutating func admitted() -> [Effect] {
        guard phase == .identifying else { return [] }
        phase = .connected
        wasAdmitted = true
        return [.send(SocketIOPacket(.connect, data: ["sid": .string(id)]).encoded)]
    }

    /// The client may not listen; it may try again with another token, while there is time.
    mutating func refused(_ message: String, code: String) -> [Effect] {
        guard phase == .identifying else { return [] }
        phase = .new
        let told = Effect.send(Self.error("/", message, code: code))
        return isLate ? [told] + end() : [told]
    }

    /// The time to connect is over: who has not, and is not being identified, ends.
    mutating func connectTimedOut() -> [Effect] {
        isLate = true
        return wasAdmitted || phase == .identifying ? [] : end()
    }

    /// The client may no longer listen, or cannot.
    mutating func disconnect() -> [Effect] {
        guard phase == .connected else { return end() }
        phase = .ended
        return [.send(SocketIOPacket(.disconnect).encoded), .close]
    }

    private mutating func end() -> [Effect] {
        phase = .ended
        return [.close]
    }

    private static func error(_ namespace: String, _ message: String, code: String?) -> String {
        var data: JSONObject = ["message": .string(message)]
        if let code { data["data"] = ["code": .string(code)] }
        return SocketIOPacket(.connectError, namespace: namespace, data: .object(data)).encoded
    }
}
