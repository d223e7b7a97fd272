package import Messages
internal import ProtobufRuntime

/// What an export calls states, triggers, kinds and ids: each door has words of its own.
package struct ExportWords: Sendable {
    package var executionID: @Sendable (Execution) -> String
    package var status: @Sendable (Execution) -> String
    package var trigger: @Sendable (Execution) -> String
    package var nodeID: @Sendable (NodeExecution) -> String
    package var nodeType: @Sendable (NodeExecution, Execution) -> String
    package var nodeStatus: @Sendable (NodeExecution) -> String

    package init(
        executionID: @escaping @Sendable (Execution) -> String,
        status: @escaping @Sendable (Execution) -> String,
        trigger: @escaping @Sendable (Execution) -> String,
        nodeID: @escaping @Sendable (NodeExecution) -> String,
        nodeType: @escaping @Sendable (NodeExecution, Execution) -> String,
        nodeStatus: @escaping @Sendable (NodeExecution) -> String
    ) {
        self.executionID = executionID
        self.status = status
        self.trigger = trigger
        self.nodeID = nodeID
        self.nodeType = nodeType
        self.nodeStatus = nodeStatus
    }

    /// Ours: `COMPLETED`, `API`, `http`.
    package static let own = ExportWords(
        executionID: \.id,
        status: { $0.status.shortName },
        trigger: { $0.trigger.shortName },
        nodeID: \.nodePath,
        nodeType: { node, _ in node.kind },
        nodeStatus: { $0.status.shortName })
}
