package import Messages
internal import Model

extension Operations {
    /// Replaces what an author chooses of a schedule. Needs editor.
    package func updateSchedule(_ request: UpdateScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .updateSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await schedule(request.scheduleID, grant)
        var check = RequestCheck()
        let spec = request.spec ?? ScheduleSpec()
        _ = check.schedule(spec, id: request.scheduleID, limits)
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        return try await replaceSchedule(
            row, grant,
            {
                $0.spec = spec
                $0.podID = workflow.podID
            }, runsAs: caller.principal)
    }
}
