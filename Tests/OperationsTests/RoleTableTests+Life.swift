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
        }
    ]
}
