internal import Messages
internal import ProtobufRuntime
internal import Store

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
