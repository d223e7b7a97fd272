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

    /// Changes a schedule: everything from now on follows the new one.
    func replaceSchedule(
        _ row: ScheduleRow, _ grant: Authoriser.Grant, _ change: (inout Schedule) -> Void,
        runsAs principal: Principal?
    ) async throws(OperationError) -> Schedule {
        var row = row
        let now = environment.now()
        var schedule = row.schedule
        change(&schedule)
        schedule.updateTime = now.timestamp
        schedule.updatedBy = grant.principal.name
        if let principal {
            schedule.runsAs = grant.principal.name
            row.stored.principal = principal
        }
        row.stored.schedule = schedule
        row.decidedThrough = now
        row.nextAt = nil
        if !schedule.paused {
            row.nextAt = (try? SchedulePlan(row.spec, scheduleID: schedule.id))?
                .nextFire(after: now)
        }
        let refusal = try await committing(
            [.schedule(.replace(row))], grant, "schedule \(schedule.id)")
        guard refusal == nil else {
            throw .notFound("schedule", schedule.id, reason: "SCHEDULE_NOT_FOUND")
        }
        scheduleSignals.drain(row.key)
        return shown(row, nextCount: Self.nextTimesMax)
    }
}
