internal import Messages
internal import Model

extension Interrupt {
    /// What a long message has left where there is no room for it, in bytes.
    private static let cutMessageBytes = 256

    /// As lists show it: without the data of its votes.
    var listed: Interrupt {
        guard !votes.isEmpty else { return self }
        var listed = self
        for index in listed.votes.indices { listed.votes[index].dataJSON = "" }
        return listed
    }

    /// Where there is no room for more: without the data of its votes and its schema, and with the
    /// beginning of its message.
    var cut: Interrupt {
        var cut = listed
        cut.schemaJSON = ""
        cut.message = message.clipped(toBytes: Self.cutMessageBytes)
        return cut
    }
}
