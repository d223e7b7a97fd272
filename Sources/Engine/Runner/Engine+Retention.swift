internal import Logging
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// What one application of a workspace's retention did.
package struct RetentionResult: Sendable, Equatable {
    /// Erased, or to be erased.
    package var erased: Int64 = 0
    /// Tagged ones that would have gone.
    package var spared: Int64 = 0
    /// It ended before everything was looked at.
    package var hasMore = false
}

extension Engine {
    /// Applies a workspace's retention once, bounded.
    package func applyRetention(
        _ retention: RetentionSettings, workspaceID: String, isDryRun: Bool
    ) async throws(EngineError) -> RetentionResult {
        try await parts.applyRetention(retention, workspaceID: workspaceID, isDryRun: isDryRun)
    }
}

extension EngineParts {
    /// Executions that one application looks at.
    private static let retentionLookedAtMax = 10_000
    /// Executions that are erased at the same time; calls' commits go between and among them.
    private static let retentionStep = 50
    /// Free pages that are given back at a time.
    private static let reclaimedPagesMax = 512

    /// Applies the retentions of all workspaces and of deliveries, now and then at every interval until cancelled.
    func serveRetention() async {
        while !Task.isCancelled {
            let now = environment.now()
            do throws(EngineError) {
                try await applyRetentions()
                try await forgetDeliveries()
                try await reclaim()
            } catch {
                if !Task.isCancelled {
                    logger.warning("cannot apply retention", metadata: ["error": "\(error)"])
                }
            }
            await environment.sleep(until: now.advanced(by: configuration.retentionInterval))
        }
    }

    private func applyRetentions() async throws(EngineError) {
        let limit = 100
        var after: String?
        while !Task.isCancelled {
            let asked = after
            let found: [(workspaceID: String, settings: WorkspaceSettings)]
            do throws(StoreError) {
                found = try await store.workspaceSettings(after: asked, limit: limit)
            } catch {
                throw EngineError(error)
            }
            for (workspaceID, settings) in found {
                guard let retention = settings.retention else { continue }
                let result = try await applyRetention(
                    retention, workspaceID: workspaceID, isDryRun: false)
                if result.erased > 0 { await audit(result, workspaceID) }
            }
            guard found.count == limit else { return }
            after = found.last?.workspaceID
        }
    }

    func applyRetention(
        _ retention: RetentionSettings, workspaceID: String, isDryRun: Bool
    ) async throws(EngineError) -> RetentionResult {
        var result = RetentionResult()
        guard retention.days > 0 || retention.executionsMax > 0 else { return result }
        do throws(StoreError) {
            let final: [ExecutionStatus] = [.completed, .failed, .cancelled]
            let total = try await store.count(
                ExecutionQuery(
                    workspaceID: workspaceID,
                    filter: ExecutionFilter(states: final.map { StateFilter(status: $0) })))
            let now = environment.now()
            var plan = RetentionPlan(
                endedSince: retention.days > 0
                    ? now.advanced(by: .seconds(-86_400 * Int64(retention.days))) : nil,
                executionsMax: retention.executionsMax, total: total)
            var position: ExecutionQuery.Position?
            var lookedAt = 0
            while lookedAt < Self.retentionLookedAtMax {
                let asked = position
                let page = try await store.ended(
                    workspaceID: workspaceID, after: asked, limit: Self.retentionStep)
                lookedAt += page.count
                var going: [ExecutionNumber] = []
                var isDone = page.count < Self.retentionStep
                looking: for execution in page {
                    switch plan.decide(execution) {
                    case .erase: going.append(execution.number)
                    case .spare: result.spared += 1
                    case .keep: break
                    case .stop:
                        isDone = true
                        break looking
                    }
                }
                result.erased += isDryRun ? Int64(going.count) : await erase(going)
                if isDone || Task.isCancelled { return result }
                position = page.last?.position
            }
            result.hasMore = true
            return result
        } catch {
            throw EngineError(error)
        }
    }

    /// Erases executions, a commit each, so that one that was tagged or erased meanwhile concerns no
    /// other.
    /// - Returns: how many were erased.
    private func erase(_ numbers: [ExecutionNumber]) async -> Int64 {
        await withTaskGroup(of: Int64.self) { group in
            for number in numbers {
                group.addTask {
                    do throws(StoreError) {
                        // As new work, so that it stands back where too much waits.
                        let outcome = try await self.committer.commit(
                            Commit([.expireExecution(number)]), admission: .new)
                        guard case .committed = outcome else { return 0 }
                        self.metrics.erased()
                        return 1
                    } catch {
                        return 0
                    }
                }
            }
            return await group.reduce(0, +)
        }
    }

    /// Gives back the space of what was erased, in small steps.
    func reclaim() async throws(EngineError) {
        do throws(StoreError) {
            while !Task.isCancelled,
                try await store.reclaim(pagesMax: Self.reclaimedPagesMax) > 0
            {}
        } catch {
            throw EngineError(error)
        }
    }

    private func audit(_ result: RetentionResult, _ workspaceID: String) async {
        let now = environment.now()
        let entry = AuditEntry(
            workspaceID: workspaceID, time: Timestamp(now), principal: "server",
            operation: "RetentionService/Apply", object: "\(result.erased) executions",
            outcome: "OK")
        let change = Change.access(
            .audit(
                entry, keep: limits.auditEntriesMax,
                since: now.advanced(by: .zero - limits.auditRetention)))
        do throws(StoreError) {
            _ = try await committer.commit(Commit([change]), admission: .accepted)
        } catch {
            logger.error("an audit entry was not written", metadata: ["error": "\(error)"])
        }
    }
}
