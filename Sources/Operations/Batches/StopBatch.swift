internal import Engine
package import Messages
internal import ProtobufRuntime

extension Operations {
    /// Cancels what is not final of a batch. Needs operator.
    package func stopBatch(_ request: StopBatchRequest, by caller: Caller)
        async throws(OperationError) -> StopBatchResponse
    {
        let grant = try await authorise(.stopBatch, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("reason", request.reason, bytesMax: 1_024)
        try check.finish()
        let batch = try await batch(request.batchID, grant)
        guard batch.endTime == nil else {
            throw OperationError(
                .failedPrecondition, reason: "BATCH_FINAL",
                "batch \(batch.number) is \(batch.status.shortName) already")
        }
        let stopped = try await engaging(grant, "batch \(batch.number)") {
            () async throws(EngineError) in
            try await engine.stopBatch(
                batch.number, by: grant.principal.name, reason: request.reason)
        }
        return StopBatchResponse(
            batch: try await self.batch(batch.id, grant), runningStopped: Int32(stopped.running),
            queuedStopped: Int32(stopped.queued))
    }
}
