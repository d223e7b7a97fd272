internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    func runs(of execution: Execution, _ redaction: RedactionMode, _ caller: Caller)
        -> ExecutionsClientLargeRuns
    {
        ExecutionsClientLargeRuns(
            operations: operations, executionID: execution.id, redaction: redaction, caller: caller)
    }

    func get(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        let includeData = try ExecutionsClientParameters.flag("includeData", request) ?? false
        let ignoresLimit =
            try ExecutionsClientParameters.flag("ignoreDataSizeLimit", request) ?? false
        let redaction = try ExecutionsClientParameters.redaction(request)
        let execution = try await operations.getExecution(
            GetExecutionRequest(
                executionID: id, view: includeData ? .full : .basic,
                redaction: redaction), by: request.caller)
        var shapes = ExecutionsClientShapes()
        if includeData {
            shapes.hasData = true
            shapes.workflow = try await workflow(of: execution, request.caller)
        }
        if includeData, ignoresLimit, execution.dataTooLarge {
            let runs = runs(of: execution, redaction, request.caller)
            return .stream(contentType: "application/json") { [shapes] writer in
                try await runs.write(execution, .single, shapes, to: writer)
            }
        }
        return .json { shapes.write(execution, .single, to: &$0) }
    }
}
