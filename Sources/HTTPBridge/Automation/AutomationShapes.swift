internal import JSON
internal import Messages

/// Our nouns in the shapes of the automation dialect.
enum AutomationShapes {
    /// The status of one execution.
    static func write(_ execution: Execution, to json: inout JSONWriter) {
        json.object { json in
            json.member("executionId", ExecutionName.execution(execution.number))
            json.member("status", AutomationWords.statuses[execution])
            json.member("currentNodeId", text(execution.currentNodeID))
            json.member("pausedNodeId", text(execution.pausedNodeID))
            json.member(
                "pauseReason", text(AutomationWords.pauseReasons[execution.pauseReason]))
            if execution.status == .failed, let error = execution.error {
                json.member("error", error.message)
            }
            json.member("workflowFileName", execution.workflowName)
            json.member("startTime", milliseconds: execution.startTime)
            json.member("endTime", milliseconds: execution.endTime)
        }
    }

    /// A batch as lists show it, and more of it where `more` writes it.
    static func write(
        _ batch: Batch, to json: inout JSONWriter, _ more: (inout JSONWriter) -> Void = { _ in }
    ) {
        json.object { json in
            json.member("batchId", ExecutionName.batch(batch.number))
            json.member("status", AutomationWords.batchStatuses[batch.status])
            json.member("sourceType", AutomationWords.batchSources[batch.source])
            if !batch.folderPath.isEmpty { json.member("folderPath", batch.folderPath) }
            json.member("totalWorkflows", batch.total)
            json.member("completed", batch.completed)
            json.member("running", batch.running)
            json.member("queued", batch.queued)
            json.member("failed", batch.failed)
            json.member("stopped", batch.stopped)
            json.member("startTime", milliseconds: batch.startTime)
            json.member("endTime", milliseconds: batch.endTime)
            json.member(
                "duration", InstantShape.milliseconds(from: batch.startTime, to: batch.endTime))
            more(&json)
        }
    }

    /// One execution of a batch.
    static func write(_ item: BatchItem, to json: inout JSONWriter) {
        json.object { json in
            json.member("executionId", ExecutionName.execution(item.executionNumber))
            json.member(
                "workflowFileName", item.fileName.isEmpty ? item.workflowName : item.fileName)
            if !item.path.isEmpty { json.member("workflowPath", item.path) }
            json.member(
                "status", AutomationWords.statuses[Execution(status: item.status)])
            if !item.currentNodeID.isEmpty { json.member("currentNodeId", item.currentNodeID) }
            if let error = item.error { json.member("error", error.message) }
        }
    }

    private static func text(_ text: String) -> String? { text.isEmpty ? nil : text }
}
