package import Messages
internal import Store

/// A change of parts of a schedule.
package struct SchedulePatch: Sendable {
    let workspaceID: String
    let podID: String
    let scheduleID: String
    let spec: @Sendable (inout ScheduleSpec) -> Void
    let pausing: Pausing

    /// What becomes of whether a schedule is paused.
    package enum Pausing: Sendable, Equatable {
        case kept
        /// Paused, or let go on.
        case set(enabled: Bool)
        /// To the other of the two, whichever it is.
        case toggled

        func isPaused(_ schedule: Schedule) -> Bool {
            switch self {
            case .kept: schedule.paused
            case .set(let enabled): !enabled
            case .toggled: !schedule.paused
            }
        }
    }

    /// - Parameters:
    ///   - workspaceID: empty: the caller's own.
    ///   - podID: empty: any.
    ///   - spec: changes what an author chooses, as it stands.
    package init(
        workspaceID: String, podID: String, scheduleID: String, pausing: Pausing,
        spec: @escaping @Sendable (inout ScheduleSpec) -> Void = { _ in }
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.scheduleID = scheduleID
        self.pausing = pausing
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
            let isPaused = patch.pausing.isPaused(row.schedule)
            if isPaused != row.schedule.paused { row.set(paused: isPaused, by: caller, grant) }
        }
    }
}
