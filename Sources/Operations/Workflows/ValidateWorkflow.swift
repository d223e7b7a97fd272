internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Checks a definition and lists every fault; saves nothing. Needs viewer.
    package func validateWorkflow(_ request: ValidateWorkflowRequest, by caller: Caller)
        async throws(OperationError) -> ValidateWorkflowResponse
    {
        let grant = try await authorise(
            .validateWorkflow, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text(
            "definition_json", request.definitionJSON, bytesMax: limits.definitionBytesMax,
            isNeeded: true)
        try check.finish()
        return ValidateWorkflowResponse(
            faults: await engine.validate(
                request.definitionJSON, allowUnregistered: request.allowUnregistered,
                workspaceID: grant.workspaceID))
    }
}
