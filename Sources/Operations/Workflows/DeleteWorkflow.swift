package import Messages
internal import Store

extension Operations {
    /// Erases a workflow and its versions; its final executions stay. Needs editor.
    package func deleteWorkflow(_ request: DeleteWorkflowRequest, by caller: Caller)
        async throws(OperationError) -> DeleteWorkflowResponse
    {
        let grant = try await authorise(
            .deleteWorkflow, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128, isNeeded: true)
        try check.finish()
        let found = try await workflow(request.workflowID, version: nil, grant)
        let change = Change.deleteWorkflow(
            workspaceID: grant.workspaceID, workflowID: found.id)
        let refusal = try await committing([change], grant, "workflow \(found.id)")
        switch refusal {
        case nil:
            return DeleteWorkflowResponse()
        case .workflowInUse:
            throw OperationError(
                .failedPrecondition, reason: "WORKFLOW_IN_USE",
                "an execution of '\(found.id)' is not final; wait for it or cancel it first")
        case .some:
            throw .notFound("workflow", request.workflowID, reason: "WORKFLOW_NOT_FOUND")
        }
    }
}
