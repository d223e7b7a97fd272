internal import JSON

/// Bounds of Socket.IO sessions. Sizes are in bytes.
package struct SocketIOLimits: Sendable, Equatable {
    /// Sessions of one server.
    package var sessionsMax = 1_000
    /// Messages that wait for one client; above it what happens is left in the journal until it has
    /// taken some.
    package var queueBytesMax = 256 << 10
    /// One polling payload, in either direction.
    package var payloadBytesMax = 1_000_000
    /// Packets of one polling answer. python-engineio takes no more, and gives the session up.
    package var payloadPacketsMax = 16
    /// Between pings. Who has not connected by the first is closed.
    package var pingMilliseconds: Int64 = 25_000
    /// How long the answer to a ping may take.
    package var pongMilliseconds: Int64 = 20_000

    package init() {}

    /// What a handshake is answered with.
    func opening(sid: String, upgrades: [String]) -> String {
        let value: JSONValue = [
            "sid": .string(sid), "upgrades": .array(upgrades.map { .string($0) }),
            "pingInterval": .number(JSONNumber(pingMilliseconds)),
            "pingTimeout": .number(JSONNumber(pongMilliseconds)),
            "maxPayload": .number(JSONNumber(payloadBytesMax)),
        ]
        return value.text
    }
}
