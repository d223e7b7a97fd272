package import JSON
internal import NIOCore

/// One event of an event stream (the HTML standard, section 9.2). Its `id:` is the journal's sequence
/// number, which the stream adds.
package struct ServerSentEvent: Sendable, Equatable {
    /// nil: unnamed, which browsers call `message`.
    package let name: String?
    package let data: JSONText

    /// - Parameter name: without line breaks.
    package init(name: String? = nil, data: JSONText) {
        self.name = name
        self.data = data
    }

    /// The event's bytes; text with line breaks takes a `data:` line for each.
    /// - Parameter id: nil: a client that reconnects asks for this event again.
    func encoded(id: Int64?) -> ByteBuffer {
        var bytes = ByteBuffer()
        if let id { bytes.writeString("id: \(id)\n") }
        if let name { bytes.writeString("event: \(name)\n") }
        for line in data.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            bytes.writeString("data: \(line)\n")
        }
        bytes.writeString("\n")
        return bytes
    }
}
