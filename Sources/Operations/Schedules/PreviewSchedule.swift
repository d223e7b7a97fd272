package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// The next times of an expression or a schedule. Needs viewer.
    package func previewSchedule(_ request: PreviewScheduleRequest, by caller: Caller)
        async throws(OperationError) -> PreviewScheduleResponse
    {
        let grant = try await authorise(
            .previewSchedule, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.range("count", request.count, 0...1_000)
        check.instant("after", request.after)
        let count = request.count == 0 ? Self.nextTimesMax : Int(request.count)
        let after = request.after.map(WallTime.init) ?? environment.now()
        guard request.scheduleID.isEmpty else {
            try check.finish()
            let row = try await schedule(request.scheduleID, grant)
            let plan = try? SchedulePlan(row.spec, scheduleID: row.schedule.id)
            return PreviewScheduleResponse(
                times: (plan?.times(after: after, count: count) ?? []).map(\.timestamp))
        }
        let parsed = check.cron(request.cron, zone: request.timeZone, prefix: "")
        try check.finish()
        guard let (cron, zone) = parsed else { return PreviewScheduleResponse() }
        return PreviewScheduleResponse(
            times: cron.times(after: after, count: count, in: zone).map(\.timestamp))
    }
}
