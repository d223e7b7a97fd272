internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Ends a task in an error. Needs worker.
    package func failTask(_ request: FailTaskRequest, by caller: Caller)
        async throws(OperationError) -> FailTaskResponse
    {
        let grant = try await authorise(.failTask, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let key = check.task("task_id", request.taskID)
        if !request.code.isEmpty, !Self.isErrorCode(request.code) {
            check.fault(
                "code",
                "expected 1 to 64 of A-Z 0-9 _, the first a letter, got "
                    + "'\(OperationError.shown(request.code))'")
        }
        check.json(
            "details_json", request.detailsJSON, bytesMax: limits.workers.detailsBytesMax)
        try check.finish()
        guard let key else { return FailTaskResponse() }
        let error = ExecutionError(
            code: request.code.isEmpty ? "WORKER_FAILED" : request.code,
            message: request.message.clipped(toBytes: limits.workers.messageBytesMax),
            detailsJSON: request.detailsJSON)
        try await engaging { () async throws(EngineError) in
            try engine.workers.check(request.taskID)
            try await engine.workers.fail(
                key, workspaceID: grant.workspaceID, by: request.workerID, error: error,
                isRetryable: request.retryable)
        }
        return FailTaskResponse()
    }

    private static func isErrorCode(_ code: String) -> Bool {
        guard let first = code.utf8.first, code.utf8.count <= 64 else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
        return isLetter(first)
            && code.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
