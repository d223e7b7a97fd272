package import Messages

extension Operations {
    /// Lets a paused schedule go on, as the caller. Needs editor.
    package func resumeSchedule(_ request: ResumeScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .resumeSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await schedule(request.scheduleID, grant)
        return try await replaceSchedule(
            row, grant,
            {
                $0.paused = false
                $0.pauseNote = ""
            }, runsAs: caller.principal)
    }
}
