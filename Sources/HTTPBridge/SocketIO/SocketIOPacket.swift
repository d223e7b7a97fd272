internal import JSON

/// One packet of Socket.IO, version 5, without attachments:
///
/// ```
/// type │ "/namespace," │ acknowledgement id │ JSON
/// ```
struct SocketIOPacket: Sendable, Equatable {
    enum Kind: Character, Sendable {
        case connect = "0"
        case disconnect = "1"
        case event = "2"
        case acknowledgement = "3"
        case connectError = "4"
        case binaryEvent = "5"
        case binaryAcknowledgement = "6"
    }

    let kind: Kind
    /// `/` is the main one.
    let namespace: String
    let acknowledgement: Int64?
    let data: JSONValue?

    init(
        _ kind: Kind, namespace: String = "/", acknowledgement: Int64? = nil,
        data: JSONValue? = nil
    ) {
        self.kind = kind
        self.namespace = namespace
        self.acknowledgement = acknowledgement
        self.data = data
    }

    /// Reads a packet; nil for what is none.
    init?(_ text: String) {
        guard let first = text.first, let kind = Kind(rawValue: first) else { return nil }
        var rest = text.dropFirst()
        if kind == .binaryEvent || kind == .binaryAcknowledgement {
            let count = rest.prefix { $0.isASCII && $0.isNumber }
            guard !count.isEmpty, rest.dropFirst(count.count).first == "-" else { return nil }
            rest = rest.dropFirst(count.count + 1)
        }
        var namespace = "/"
        if rest.first == "/" {
            let name = rest.prefix { $0 != "," }
            namespace = String(name)
            rest = rest.dropFirst(name.count + 1)
        }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        var acknowledgement: Int64?
        if !digits.isEmpty {
            guard let number = Int64(digits) else { return nil }
            acknowledgement = number
            rest = rest.dropFirst(digits.count)
        }
        var data: JSONValue?
        if !rest.isEmpty {
            guard let value = try? JSONValue(parsing: String(rest)) else { return nil }
            data = value
        }
        guard Self.isWhole(kind, data) else { return nil }
        self.init(kind, namespace: namespace, acknowledgement: acknowledgement, data: data)
    }

    /// Whether a packet of this kind may hold this.
    private static func isWhole(_ kind: Kind, _ data: JSONValue?) -> Bool {
        switch kind {
        case .connect: data == nil || data?.objectValue != nil
        case .disconnect: data == nil
        case .event, .binaryEvent:
            data?.arrayValue?.first.map { $0.stringValue != nil || $0.numberValue != nil } ?? false
        case .acknowledgement, .binaryAcknowledgement: data?.arrayValue != nil
        case .connectError: data != nil
        }
    }

    /// As Engine.IO carries it.
    var encoded: String {
        var text = String(kind.rawValue)
        if namespace != "/" { text += namespace + "," }
        if let acknowledgement { text += String(acknowledgement) }
        if let data { text += data.text }
        return text
    }

    /// The text of an event of the main namespace, without a packet being made of it.
    static func event(_ name: String, _ data: JSONText) -> String {
        var json = JSONWriter()
        json.beginArray()
        json.string(name)
        json.raw(data)
        json.endArray()
        return String(Kind.event.rawValue) + json.finish().text
    }
}
