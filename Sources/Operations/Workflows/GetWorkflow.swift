package import Messages
internal import Store

extension Operations {
    /// Returns a workflow with the definition of one version. Needs viewer.
    package func getWorkflow(_ request: GetWorkflowRequest, by caller: Caller)
        async throws(OperationError) -> Workflow
    {
        let grant = try await authorise(
            .getWorkflow, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128, isNeeded: true)
        check.range("version", request.version, 0...Int32.max)
        try check.finish()
        return try await workflow(
            request.workflowID, version: request.version == 0 ? nil : request.version, grant)
    }

    /// The caller's workflow with that id; `version` nil: the newest.
    func workflow(_ id: String, version: Int32?, _ grant: Authoriser.Grant)
        async throws(OperationError) -> Workflow
    {
        let found = try await reading { () async throws(StoreError) in
            try await store.workflow(id, version: version, workspaceID: grant.workspaceID)
        }
        guard let found, grant.podID == nil || found.podID == grant.podID else {
            guard let version else {
                throw .notFound("workflow", id, reason: "WORKFLOW_NOT_FOUND")
            }
            throw .notFound(
                "version \(version) of the workflow", id, reason: "WORKFLOW_NOT_FOUND")
        }
        return found
    }
}
