internal import Messages
internal import Model
internal import Store

extension Interrupt {
    /// What a long message has left where there is no room for it, in bytes.
    private static let cutMessageBytes = 256

    /// Where there is no room for more: without the data of its votes and its schema, and with the
    /// beginning of its message.
    var cut: Interrupt {
        var cut = listed
        cut.schemaJSON = ""
        cut.message = message.clipped(toBytes: Self.cutMessageBytes)
        return cut
    }
}
