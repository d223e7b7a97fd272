internal import Logging
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store
internal import Synchronization

/// Wakes who runs bulk operations; what is sent while it looks is not lost.
final class BulkSignal: Sendable {
    let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (wakes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func send() { continuation.yield() }
}

extension Operations {
    /// Executions that are taken, and then acted on, at a time.
    static var bulkStepMax: Int { 50 }
    /// Bulk operations of all workspaces that go on at the same time.
    private static var bulkRunningMax: Int { 16 }

    /// Runs bulk operations until cancelled: those that had not ended at the last stop, then those that
    /// are started. Called once.
    package func runBulkOperations() async {
        let atWork = BulksAtWork()
        await withDiscardingTaskGroup { group in
            bulkSignal.send()
            for await _ in bulkSignal.wakes {
                let open = try? await store.many.openBulks(limit: 1_000)
                for number in open ?? [] {
                    guard atWork.began(number, max: Self.bulkRunningMax) else { continue }
                    group.addTask {
                        let hasEnded = await self.runBulk(number)
                        atWork.ended(number)
                        guard !Task.isCancelled else { return }
                        if !hasEnded {
                            // The store failed; what was begun is taken up again.
                            await environment.sleep(
                                until: environment.now().advanced(by: .seconds(1)))
                        }
                        bulkSignal.send()
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Goes on with an operation until it has ended.
    /// - Returns: false where it was cut off.
    private func runBulk(_ number: Int64) async -> Bool {
        do {
            while !Task.isCancelled {
                guard
                    let row = try await store.many.bulk(
                        .number(ExecutionNumber(rawValue: number)), workspaceID: nil)
                else { return true }
                let pending = try await store.many.bulkResults(
                    number, after: row.operation.processed - Int64(Self.bulkStepMax),
                    outcomes: [.pending], limit: Self.bulkStepMax)
                let takesMore = row.operation.status == .running && !row.hasTakenAll
                if !pending.isEmpty || takesMore, let refusal = try await refusal(of: row) {
                    try await halt(row.operation, pending, refusal)
                } else if !pending.isEmpty {
                    try await act(row.operation, on: pending)
                } else if takesMore {
                    try await takeMore(row)
                } else {
                    _ = try await committer.commit(
                        Commit([.many(.bulk(.end(number, at: environment.now())))]),
                        admission: .accepted)
                    return true
                }
            }
            return false
        } catch {
            logger.warning(
                "a bulk operation was cut off and goes on later",
                metadata: ["operation": "\(number)", "error": "\(error)"])
            return false
        }
    }

    /// Why whoever started it may not go on with it any more; nil: it may.
    private func refusal(of row: BulkRow) async throws(OperationError) -> OperationError? {
        do throws(OperationError) {
            let grant = try await authorise(
                recorded: row.principal, for: .startBulkOperation,
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
        let page = try await store.executions(
            ExecutionQuery(
                workspaceID: operation.workspaceID,
                podID: operation.podID.isEmpty ? nil : operation.podID,
                filter: operation.filter ?? ExecutionFilter(), limit: Self.bulkStepMax,
                after: row.cursor))
        let take = BulkChange.take(
            operation.number, page.rows.map { ($0.number, $0.execution.id) }, cursor: page.next,
            hasTakenAll: page.next == nil)
        // Refused where it was stopped meanwhile, which the next look finds.
        _ = try await committer.commit(Commit([.many(.bulk(take))]), admission: .accepted)
    }

    /// Acts on what was taken, no faster than the operation's rate.
    private func act(_ operation: BulkOperation, on pending: [BulkResult]) async throws {
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
        await environment.sleep(until: begin.advanced(by: pause))
    }
}

/// Which bulk operations are being run here.
private final class BulksAtWork: Sendable {
    private let numbers = Mutex<Set<Int64>>([])

    /// Whether it is new, and no more than `max` are at work with it.
    func began(_ number: Int64, max: Int) -> Bool {
        numbers.withLock { $0.count < max && $0.insert(number).inserted }
    }

    func ended(_ number: Int64) { numbers.withLock { _ = $0.remove(number) } }
}
