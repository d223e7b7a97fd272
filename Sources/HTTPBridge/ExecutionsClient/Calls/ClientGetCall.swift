internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    func get(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        let includeData = try ExecutionsClientParameters.flag("includeData", request) ?? false
        let execution = try await operations.getExecution(
            GetExecutionRequest(
                executionID: id, view: includeData ? .full : .basic,
                redaction: try ExecutionsClientParameters.redaction(request)),
            by: request.caller)
        var shapes = ExecutionsClientShapes()
        if includeData {
            shapes.hasData = true
            shapes.workflow = try await workflow(of: execution, request.caller)
        }
        return .json { shapes.write(execution, .single, to: &$0) }
    }
}
