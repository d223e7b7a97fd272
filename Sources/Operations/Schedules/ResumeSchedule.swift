package import Messages

extension Operations {
    /// Lets a paused schedule go on, as the caller. Needs editor.
    package func resumeSchedule(_ request: ResumeScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .resumeSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        return try await replaceSchedule(request.scheduleID, grant) {
            row async throws(OperationError) in
            row.set(paused: false, by: caller, grant)
        }
    }
}
