internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension TeamsCalls {
    /// Triggers a workflow; the body is its input.
    func execute(_ request: BridgeRequest) async throws -> Answer {
        let input = try await request.jsonText()
        let isObject =
            input.text.utf8.first {
                $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D
            } == UInt8(ascii: "{")
        guard isObject else {
            throw Fault(
                .badRequest, code: "INVALID_ARGUMENT",
                "expected a JSON object as the body, the workflow's input")
        }
        let workflowID = try request.path("id")
        let execution = try await Self.inTeam {
            try await operations.triggerExecution(
                TriggerRequest(
                    workspaceID: try Self.team(request), workflowID: workflowID,
                    inputJSON: input.text, requestID: request.header("X-Idempotency-Key") ?? ""),
                by: request.caller
            ).execution
        }
        return .json { TeamsShapes.writeTriggered(execution ?? Execution(), to: &$0) }
    }
}
