import Messages

@testable import Operations

extension RoleTableTests {
    /// What becomes of executions after their end.
    static let lifeRows: [Row] = [
        Row(.retry) { desk, caller, scope in
            let failed = try await desk.failed()
            _ = try await desk.operations.retryExecution(
                RetryRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, executionID: failed.id),
                by: caller)
        },
        Row(.exportExecutions) { desk, caller, scope in
            _ = try await desk.operations.exportExecutions(
                ExportRequest(workspaceID: scope.workspaceID, podID: scope.podID), by: caller)
        },
        Row(.applyRetention) { desk, caller, scope in
            _ = try await desk.operations.applyRetention(
                ApplyRetentionRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.reveal) { desk, caller, scope in
            _ = try await desk.operations.updateSettings(
                UpdateSettingsRequest(
                    settings: WorkspaceSettings(redaction: RedactionSettings(policy: .all))),
                by: Desk.caller(.admin))
            _ = try await desk.operations.getExecution(
                GetExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished, redaction: .reveal), by: caller)
        },
    ]
}
