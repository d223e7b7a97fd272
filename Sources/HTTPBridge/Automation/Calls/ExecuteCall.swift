internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension AutomationCalls {
    func execute(_ request: BridgeRequest) async throws -> Answer {
        try await operations.admit(request.caller, to: .trigger)
        let asked: ExecuteRequest
        if request.mediaType == "multipart/form-data" {
            let form = try MultipartForm(
                try await request.bytes(), contentType: request.header(.contentType) ?? "")
            asked = try ExecuteRequest(form)
        } else {
            asked = try ExecuteRequest(try await request.json())
        }
        switch asked.subject {
        case .workflow(let id):
            return try await single(
                TriggerRequest(workflowID: id), asked, request)
        case .definition(let given):
            let kept = try await operations.keepInlineWorkflow(
                given.definition.text, name: given.fileName, by: request.caller)
            var asked = asked
            // There is nothing to step through where the execution fails with the workflow's faults.
            if !kept.isValid { asked.breakpoints = nil }
            return try await single(TriggerRequest(workflowID: kept.id), asked, request)
        case .many(let given):
            return try await parallel(
                StartBatchRequest(
                    workflows: given.map {
                        BatchWorkflow(
                            definitionJSON: $0.definition.text, fileName: $0.fileName)
                    }), asked, request)
        case .folder(let path, let isRecursive, let pattern):
            return try await parallel(
                StartBatchRequest(
                    folder: BatchFolder(path: path, recursive: isRecursive, pattern: pattern)),
                asked, request)
        }
    }

    private func single(
        _ trigger: TriggerRequest, _ asked: ExecuteRequest, _ request: BridgeRequest
    ) async throws -> Answer {
        var trigger = trigger
        trigger.inputJSON = asked.input
        trigger.requestID = request.header("x-idempotency-key") ?? ""
        trigger.trigger = asked.source
        trigger.breakpoints = asked.breakpoints
        trigger.traceLogs = asked.traceLogs
        let answer = try await operations.triggerExecution(trigger, by: request.caller)
        return .json { json in
            json.object { json in
                json.member(
                    "executionId", ExecutionName.execution(answer.execution?.number ?? 0))
                json.member("status", "running")
                json.member("executionMode", "single")
            }
        }
    }

    private func parallel(
        _ start: StartBatchRequest, _ asked: ExecuteRequest, _ request: BridgeRequest
    ) async throws -> Answer {
        var start = start
        start.workers = asked.workers
        start.priority = asked.priority
        start.inputJSON = asked.input
        start.requestID = request.header("x-idempotency-key") ?? ""
        let started = try await operations.startBatch(start, by: request.caller)
        let batch = started.batch ?? Batch()
        let items = try await items(of: batch, withCurrentNode: false, request.caller)
        return .json { json in
            json.object { json in
                json.member("batchId", ExecutionName.batch(batch.number))
                json.member("executionMode", "parallel")
                json.member("sourceType", AutomationWords.batchSources[batch.source])
                if !batch.folderPath.isEmpty { json.member("folderPath", batch.folderPath) }
                json.member("totalWorkflows", batch.total + batch.invalid)
                json.member("validWorkflows", batch.total)
                json.member("invalidWorkflows", batch.invalid)
                json.key("validationErrors")
                json.array(batch.faults) { json, fault in
                    json.object { json in
                        json.member("fileName", fault.fileName)
                        if !fault.path.isEmpty { json.member("workflowPath", fault.path) }
                        json.key("errors")
                        json.array(fault.errors) { json, error in json.string(error) }
                    }
                }
                json.key("executions")
                json.array(items) { json, item in AutomationShapes.write(item, to: &json) }
            }
        }
    }

    /// All items of a batch, which has few thousand at most.
    func items(
        of batch: Batch, withCurrentNode: Bool, _ caller: Caller
    ) async throws -> [BatchItem] {
        var items: [BatchItem] = []
        var asked = ListBatchItemsRequest(
            batchID: "\(batch.number)", pageSize: 1_000, withCurrentNode: withCurrentNode)
        repeat {
            let page = try await operations.listBatchItems(asked, by: caller)
            items += page.items
            asked.pageToken = page.nextPageToken
        } while !asked.pageToken.isEmpty
        return items
    }
}
