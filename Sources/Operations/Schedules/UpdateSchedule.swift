package import Messages
internal import Model

extension Operations {
    /// Replaces what an author chooses of a schedule. Needs editor.
    package func updateSchedule(_ request: UpdateScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .updateSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let spec = request.spec ?? ScheduleSpec()
        return try await replaceSchedule(request.scheduleID, grant) {
            row async throws(OperationError) in
            try await apply(spec, to: &row, grant, by: caller)
        }
    }
}
