internal import JSON
internal import Messages

/// Our nouns in the shapes of the teams dialect.
enum TeamsShapes {
    /// An execution as lists show it.
    static func write(_ execution: Execution, to json: inout JSONWriter) {
        json.object { writeMembers(execution, to: &$0) }
    }

    private static func writeMembers(_ execution: Execution, to json: inout JSONWriter) {
        json.member("id", execution.id)
        json.member("workflowId", execution.workflowID)
        json.member("workflowName", execution.workflowName)
        json.member("status", TeamsWords.states[execution])
        json.member("startedAt", instant: execution.startTime)
        json.member("finishedAt", instant: execution.endTime)
        json.member("durationMs", duration(execution))
        json.member("triggerType", TeamsWords.triggers[execution.trigger])
        json.member("nodeCount", execution.nodeCount)
        json.member("errorMessage", error(execution))
    }

    /// An execution that was just triggered.
    static func writeTriggered(_ execution: Execution, to json: inout JSONWriter) {
        json.object { json in
            json.member("executionId", execution.id)
            writeMembers(execution, to: &json)
        }
    }

    /// An execution with its nodes.
    static func writeDetail(_ execution: Execution, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", execution.id)
            json.member("workflowId", execution.workflowID)
            json.member("workflowName", execution.workflowName)
            json.member("workflowVersion", execution.workflowVersion)
            json.member("status", TeamsWords.states[execution])
            json.member("trigger", TeamsWords.triggers[execution.trigger])
            json.member("inputData", document: execution.inputJSON)
            json.member("outputData", document: execution.outputJSON)
            json.member("errorMessage", error(execution))
            json.member("createdAt", instant: execution.createTime)
            json.member("startedAt", instant: execution.startTime)
            json.member("completedAt", instant: execution.endTime)
            json.member("durationMs", duration(execution))
            json.member("dataTooLarge", execution.dataTooLarge)
            json.key("nodeExecutions")
            json.array(execution.nodeExecutions) { json, node in
                write(node, of: execution, to: &json)
            }
        }
    }

    private static func write(
        _ node: NodeExecution, of execution: Execution, to json: inout JSONWriter
    ) {
        json.object { json in
            json.member("id", TeamsIDs.nodeExecution(execution.id, node.nodePath))
            json.member("nodeId", TeamsIDs.node(node.nodeID))
            json.member("nodePath", node.nodePath)
            json.member("nodeName", node.name.isEmpty ? node.nodeID : node.name)
            json.member("nodeType", TeamsWords.nodeType(node.kind, execution.trigger))
            json.member("status", TeamsWords.nodeStatuses[node.status])
            json.member("startedAt", instant: node.startTime)
            json.member("completedAt", instant: node.endTime)
            json.member(
                "durationMs", InstantShape.milliseconds(from: node.startTime, to: node.endTime))
            json.member("inputData", document: node.inputJSON)
            writeOutput(node, to: &json)
            json.member("errorMessage", node.error.map(\.message))
            json.member("retryCount", max(0, node.attempt - 1))
        }
    }

    /// A node that chose a branch says so in its output.
    private static func writeOutput(_ node: NodeExecution, to json: inout JSONWriter) {
        let chooses = node.kind == "if" || node.kind == "switch"
        guard chooses, !node.chosenHandle.isEmpty,
            let value = try? JSONValue(parsing: node.outputJSON), let object = value.objectValue,
            object["branch"] == nil
        else { return json.member("outputData", document: node.outputJSON) }
        json.key("outputData")
        json.object { json in
            json.member("branch", node.chosenHandle)
            for member in object.members {
                json.key(member.key)
                json.value(member.value)
            }
        }
    }

    static func duration(_ execution: Execution) -> Int64? {
        InstantShape.milliseconds(from: execution.startTime, to: execution.endTime)
    }

    private static func error(_ execution: Execution) -> String? {
        execution.error.map(\.message)
    }

    /// A workflow; its definition only where it was read.
    static func write(_ workflow: Workflow, isWhole: Bool, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", workflow.id)
            json.member("teamId", workflow.workspaceID)
            json.member("name", workflow.name)
            json.member("status", workflow.deployedVersion == 0 ? "DRAFT" : "ACTIVE")
            json.member("version", workflow.version)
            json.member("createdAt", instant: workflow.createTime)
            json.member("updatedAt", instant: workflow.updateTime)
            guard isWhole else { return }
            let definition = (try? JSONValue(parsing: workflow.definitionJSON)) ?? .null
            json.key("nodes")
            json.value(definition["nodes"] ?? .array([]))
            json.key("edges")
            json.value(definition["edges"] ?? .array([]))
        }
    }
}
