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
        let row = try await schedule(request.scheduleID, grant)
        return try await replaceSchedule(
            row, grant,
            {
                $0.paused = true
                $0.pauseNote = request.note
            }, runsAs: nil)
    }
}
