internal import JSON
internal import Messages

/// Our nouns in the shapes of the workspaces dialect.
enum WorkspacesShapes {
    /// An execution; its payloads and node results only where they were read.
    static func write(_ execution: Execution, isWhole: Bool, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", execution.id)
            json.member("number", execution.number)
            json.member("workspaceId", execution.workspaceID)
            json.member("podId", execution.podID)
            json.member("spaceId", execution.podID)
            json.member("workflowId", execution.workflowID)
            json.member("workflowVersion", execution.workflowVersion)
            json.member("workflowName", execution.workflowName)
            json.member("status", WorkspacesWords.statuses[execution.status])
            json.member("triggeredBy", WorkspacesWords.triggers[execution.trigger])
            json.member("triggeredByPrincipal", execution.triggeredBy)
            json.member("error", error(execution))
            json.member("errorCode", execution.error.map(\.code))
            json.member("replayOf", execution.sourceID.isEmpty ? nil : execution.sourceID)
            json.member("createdAt", instant: execution.createTime)
            json.member("startedAt", instant: execution.startTime)
            json.member("completedAt", instant: execution.endTime)
            json.member(
                "durationMs",
                InstantShape.milliseconds(from: execution.startTime, to: execution.endTime))
            json.key("interrupts")
            json.array(execution.interrupts) { json, interrupt in write(interrupt, to: &json) }
            guard isWhole else { return }
            json.member("input", document: execution.inputJSON)
            json.member("output", document: execution.outputJSON)
            json.member("dataTooLarge", execution.dataTooLarge)
            json.key("nodeResults")
            json.object { json in
                // The last run of a node that ran several times is the one that counts.
                var last: [String: Int] = [:]
                for (index, node) in execution.nodeExecutions.enumerated() {
                    last[node.nodePath] = index
                }
                for (index, node) in execution.nodeExecutions.enumerated()
                where last[node.nodePath] == index {
                    json.key(node.nodePath)
                    write(node, to: &json)
                }
            }
        }
    }

    private static func error(_ execution: Execution) -> String? {
        execution.status == .cancelled ? nil : execution.error.map(\.message)
    }

    private static func write(_ node: NodeExecution, to json: inout JSONWriter) {
        json.object { json in
            json.member("status", WorkspacesWords.nodeStatuses[node.status])
            json.member("nodeName", node.name)
            json.member("nodeType", node.kind)
            json.member("attempt", node.attempt)
            json.member("output", document: node.outputJSON)
            json.member("error", error(node))
            json.member("startedAt", instant: node.startTime)
            json.member("completedAt", instant: node.endTime)
            json.member(
                "durationMs", InstantShape.milliseconds(from: node.startTime, to: node.endTime))
        }
    }

    private static func error(_ node: NodeExecution) -> String? {
        node.status == .cancelled ? WorkspacesWords.cancelled : node.error.map(\.message)
    }

    /// Something that an execution waits for.
    static func write(_ interrupt: Interrupt, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", interrupt.id)
            json.member("type", WorkspacesWords.interruptTypes[interrupt.type])
            json.member("nodeId", interrupt.nodeID)
            json.member("nodeName", interrupt.nodeName)
            json.member("message", interrupt.message)
            json.key("assignees")
            json.array(interrupt.assignees) { json, assignee in json.string(assignee) }
            json.member("schema", document: interrupt.schemaJSON)
            json.member("deadline", instant: interrupt.deadline)
            json.member("createdAt", instant: interrupt.createTime)
        }
    }

    /// A log line; what its node took and gave is shown where the line says that the node has ended.
    static func write(_ entry: LogEntry, _ node: NodeExecution?, to json: inout JSONWriter) {
        let isEnd = [.completed, .failed, .cancelled].contains(entry.status)
        let ended = isEnd && node?.attempt == entry.attempt ? node : nil
        json.object { json in
            json.member("sequence", entry.sequence)
            json.member("at", instant: entry.time)
            json.member("nodeId", entry.nodeID.isEmpty ? nil : entry.nodeID)
            json.member("nodePath", entry.nodePath.isEmpty ? nil : entry.nodePath)
            json.member("nodeType", entry.nodeKind.isEmpty ? nil : entry.nodeKind)
            json.member("nodeName", entry.nodeName.isEmpty ? nil : entry.nodeName)
            json.member("attempt", entry.attempt == 0 ? nil : entry.attempt)
            json.member(
                "status",
                entry.status == .unspecified ? nil : WorkspacesWords.nodeStatuses[entry.status])
            json.member("level", WorkspacesWords.logLevels[entry.level])
            json.member("message", entry.message)
            json.member("input", document: ended?.inputJSON ?? "")
            json.member("output", document: ended?.outputJSON ?? "")
            json.member("error", ended.flatMap { error($0) })
            json.member("startedAt", instant: node?.startTime)
            json.member("completedAt", instant: ended?.endTime)
            json.member(
                "durationMs", InstantShape.milliseconds(from: node?.startTime, to: ended?.endTime))
        }
    }

    /// A workflow; its definition only where it was read.
    static func write(_ workflow: Workflow, isWhole: Bool, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", workflow.id)
            json.member("workspaceId", workflow.workspaceID)
            json.member("podId", workflow.podID)
            json.member("spaceId", workflow.podID)
            json.member("name", workflow.name)
            json.member("status", workflow.deployedVersion == 0 ? "draft" : "deployed")
            json.member("version", workflow.version)
            json.member("latestVersion", workflow.latestVersion)
            json.member(
                "deployedVersion", workflow.deployedVersion == 0 ? nil : workflow.deployedVersion)
            if isWhole { json.member("definition", document: workflow.definitionJSON) }
            json.member("createdAt", instant: workflow.createTime)
            json.member("updatedAt", instant: workflow.updateTime)
            json.member("updatedBy", workflow.updatedBy)
        }
    }
}
