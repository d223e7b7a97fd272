internal import Engine
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Acts on single executions for one bulk operation. Acting on one twice does no more than once: what
/// the engine commits carries a request id, and what the store alone commits goes with its result.
struct BulkActor: Sendable {
    let operations: Operations
    let operation: BulkOperation

    /// - Returns: what became of it; nil where that is committed already.
    /// - Throws: where it has to be tried again: the store fails, or the server stops.
    func act(on pending: BulkResult) async throws -> BulkResult? {
        let number = ExecutionNumber(rawValue: pending.executionNumber)
        do {
            switch operation.action {
            case .cancel:
                _ = try await operations.engine.cancel(
                    number, by: operation.startedBy, reason: operation.reason,
                    request: request(number))
                return pending.settled(.succeeded)
            case .replay, .retry: return try await again(pending)
            case .delete: return try await commit(.deleteExecution(number), pending)
            case .tag:
                return try await commit(
                    .many(
                        .tag(
                            .set(
                                number, workspaceID: operation.workspaceID,
                                add: operation.addTags, remove: operation.removeTags,
                                replacing: false,
                                limit: operations.limits.tagsPerExecutionMax))), pending)
            case .unspecified, .unrecognized:
                return pending.settled(
                    .failed, "ACTION_UNKNOWN", "this server knows no such action")
            }
        } catch let error as EngineError {
            guard let result = pending.settled(error) else { throw error }
            return result
        }
    }

    /// Replays or retries it.
    private func again(_ pending: BulkResult) async throws -> BulkResult {
        let number = ExecutionNumber(rawValue: pending.executionNumber)
        let found = try await operations.store.execution(
            .number(number), workspaceID: operation.workspaceID)
        guard let row = found else {
            return pending.settled(.skipped, "EXECUTION_NOT_FOUND", "it was erased")
        }
        let request = NewExecution.Request(
            method: "Bulk", id: requestID(number), hash: Self.hash)
        let engine = operations.engine
        let made =
            operation.action == .retry
            ? try await engine.retry(
                row, usesCurrentVersion: false, by: operation.startedBy, request: request)
            : try await engine.replay(
                row, ReplayPlan(), by: operation.startedBy, request: request)
        var result = pending.settled(.succeeded)
        result.newExecutionID = made.execution.id
        result.newExecutionNumber = made.execution.number
        return result
    }

    /// Commits a change together with the result that it succeeded.
    private func commit(_ change: Change, _ pending: BulkResult) async throws -> BulkResult? {
        let settle = BulkChange.settle(operation.number, [pending.settled(.succeeded)])
        let outcome = try await operations.committer.commit(
            Commit([change, .many(.bulk(settle))]), admission: .accepted)
        switch outcome {
        case .committed: return nil
        case .refused(.notFinal):
            return pending.settled(.skipped, "EXECUTION_NOT_FINAL", "it is not final any more")
        case .refused(.notFound):
            return pending.settled(
                .skipped, "EXECUTION_NOT_FOUND", "it, or one of the tags, was erased meanwhile")
        case .refused(.tooMany):
            return pending.settled(.failed, "TAGS_MAX", "it would have too many tags")
        case .refused(let refusal):
            return pending.settled(.failed, "STORE_FAILED", "the store refused it: \(refusal)")
        case .failed(let error): throw error
        }
    }

    /// The same for every request: its id says all.
    private static let hash: [UInt8] = [UInt8](repeating: 0, count: 32)

    private func requestID(_ number: ExecutionNumber) -> String {
        "\(operation.id)-\(operation.action.rawValue)-\(number)"
    }

    private func request(_ number: ExecutionNumber) -> RequestRecord {
        RequestRecord(
            workspaceID: operation.workspaceID, method: "Bulk", requestID: requestID(number),
            hash: Self.hash, number: number)
    }
}

extension BulkResult {
    func settled(_ outcome: BulkOutcome, _ reason: String = "", _ message: String = "")
        -> BulkResult
    {
        var result = self
        result.outcome = outcome
        result.reason = reason
        result.message = message
        return result
    }

    /// What an engine's refusal makes of it; nil where it has to be tried again.
    func settled(_ error: EngineError) -> BulkResult? {
        switch error.code {
        case .unavailable, .resourceExhausted, .aborted: nil
        case .notFound: settled(.skipped, error.reason, error.message)
        case .failedPrecondition where error.reason.hasPrefix("EXECUTION_"):
            settled(.skipped, error.reason, error.message)
        case .failedPrecondition, .invalidArgument, .alreadyExists, .permissionDenied, .internal:
            settled(.failed, error.reason, error.message)
        }
    }
}
