internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    /// What the API says where an execution cannot be retried, by our reasons.
    private static let refusals = [
        "EXECUTION_QUEUED":
            "Execution is queued to run (not yet started) so it cannot be retried",
        "EXECUTION_NOT_STARTED":
            "The execution was aborted before starting, so it cannot be retried",
        "EXECUTION_COMPLETED": "The execution succeeded, so it cannot be retried.",
    ]

    /// Runs what failed again as a new execution, and answers that.
    func retry(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        let body = try await request.json()
        var usesCurrent = false
        if let value = body["loadWorkflow"], !value.isNull {
            guard let flag = value.boolValue else {
                throw Fault.client("body/loadWorkflow", "must be boolean")
            }
            usesCurrent = flag
        }
        try await operations.admit(request.caller, to: .retry)
        let source = try await operations.getExecution(
            GetExecutionRequest(executionID: id), by: request.caller)
        let retried = try await retry(id, usesCurrent, request.caller)
        let execution = try await operations.getExecution(
            GetExecutionRequest(executionID: retried.id, view: .full), by: request.caller)
        // The snapshot that is shown is the source's, also where a newer version runs.
        let shapes = ExecutionsClientShapes(
            workflow: try await workflow(of: source, request.caller), hasData: true)
        return .json { shapes.write(execution, .retried, to: &$0) }
    }

    private func retry(_ id: String, _ usesCurrent: Bool, _ caller: Caller) async throws
        -> Execution
    {
        do throws(OperationError) {
            return try await operations.retryExecution(
                RetryRequest(executionID: id, currentVersion: usesCurrent), by: caller)
        } catch {
            guard error.code == .failedPrecondition else { throw error }
            throw Fault.clientConflict(
                error.reason, Self.refusals[error.reason] ?? error.message)
        }
    }
}
