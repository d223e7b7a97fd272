internal import HTTPTypes
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func replay(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request, isEditor: true)
        try await operations.admit(
            at.caller, to: .replay, workspaceID: at.workspaceID, podID: at.podID)
        var fields = BodyFields(try await request.json())
        let fromNodeID = fields.string("fromNodeId") ?? ""
        try fields.finish()
        return .workspaces(
            try await operations.replayExecution(
                ReplayRequest(
                    workspaceID: at.workspaceID, podID: at.podID,
                    executionID: try request.executionReference, fromNodeID: fromNodeID,
                    requestID: request.header("x-idempotency-key") ?? ""), by: at.caller),
            isWhole: false, status: .created)
    }
}
