package import Messages

extension Operations {
    /// Pauses a schedule. Needs editor.
    package func pauseSchedule(_ request: PauseScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .pauseSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("note", request.note, bytesMax: 1_024)
        try check.finish()
        return try await replaceSchedule(request.scheduleID, grant) {
            row async throws(OperationError) in
            row.set(paused: true, note: request.note, by: caller, grant)
        }
    }
}
