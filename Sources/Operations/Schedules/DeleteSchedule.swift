package import Messages
internal import Store

extension Operations {
    /// Erases a schedule; its executions stay. Needs editor.
    package func deleteSchedule(_ request: DeleteScheduleRequest, by caller: Caller)
        async throws(OperationError) -> DeleteScheduleResponse
    {
        let grant = try await authorise(
            .deleteSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await schedule(request.scheduleID, grant)
        let refusal = try await committing(
            [.schedule(.delete(row.key))], grant, "schedule \(row.schedule.id)")
        guard refusal == nil else {
            throw .notFound("schedule", request.scheduleID, reason: "SCHEDULE_NOT_FOUND")
        }
        scheduleSignals.changed()
        return DeleteScheduleResponse()
    }
}
