package import Messages
internal import Model
package import Store

extension Engine {
    /// The node executions of an execution without payloads, in the order they first appeared; skipped
    /// ones too. Holds no more of a journal in memory than a piece of it and the outline.
    package func outline(_ row: ExecutionRow) async throws(EngineError) -> [NodeExecution] {
        let execution = row.execution
        var reading = ExecutionReading(graph: nil, limits: parts.limits, payloads: .at(0..<0))
        try await parts.forEachBatch(
            of: ExecutionNumber(rawValue: execution.number), payloads: false
        ) { batch in
            reading.add(batch.withoutOutputs)
        }
        // What was taken over from a source never started here, so its events do not name it.
        guard reading.nodes.contains(where: { $0.kind.isEmpty }),
            let version = try? await parts.graphs.version(
                execution.workflowID, execution.workflowVersion,
                workspaceID: execution.workspaceID)
        else { return reading.nodes }
        return reading.nodes.map { node in
            guard node.kind.isEmpty, let definition = version.graph.node(atPath: node.nodePath)
            else { return node }
            var named = node
            named.name = definition.name
            named.kind = definition.kind
            return named
        }
    }
}

extension EventBatch {
    /// The batch without what nodes and bodies yielded.
    fileprivate var withoutOutputs: EventBatch {
        var batch = self
        for index in batch.events.indices {
            switch batch.events[index].kind {
            case .nodeCompleted(var completed):
                completed.outputJSON = ""
                batch.events[index].kind = .nodeCompleted(completed)
            case .bodyEnded(var ended):
                ended.outputJSON = ""
                batch.events[index].kind = .bodyEnded(ended)
            default: break
            }
        }
        return batch
    }
}
