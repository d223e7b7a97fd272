internal import Messages
internal import ProtobufRuntime

extension ExecutionRow {
    /// The row without what may be large: of its open interrupts the newest alone, and of that its
    /// type, node and time; of its error no details.
    package var slim: ExecutionRow {
        var slim = self
        slim.execution.error?.detailsJSON = ""
        let newest = execution.interrupts.max { left, right in
            (left.createTime?.microsecondsSinceEpoch ?? 0, left.sequence)
                < (right.createTime?.microsecondsSinceEpoch ?? 0, right.sequence)
        }
        slim.execution.interrupts =
            newest.map { newest in
                [
                    Interrupt(
                        id: newest.id, type: newest.type, nodePath: newest.nodePath,
                        nodeID: newest.nodeID, nodeName: newest.nodeName,
                        createTime: newest.createTime, sequence: newest.sequence)
                ]
            } ?? []
        return slim
    }
}
