package import Messages
internal import Store

/// A change of parts of a schedule.
package struct SchedulePatch: Sendable {
    let workspaceID: String
    let podID: String
    let scheduleID: String
    let spec: @Sendable (inout ScheduleSpec) -> Void
    let enabled: Bool?

    /// - Parameters:
    ///   - workspaceID: empty: the caller's own.
    ///   - podID: empty: any.
    ///   - enabled: false pauses it, true lets it go on; nil: it stays as it is.
    ///   - spec: changes what an author chooses, as it stands.
    package init(
        workspaceID: String, podID: String, scheduleID: String, enabled: Bool?,
        spec: @escaping @Sendable (inout ScheduleSpec) -> Void
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.scheduleID = scheduleID
        self.enabled = enabled
        self.spec = spec
    }
}

extension Operations {
    /// Changes what an author chooses of a schedule, and whether it is paused, in one commit or, where
    /// one of them is refused, nothing. Needs editor.
    package func patchSchedule(_ patch: SchedulePatch, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .updateSchedule, caller, workspaceID: patch.workspaceID, podID: patch.podID)
        return try await replaceSchedule(patch.scheduleID, grant, savesUnchanged: false) {
            row async throws(OperationError) in
            var spec = row.spec
            patch.spec(&spec)
            if spec != row.spec { try await apply(spec, to: &row, grant, by: caller) }
            if let enabled = patch.enabled, enabled == row.schedule.paused {
                row.set(paused: !enabled, by: caller, grant)
            }
        }
    }
}
