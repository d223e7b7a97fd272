package import Messages
internal import Store

extension Operations {
    /// Makes one version the one that schedules and webhooks fire. Needs admin.
    package func deployWorkflow(_ request: DeployWorkflowRequest, by caller: Caller)
        async throws(OperationError) -> Workflow
    {
        let grant = try await authorise(
            .deployWorkflow, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128, isNeeded: true)
        check.range("version", request.version, 0...Int32.max)
        try check.finish()
        let version = request.version == 0 ? nil : request.version
        let found = try await workflow(request.workflowID, version: version, grant)
        let change = Change.deployWorkflow(
            workspaceID: grant.workspaceID, workflowID: found.id, version: found.version)
        let object = "workflow \(found.id) version \(found.version)"
        guard try await committing([change], grant, object) == nil else {
            throw .notFound("workflow", request.workflowID, reason: "WORKFLOW_NOT_FOUND")
        }
        return try await workflow(found.id, version: found.version, grant)
    }
}
