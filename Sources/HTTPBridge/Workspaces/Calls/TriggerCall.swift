internal import HTTPTypes
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func trigger(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request, isEditor: true)
        try await operations.admit(
            at.caller, to: .trigger, workspaceID: at.workspaceID, podID: at.podID)
        var fields = BodyFields(try await request.json())
        let workflowID = fields.string("workflowId", isNeeded: true) ?? ""
        _ = fields.object("input")
        try fields.finish()
        let answer = try await operations.triggerExecution(
            TriggerRequest(
                workspaceID: at.workspaceID, podID: at.podID, workflowID: workflowID,
                inputJSON: fields.document("input"),
                requestID: request.header("x-idempotency-key") ?? "", trigger: .manual),
            by: at.caller)
        return .workspaces(answer.execution ?? Execution(), status: .created)
    }
}
