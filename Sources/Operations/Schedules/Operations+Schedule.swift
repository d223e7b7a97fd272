internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Next times and fires that one schedule shows.
    static let nextTimesMax = 10

    /// The schedule that a request names, in the granted workspace and pod.
    func schedule(_ id: String, _ grant: Authoriser.Grant) async throws(OperationError)
        -> ScheduleRow
    {
        let key = ScheduleKey(workspaceID: grant.workspaceID, scheduleID: id)
        let row = try await reading { () async throws(StoreError) in
            try await store.schedules.schedule(key)
        }
        guard let row, grant.podID == nil || grant.podID == row.schedule.podID else {
            throw .notFound("schedule", id, reason: "SCHEDULE_NOT_FOUND")
        }
        return row
    }

    /// A schedule as callers see it.
    func shown(_ row: ScheduleRow, nextCount: Int) -> Schedule {
        var schedule = row.schedule
        schedule.nextFireTime = row.nextAt?.timestamp
        if !schedule.paused, let plan = try? SchedulePlan(row.spec, scheduleID: schedule.id) {
            schedule.nextTimes = plan.times(after: row.decidedThrough, count: nextCount)
                .map(\.timestamp)
        }
        return schedule
    }

    /// Changes a schedule: everything from now on follows the new one. Where somebody else changes it,
    /// or it fires, at the same time, `edit` is called again with what it is then, so that nothing is
    /// lost.
    /// - Parameters:
    ///   - savesUnchanged: whether one that `edit` leaves as it was is saved, as of now.
    ///   - edit: checks and changes the schedule as it stands.
    /// - Throws: `.aborted` where others are always quicker.
    func replaceSchedule(
        _ id: String, _ grant: Authoriser.Grant, savesUnchanged: Bool = true,
        _ edit: (inout ScheduleRow) async throws(OperationError) -> Void
    ) async throws(OperationError) -> Schedule {
        for _ in 0..<Self.editsMax {
            let old = try await schedule(id, grant)
            var row = old
            try await edit(&row)
            guard savesUnchanged || row != old else {
                return shown(old, nextCount: Self.nextTimesMax)
            }
            let now = environment.now()
            row.stored.schedule?.updateTime = now.timestamp
            row.stored.schedule?.updatedBy = grant.principal.name
            row.decidedThrough = now
            row.nextAt = nil
            if !row.schedule.paused {
                row.nextAt = (try? SchedulePlan(row.spec, scheduleID: row.schedule.id))?
                    .nextFire(after: now)
            }
            let refusal = try await committing(
                [.schedule(.replace(row, expecting: old))], grant, "schedule \(id)")
            switch refusal {
            case nil:
                scheduleSignals.drain(row.key)
                return shown(row, nextCount: Self.nextTimesMax)
            case .changed: continue
            default: throw .notFound("schedule", id, reason: "SCHEDULE_NOT_FOUND")
            }
        }
        throw Self.outrun("schedule")
    }

    /// Puts what an author chooses into a schedule, which runs as its author from now on.
    func apply(
        _ spec: ScheduleSpec, to row: inout ScheduleRow, _ grant: Authoriser.Grant,
        by caller: Caller
    ) async throws(OperationError) {
        var check = RequestCheck()
        _ = check.schedule(spec, id: row.schedule.id, limits)
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        row.stored.schedule?.spec = spec
        row.stored.schedule?.podID = workflow.podID
        row.run(as: caller, grant)
    }
}

extension ScheduleRow {
    /// From now on it fires what its caller may.
    mutating func run(as caller: Caller, _ grant: Authoriser.Grant) {
        stored.schedule?.runsAs = grant.principal.name
        stored.principal = caller.principal
    }

    /// Pauses it, or lets it go on as the caller.
    mutating func set(
        paused: Bool, note: String = "", by caller: Caller, _ grant: Authoriser.Grant
    ) {
        stored.schedule?.paused = paused
        stored.schedule?.pauseNote = note
        if !paused { run(as: caller, grant) }
    }
}
