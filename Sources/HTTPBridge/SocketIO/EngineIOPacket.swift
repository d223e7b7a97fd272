/// One packet of Engine.IO, version 4: a digit and a text. Binary packets carry nothing that is known
/// here, and are passed over.
struct EngineIOPacket: Sendable, Equatable {
    enum Kind: Character, Sendable {
        case open = "0"
        case close = "1"
        case ping = "2"
        case pong = "3"
        case message = "4"
        case upgrade = "5"
        case noop = "6"
    }

    let kind: Kind
    let text: String

    init(_ kind: Kind, _ text: String = "") {
        self.kind = kind
        self.text = text
    }

    /// A packet as it is sent; nil for what is none.
    init?(_ encoded: some StringProtocol) {
        guard let first = encoded.first, let kind = Kind(rawValue: first) else { return nil }
        self.init(kind, String(encoded.dropFirst()))
    }

    /// The packet as a WebSocket's text, and as a part of a polling payload.
    var encoded: String { String(kind.rawValue) + text }

    /// Stands between the packets of a polling payload.
    private static let separator: Character = "\u{1E}"

    /// Packets as one polling payload.
    static func payload(_ packets: [EngineIOPacket]) -> String {
        packets.map(\.encoded).joined(separator: String(separator))
    }

    /// The packets of a polling payload; nil for what is none. Binary packets are left out.
    static func packets(of payload: String) -> [EngineIOPacket]? {
        guard !payload.isEmpty else { return nil }
        var packets: [EngineIOPacket] = []
        for part in payload.split(separator: separator, omittingEmptySubsequences: false) {
            if part.first == "b" { continue }
            guard let packet = EngineIOPacket(part) else { return nil }
            packets.append(packet)
        }
        return packets
    }
}
