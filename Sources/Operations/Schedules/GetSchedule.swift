package import Messages
internal import Model
internal import Store

extension Operations {
    /// Returns a schedule with its next times and its newest fires. Needs viewer.
    package func getSchedule(_ request: GetScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .getSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await schedule(request.scheduleID, grant)
        let (fires, buffered) = try await reading { () async throws(StoreError) in
            (
                try await store.schedules.fires(row.key, before: nil, limit: Self.nextTimesMax),
                try await store.schedules.bufferedFires(
                    row.key, limit: limits.scheduleBackfillMax + limits.scheduleBufferMax)
            )
        }
        var schedule = shown(row, nextCount: Self.nextTimesMax)
        schedule.recentFires = fires.map(\.fire)
        schedule.bufferedCount = Int32(clamping: buffered.count)
        return schedule
    }
}
