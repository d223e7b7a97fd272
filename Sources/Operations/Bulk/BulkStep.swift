internal import Logging
internal import Messages
internal import Model
internal import Store

/// One step of a bulk operation: it takes some executions, or acts on those it has taken, or ends.
extension Operations {
    /// Executions that are taken, and then acted on, at a time.
    static var bulkStepMax: Int { 50 }

    func stepBulk(_ number: Int64) async -> BulkPace {
        do {
            guard
                let row = try await store.many.bulk(
                    .number(ExecutionNumber(rawValue: number)), workspaceID: nil)
            else { return .ended }
            let pending = try await store.many.bulkResults(
                number, after: row.operation.processed - Int64(Self.bulkStepMax),
                outcomes: [.pending], limit: Self.bulkStepMax)
            let takesMore = row.operation.status == .running && !row.hasTakenAll
            if !pending.isEmpty || takesMore, let refusal = try await refusal(of: row) {
                try await halt(row.operation, pending, refusal)
            } else if !pending.isEmpty {
                return .again(at: try await act(row.operation, on: pending))
            } else if takesMore {
                try await takeMore(row)
            } else {
                let outcome = try await committer.commit(
                    Commit([.many(.bulk(.end(number, at: environment.now())))]),
                    admission: .accepted)
                if case .failed(let error) = outcome { throw error }
                return .ended
            }
            return .again(at: environment.now())
        } catch {
            logger.warning(
                "a bulk operation was cut off and goes on later",
                metadata: ["operation": "\(number)", "error": "\(error)"])
            return .again(at: environment.now().advanced(by: Self.bulkRetry))
        }
    }

    /// Why whoever started it may not go on with it any more; nil: it may.
    private func refusal(of row: BulkRow) async throws(OperationError) -> OperationError? {
        do throws(OperationError) {
            let grant = try await authorise(
                recorded: try await principal(of: row), for: .startBulkOperation,
                workspaceID: row.operation.workspaceID,
                origin: "bulk operation \(row.operation.number)")
            try Self.check(grant, mayStart: row.operation.action)
            return nil
        } catch {
            guard error.isPassing else { return error }
            throw error
        }
    }

    /// Stops it: of what it has taken, the rest is left as it is.
    private func halt(
        _ operation: BulkOperation, _ pending: [BulkResult], _ refusal: OperationError
    ) async throws {
        let skipped = pending.map {
            $0.settled(.skipped, refusal.reason, refusal.message.clipped(toBytes: 1_024))
        }
        let outcome = try await committer.commit(
            Commit([
                .many(.bulk(.settle(operation.number, skipped))),
                .many(.bulk(.halt(operation.number, reason: refusal.reason))),
            ]), admission: .accepted)
        if case .failed(let error) = outcome { throw error }
    }

    private func takeMore(_ row: BulkRow) async throws {
        let operation = row.operation
        var query = ExecutionQuery(
            workspaceID: operation.workspaceID,
            podID: operation.podID.isEmpty ? nil : operation.podID,
            filter: operation.filter ?? ExecutionFilter(), limit: Self.bulkStepMax,
            after: row.cursor)
        query.detail = .slim
        let page = try await store.executions(query)
        let take = BulkChange.take(
            operation.number, page.rows.map { ($0.number, $0.execution.id) }, cursor: page.next,
            hasTakenAll: page.next == nil)
        // Refused where it was stopped meanwhile, which the next look finds.
        let outcome = try await committer.commit(
            Commit([.many(.bulk(take))]), admission: .accepted)
        if case .failed(let error) = outcome { throw error }
    }

    /// Acts on what was taken.
    /// - Returns: when the operation's rate lets it go on.
    private func act(_ operation: BulkOperation, on pending: [BulkResult]) async throws -> WallTime
    {
        let begin = environment.now()
        let actor = BulkActor(operations: self, operation: operation)
        let results = try await withThrowingTaskGroup(of: BulkResult?.self) { group in
            for result in pending {
                group.addTask { try await actor.act(on: result) }
            }
            var results: [BulkResult] = []
            for try await result in group {
                if let result { results.append(result) }
            }
            return results
        }
        if !results.isEmpty {
            let outcome = try await committer.commit(
                Commit([.many(.bulk(.settle(operation.number, results)))]), admission: .accepted)
            if case .failed(let error) = outcome { throw error }
        }
        let pause = Duration.microseconds(
            Int64(pending.count) * 1_000_000 / Int64(max(1, operation.rate)))
        return begin.advanced(by: pause)
    }
}
