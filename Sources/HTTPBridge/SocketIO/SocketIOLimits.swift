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
    /// Between a handshake and a CONNECT that says who the client is; who has not is closed.
    package var connectMilliseconds: Int64 = 5_000
    /// Between pings.
    package var pingMilliseconds: Int64 = 25_000
    /// How long the answer to a ping may take.
    package var pongMilliseconds: Int64 = 20_000

    package init() {}

    /// Sessions at once that have not said who they are: a tenth, so that whoever opens them without
    /// a token takes no place from those who have one.
    var unidentifiedMax: Int { max(1, sessionsMax / 10) }

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
