internal import Engine
internal import Logging
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// One look at one schedule: fires what waited and may go on, then what is due.
struct ScheduleTurn {
    /// What is left to do.
    struct Result: Sendable {
        var waits: [Scheduler.Wait] = []
        /// Something that passes went wrong: look again in a moment.
        var hasFailed = false
    }

    /// Why a turn ends early.
    private enum Interruption: Error {
        /// Somebody else decided first, or the schedule was changed.
        case outrun
        /// To be tried again.
        case passing(String)
    }

    private let operations: Operations
    private let key: ScheduleKey
    private let logger: Logger

    init(_ operations: Operations, _ key: ScheduleKey, _ logger: Logger) {
        self.operations = operations
        self.key = key
        self.logger = logger
    }

    private var schedules: any ScheduleStore { operations.store.schedules }
    private var now: WallTime { operations.environment.now() }

    func serve() async -> Result {
        var result = Result()
        do throws(Interruption) {
            let found = try await reading { () async throws(StoreError) in
                try await schedules.schedule(key)
            }
            guard let row = found else { return result }
            let plan = try plan(row)
            if let wait = try await drain(row) { result.waits.append(wait) }
            if let wait = try await fireDue(row, plan) { result.waits.append(wait) }
        } catch {
            // After being outrun, the next look sees what became of it.
            guard case .passing(let reason) = error else { return result }
            logger.warning(
                "a schedule is tried again",
                metadata: [
                    "schedule": "\(key.scheduleID)", "workspace": "\(key.workspaceID)",
                    "reason": "\(reason)",
                ])
            result.hasFailed = true
        }
        return result
    }

    private func plan(_ row: ScheduleRow) throws(Interruption) -> SchedulePlan {
        do throws(CronError) {
            return try SchedulePlan(row.spec, scheduleID: key.scheduleID)
        } catch {
            throw .passing("the schedule cannot be read: \(error)")
        }
    }

    // MARK: What waited

    private func drain(_ row: ScheduleRow) async throws(Interruption) -> Scheduler.Wait? {
        let limit = operations.limits.scheduleBackfillMax + operations.limits.scheduleBufferMax
        let buffered = try await reading { () async throws(StoreError) in
            try await schedules.bufferedFires(key, limit: limit)
        }
        for waiting in buffered {
            guard !row.schedule.paused || waiting.fire.backfill else { continue }
            guard !Task.isCancelled else { throw .outrun }
            if waiting.policy != .allowAll, let number = try await active().first {
                return Scheduler.Wait(key: key, number: number)
            }
            try await start(row, waiting.fire) { .schedule(.settleFire($0)) }
        }
        return nil
    }

    private func active() async throws(Interruption) -> [ExecutionNumber] {
        try await reading { () async throws(StoreError) in
            try await schedules.activeExecutions(key, limit: 1_000)
        }
    }

    // MARK: What is due

    private func fireDue(_ row: ScheduleRow, _ plan: SchedulePlan) async throws(Interruption)
        -> Scheduler.Wait?
    {
        guard !row.schedule.paused, row.nextAt != nil else { return nil }
        var decided = row.decidedThrough
        let due = plan.due(after: decided, at: now)
        if let missed = due.missed {
            var fire = fire(missed.first, .missed)
            fire.throughTime = missed.through.timestamp
            fire.reason = "CATCH_UP"
            fire.message =
                "no server fired it in time: it is older than the catch-up window, or beyond the "
                + "catch-up maximum"
            try await commit(
                [
                    advance(decided, missed.through, plan),
                    .schedule(.insertFire(FireRow(key: key, fire: fire), replacing: false)),
                ])
            decided = missed.through
        }
        var wait: Scheduler.Wait?
        for nominal in due.fires {
            guard !Task.isCancelled else { throw .outrun }
            if let waits = try await fire(nominal, row, plan, from: decided) { wait = waits }
            decided = nominal
        }
        if due == SchedulePlan.Due(), let next = row.nextAt, next <= now {
            // The clock was set, or the zone's rules have changed: look when there is something.
            try await commit([advance(decided, decided, plan)])
        }
        return wait
    }

    private func advance(_ from: WallTime, _ through: WallTime, _ plan: SchedulePlan) -> Change {
        .schedule(
            .advance(key, from: from, through: through, nextAt: plan.nextFire(after: through)))
    }

    private func fire(_ nominal: WallTime, _ outcome: FireOutcome) -> ScheduleFire {
        ScheduleFire(nominalTime: nominal.timestamp, outcome: outcome, time: now.timestamp)
    }

    private func fire(
        _ nominal: WallTime, _ row: ScheduleRow, _ plan: SchedulePlan, from decided: WallTime
    ) async throws(Interruption) -> Scheduler.Wait? {
        let advance = advance(decided, nominal, plan)
        let spec = row.spec
        let bufferMax =
            spec.bufferMax == 0 ? ScheduleDefaults.bufferMax : Int(spec.bufferMax)
        let active = spec.overlapPolicy == .allowAll ? [] : try await active()
        var buffered = 0
        if spec.overlapPolicy == .bufferOne || spec.overlapPolicy == .bufferAll {
            let waiting = try await reading { () async throws(StoreError) in
                try await schedules.bufferedFires(key, limit: bufferMax)
            }
            buffered = waiting.count
        }
        var fire = fire(nominal, .fired)
        let decision = OverlapDecision(
            spec.overlapPolicy, isActive: !active.isEmpty, buffered: buffered,
            bufferMax: bufferMax)
        switch decision {
        case .skip(let reason):
            fire.outcome = .skipped
            fire.reason = reason
            fire.message = active.first.map { "execution \($0) had not ended" } ?? ""
            try await decide(fire, advance, .unspecified)
        case .buffer:
            fire.outcome = .buffered
            try await decide(fire, advance, spec.overlapPolicy)
            return active.first.map { Scheduler.Wait(key: key, number: $0) }
        case .cancelAndFire:
            for number in active { try await cancel(number) }
            fallthrough
        case .fire:
            try await start(row, fire, with: [advance]) {
                .schedule(.insertFire($0, replacing: false))
            }
        }
        return nil
    }

    private func decide(_ fire: ScheduleFire, _ advance: Change, _ policy: OverlapPolicy)
        async throws(Interruption)
    {
        try await commit(
            [
                advance,
                .schedule(
                    .insertFire(FireRow(key: key, fire: fire, policy: policy), replacing: false)),
            ], decided: advance)
    }

    private func cancel(_ number: ExecutionNumber) async throws(Interruption) {
        do throws(EngineError) {
            _ = try await operations.engine.cancel(
                number, by: "schedule:\(key.scheduleID)",
                reason: "the schedule's next time came", request: nil)
        } catch {
            // One that has ended meanwhile is not in the way any more.
            let error = OperationError(error)
            if error.isPassing { throw .passing(error.message) }
        }
    }

    // MARK: Starting

    /// Starts the execution of a nominal time, or records why there is none.
    /// - Parameter row: the change that records what became of it.
    private func start(
        _ row: ScheduleRow, _ fire: ScheduleFire, with changes: [Change] = [],
        record: @escaping @Sendable (FireRow) -> Change
    ) async throws(Interruption) {
        var fire = fire
        fire.time = now.timestamp
        do throws(OperationError) {
            let grant = try await operations.authorise(
                recorded: row.stored.principal, workspaceID: key.workspaceID,
                origin: "schedule \(key.scheduleID)")
            let spec = row.spec
            let version = try await operations.deployedVersion(
                spec.workflowID, workspaceID: key.workspaceID)
            var new = NewExecution(
                workspaceID: key.workspaceID, workflowID: spec.workflowID, version: version,
                inputJSON: spec.inputJSON, priority: spec.priority, trigger: .schedule,
                triggeredBy: grant.principal.name)
            new.triggerID = key.scheduleID
            new.nominalTime = fire.nominalTime
            let tidy = tidy
            new.companions = { [fire, key] number, id in
                var fired = fire
                fired.outcome = .fired
                fired.executionNumber = number.rawValue
                fired.executionID = id
                return changes + [record(FireRow(key: key, fire: fired))] + tidy
            }
            _ = try await operations.engaging { () async throws(EngineError) in
                try await operations.engine.trigger(new)
            }
        } catch {
            if error.reason == "ALREADY_FIRED" { try await outrun(changes.first) }
            if error.isPassing { throw .passing(error.message) }
            fire.outcome = error.isRefusal ? .refused : .failed
            fire.reason = error.reason
            fire.message = error.message.clipped(toBytes: 1_024)
            try await commit(
                changes + [record(FireRow(key: key, fire: fire))], decided: changes.first)
        }
    }

    /// From time to time what need not be remembered is forgotten.
    private var tidy: [Change] {
        guard operations.environment.random() % 32 == 0 else { return [] }
        return [.schedule(.tidyFires(key, keep: operations.limits.scheduleFiresKept))]
    }

    /// The store has a decision on this nominal time already. Where the schedule itself does not
    /// know (a clock that was set back before it was saved), it learns it now.
    private func outrun(_ advance: Change?) async throws(Interruption) {
        if let advance { try await commit([advance]) }
        throw .outrun
    }

    // MARK: The store

    /// - Parameter decided: what is committed alone if the nominal time is decided already.
    private func commit(_ changes: [Change], decided: Change? = nil) async throws(Interruption) {
        let refusal: CommitOutcome.Refusal?
        do throws(OperationError) {
            refusal = try await operations.committing(changes)
        } catch {
            throw .passing(error.message)
        }
        guard let refusal else { return }
        guard refusal == .alreadyFired else { throw .passing("the store refused it: \(refusal)") }
        if let decided { try await outrun(decided) }
        throw .outrun
    }

    private func reading<Value>(
        _ body: () async throws(StoreError) -> Value
    ) async throws(Interruption) -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw .passing(error.message)
        }
    }
}
