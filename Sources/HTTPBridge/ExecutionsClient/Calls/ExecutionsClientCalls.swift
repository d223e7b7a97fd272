internal import Messages
internal import Operations

/// Serves the calls of the executions client, one file each.
struct ExecutionsClientCalls: Sendable {
    let operations: Operations

    /// The workflow of an execution, in the version it ran; nil where it is erased.
    func workflow(of execution: Execution, _ caller: Caller) async throws
        -> ExecutionsClientWorkflow?
    {
        do throws(OperationError) {
            let workflow = try await operations.getWorkflow(
                GetWorkflowRequest(
                    workspaceID: execution.workspaceID, workflowID: execution.workflowID,
                    version: execution.workflowVersion), by: caller)
            return ExecutionsClientWorkflow(workflow: workflow)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
