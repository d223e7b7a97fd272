internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    func stop(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        do throws(OperationError) {
            let stopped = try await operations.cancelExecution(
                CancelExecutionRequest(executionID: id), by: request.caller)
            return .json { ExecutionsClientShapes().writeStopped(stopped, to: &$0) }
        } catch {
            switch error.reason {
            case "EXECUTION_NOT_FOUND": throw try await missing(request.caller)
            case "EXECUTION_FINAL": throw try await final(id, request.caller)
            default: throw error
            }
        }
    }

    private func final(_ id: String, _ caller: Caller) async throws -> Fault {
        let execution = try await operations.getExecution(
            GetExecutionRequest(executionID: id), by: caller)
        return .clientConflict(
            "EXECUTION_FINAL",
            "Only running or waiting executions can be stopped and \(execution.number) is "
                + "currently \(ExecutionsClientWords.states[execution])")
    }

    /// Who has no workflow at all is told less.
    private func missing(_ caller: Caller) async throws -> Fault {
        let workflows = try await operations.listWorkflows(
            ListWorkflowsRequest(pageSize: 1), by: caller)
        return Fault(
            .notFound, code: "EXECUTION_TO_STOP_NOT_FOUND",
            workflows.workflows.isEmpty ? "Not Found" : "Failed to find execution to stop")
    }
}
