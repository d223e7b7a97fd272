internal import HTTPTypes
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func respond(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request)
        var fields = BodyFields(try await request.json())
        let approved = fields.bool("approved", isNeeded: true) ?? false
        let reason = fields.string("reason") ?? ""
        let nodeID = fields.string("nodeId")
        try fields.finish()
        var response = RespondRequest(
            workspaceID: at.workspaceID, podID: at.podID,
            executionID: try request.executionReference,
            decision: approved ? .approve : .reject, dataJSON: fields.document("data"),
            reason: reason)
        if let nodeID { response.interruptID = try await interrupt(of: nodeID, response, at) }
        return .workspaces(
            try await operations.respondExecution(response, by: at.caller), isWhole: false)
    }

    func approve(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request)
        return .workspaces(
            try await operations.respondExecution(
                RespondRequest(
                    workspaceID: at.workspaceID, podID: at.podID,
                    executionID: try request.executionReference, decision: .approve),
                by: at.caller), isWhole: false)
    }

    private func admitted(_ request: BridgeRequest) async throws -> WorkspacesRequest {
        let at = try WorkspacesRequest(request, isEditor: true)
        try await operations.admit(
            at.caller, to: .respond, workspaceID: at.workspaceID, podID: at.podID)
        return at
    }

    /// The open interrupt of a node, by its id or path.
    private func interrupt(
        of nodeID: String, _ response: RespondRequest, _ at: WorkspacesRequest
    ) async throws -> String {
        let execution = try await operations.getExecution(
            GetExecutionRequest(
                workspaceID: at.workspaceID, podID: at.podID, executionID: response.executionID),
            by: at.caller)
        let open = execution.interrupts.filter {
            $0.nodePath == nodeID || $0.nodeID == nodeID || $0.id == nodeID
        }
        guard open.count == 1 else {
            throw Fault(
                .conflict, code: open.isEmpty ? "NOT_SUSPENDED" : "INTERRUPT_AMBIGUOUS",
                "expected one open interrupt at the node '\(nodeID.prefix(64))', got \(open.count)")
        }
        return open[0].id
    }
}
