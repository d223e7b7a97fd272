internal import Engine
package import Logging
internal import Messages
internal import Model
internal import Store
internal import Synchronization

/// Fires schedules. One for a server; lives in `run`.
///
/// It keeps nothing but when to look next: what is due is read from the store, and each nominal time
/// is decided in one commit together with its execution, which the store takes once.
package final class Scheduler: Sendable {
    /// Schedules that are looked at together.
    private static let roundMax = 64
    /// The longest sleep while anything is scheduled: so soon a clock that was set is noticed. The
    /// store is not asked for that.
    private static let clockInterval = Duration.seconds(1)
    /// How often the store is asked although nothing was signalled: for other servers' schedules.
    private static let readInterval = Duration.seconds(30)
    /// After a failure of the store.
    private static let failurePause = Duration.seconds(1)

    private let operations: Operations
    private let logger: Logger
    /// Schedules of which the end of an execution is waited for.
    private let waiting = Mutex<Set<ScheduleKey>>([])

    /// What is to be watched before a schedule's buffered fires can go on.
    struct Wait: Sendable {
        let key: ScheduleKey
        let number: ExecutionNumber
    }

    package init(_ operations: Operations, logger: Logger) {
        self.operations = operations
        self.logger = logger
    }

    private var environment: any Environment { operations.environment }
    private var signals: ScheduleSignals { operations.scheduleSignals }
    private var schedules: any ScheduleStore { operations.store.schedules }

    /// Fires until cancelled; nothing is under way when it returns.
    package func run() async {
        await operations.engine.started()
        await withDiscardingTaskGroup { group in
            await findBuffered()
            var nextRead = environment.now()
            var next: WallTime?
            while !Task.isCancelled {
                let now = environment.now()
                if now >= nextRead || next.map({ $0 <= now }) ?? false {
                    let round = await round(at: now)
                    for wait in round.waits { watch(wait, &group) }
                    next = round.next
                    nextRead = environment.now().advanced(
                        by: round.hasFailed ? Self.failurePause : Self.readInterval)
                    if round.hasFailed { next = nil }
                    if let soonest = next, soonest <= environment.now() { continue }
                }
                let until = min(
                    nextRead,
                    next.map { min($0, environment.now().advanced(by: Self.clockInterval)) }
                        ?? nextRead)
                if await signals.wait(until: until, environment) { nextRead = environment.now() }
            }
            group.cancelAll()
        }
    }

    /// What was waiting when the server ended.
    private func findBuffered() async {
        var after: ScheduleKey?
        while !Task.isCancelled {
            do throws(StoreError) {
                let limit = 1_000
                let keys = try await schedules.schedulesWithBufferedFires(
                    after: after, limit: limit)
                for key in keys { signals.drain(key) }
                guard keys.count == limit else { return }
                after = keys.last
            } catch {
                logger.error("cannot read the buffered fires", metadata: ["error": "\(error)"])
                await environment.sleep(
                    until: environment.now().advanced(by: Self.failurePause))
            }
        }
    }

    private struct Round {
        var next: WallTime?
        var waits: [Wait] = []
        var hasFailed = false
    }

    /// Serves what is due and what may go on; says when to look again.
    private func round(at now: WallTime) async -> Round {
        let draining = signals.takeDraining()
        var round = Round()
        do throws(StoreError) {
            let due = try await schedules.dueSchedules(at: now, limit: Self.roundMax)
            var keys = draining
            for row in due { keys.insert(row.key) }
            let results = await served(Array(keys))
            for (key, result) in results {
                round.waits += result.waits
                guard result.hasFailed else { continue }
                round.hasFailed = true
                if draining.contains(key) { signals.drain(key) }
            }
            round.next = try await schedules.nextScheduleTime()
        } catch {
            logger.error("cannot read the schedules", metadata: ["error": "\(error)"])
            for key in draining { signals.drain(key) }
            round.hasFailed = true
        }
        return round
    }

    private func served(_ keys: [ScheduleKey]) async -> [(ScheduleKey, ScheduleTurn.Result)] {
        await withTaskGroup(of: (ScheduleKey, ScheduleTurn.Result).self) { group in
            var results: [(ScheduleKey, ScheduleTurn.Result)] = []
            for (index, key) in keys.enumerated() {
                if index >= Self.roundMax, let result = await group.next() {
                    results.append(result)
                }
                group.addTask {
                    (key, await ScheduleTurn(self.operations, key, self.logger).serve())
                }
            }
            for await result in group { results.append(result) }
            return results
        }
    }

    /// Drains the schedule once that execution has ended.
    private func watch(_ wait: Wait, _ group: inout DiscardingTaskGroup) {
        guard waiting.withLock({ $0.insert(wait.key).inserted }) else { return }
        group.addTask {
            await self.ended(wait.number)
            _ = self.waiting.withLock { $0.remove(wait.key) }
            if !Task.isCancelled { self.signals.drain(wait.key) }
        }
    }

    /// Returns when the execution is final or erased, or after a failure to find out.
    private func ended(_ number: ExecutionNumber) async {
        do throws(StoreError) {
            let row = try await operations.store.execution(.number(number), workspaceID: nil)
            guard let row, !row.execution.status.isFinal else { return }
            for try await batch in operations.feed.watch(
                number, after: row.execution.lastSequence)
            where batch.endsExecution {
                return
            }
        } catch {
            await environment.sleep(until: environment.now().advanced(by: Self.failurePause))
        }
    }
}
