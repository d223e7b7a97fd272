internal import Messages
internal import ProtobufRuntime

extension Execution {
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
