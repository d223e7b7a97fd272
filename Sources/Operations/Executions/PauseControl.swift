internal import Engine
package import Messages

extension Operations {
    /// Says how an execution goes on at a breakpoint or a pause. Needs operator.
    package func pauseControl(_ request: PauseControlRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .pauseControl, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.known("action", request.action)
        if request.action == .unspecified {
            check.fault(
                "action", "expected CONTINUE, STOP, SKIP or CONTINUE_WITHOUT_BREAKPOINT, got none")
        }
        check.text("interrupt_id", request.interruptID, bytesMax: 4_096)
        check.text("reason", request.reason, bytesMax: 1_024)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        var asked = request
        asked.requestID = ""
        return try await control(
            .pauseControl(
                request.action,
                interruptID: request.interruptID.isEmpty ? nil : request.interruptID),
            request.executionID, reason: request.reason, grant,
            Repeatable("PauseControl", request.requestID, RequestHash.of(asked)))
    }

    /// What makes a repeat of a call safe.
    struct Repeatable {
        let method: String
        let id: String
        let hash: [UInt8]

        init(_ method: String, _ id: String, _ hash: [UInt8]) {
            self.method = method
            self.id = id
            self.hash = hash
        }
    }

    /// Runs a command on the caller's execution.
    func control(
        _ action: ControlCommand.Action, _ executionID: String, reason: String,
        _ grant: Authoriser.Grant, _ repeatable: Repeatable
    ) async throws(OperationError) -> Execution {
        let row = try await execution(executionID, grant)
        let record = requestRecord(repeatable.method, repeatable.id, repeatable.hash, row, grant)
        let command = ControlCommand(action, by: grant.principal.name, reason: reason)
        return try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.control(row.number, command, request: record)
        }
    }
}
