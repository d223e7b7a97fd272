internal import Engine
package import Messages

extension Operations {
    /// Erases now what the workspace's retention does not keep. Needs admin.
    package func applyRetention(_ request: ApplyRetentionRequest, by caller: Caller)
        async throws(OperationError) -> ApplyRetentionResponse
    {
        let grant = try await authorise(
            .applyRetention, caller, workspaceID: request.workspaceID)
        let settings = try await settings(workspaceID: grant.workspaceID)
        let result = try await engaging { () async throws(EngineError) in
            try await engine.applyRetention(
                settings.retention ?? RetentionSettings(), workspaceID: grant.workspaceID,
                isDryRun: request.dryRun)
        }
        if !request.dryRun { await record(grant, "\(result.erased) executions") }
        return ApplyRetentionResponse(
            erased: result.erased, spared: result.spared, more: result.hasMore)
    }
}
