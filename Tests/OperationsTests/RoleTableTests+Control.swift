import Messages

@testable import Operations

extension RoleTableTests {
    static let controlRows: [Row] = [
        Row(.pause) { desk, caller, scope in
            _ = try await desk.operations.pauseExecution(
                PauseRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended), by: caller)
            _ = try await desk.operations.resumeExecution(
                ResumeRequest(executionID: scope.suspended), by: Desk.caller(.admin))
        },
        Row(.resume) { desk, caller, scope in
            _ = try? await desk.operations.pauseExecution(
                PauseRequest(executionID: scope.suspended), by: Desk.caller(.admin))
            _ = try await desk.operations.resumeExecution(
                ResumeRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended), by: caller)
        },
        Row(.pauseControl) { desk, caller, scope in
            _ = try? await desk.operations.pauseExecution(
                PauseRequest(executionID: scope.suspended), by: Desk.caller(.admin))
            _ = try await desk.operations.pauseControl(
                PauseControlRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended, action: .continue), by: caller)
        },
        Row(.listInterrupts) { desk, caller, scope in
            _ = try await desk.operations.listInterrupts(
                ListInterruptsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.setTraceLogs) { desk, caller, scope in
            _ = try await desk.operations.setTraceLogs(
                SetTraceLogsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended, enabled: true), by: caller)
        },
    ]
}
