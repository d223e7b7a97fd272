internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// The most that what one page holds may have together, in bytes: less than a message holds.
let pageBytesMax = 3 << 20
/// What an element takes beside what is measured.
private let elementBytes = 256

extension Collection {
    /// As many of the first elements as fit in an answer; at least one where there is one.
    /// - Parameter size: of what is not small in an element, in bytes.
    func fitting(_ size: (Element) -> Int) -> SubSequence {
        var room = pageBytesMax
        var end = startIndex
        while end < endIndex {
            room -= size(self[end]) + elementBytes
            if room < 0, end > startIndex { break }
            formIndex(after: &end)
        }
        return self[..<end]
    }
}

extension ProtobufMessage {
    /// What it has in a message, in bytes.
    var messageBytes: Int { unsafe withProtobufBytes { bytes in bytes.count } }
}

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
    fileprivate var cut: Interrupt {
        var cut = listed
        cut.schemaJSON = ""
        cut.message = message.clipped(toBytes: Self.cutMessageBytes)
        return cut
    }
}

extension Execution {
    /// As lists show it: without the data of votes.
    var listed: Execution {
        guard !interrupts.isEmpty else { return self }
        var listed = self
        listed.interrupts = interrupts.map(\.listed)
        return listed
    }

    /// With as much of its open interrupts as an answer has room for.
    var fitting: Execution {
        var room = pageBytesMax
        var fitting = self
        for index in interrupts.indices {
            let count = interrupts[index].messageBytes
            if count <= room {
                room -= count
            } else {
                fitting.interrupts[index] = interrupts[index].cut
                fitting.dataTooLarge = true
            }
        }
        return fitting
    }
}

extension ExecutionRow {
    /// As lists show it.
    var listed: ExecutionRow {
        var listed = self
        listed.execution = execution.listed
        return listed
    }
}
