import Messages
import ProtobufRuntime

@testable import Operations

extension RoleTableTests {
    private static let spec = ScheduleSpec(workflowID: "noops", cron: "0 0 1 1 *")

    /// A schedule that is there whatever the caller may do.
    private static func made(_ desk: Desk) async throws -> String {
        try await desk.operations.createSchedule(
            CreateScheduleRequest(spec: spec), by: Desk.caller(.editor)
        ).id
    }

    static let scheduleRows: [Row] = [
        Row(.createSchedule) { desk, caller, scope in
            _ = try await desk.operations.createSchedule(
                CreateScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, spec: spec), by: caller)
        },
        Row(.getSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.getSchedule(
                GetScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id),
                by: caller)
        },
        Row(.listSchedules) { desk, caller, scope in
            _ = try await desk.operations.listSchedules(
                ListSchedulesRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.updateSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.updateSchedule(
                UpdateScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id,
                    spec: spec), by: caller)
        },
        Row(.pauseSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.pauseSchedule(
                PauseScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id),
                by: caller)
        },
        Row(.resumeSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.resumeSchedule(
                ResumeScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id),
                by: caller)
        },
        Row(.deleteSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.deleteSchedule(
                DeleteScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id),
                by: caller)
        },
        Row(.previewSchedule) { desk, caller, scope in
            _ = try await desk.operations.previewSchedule(
                PreviewScheduleRequest(workspaceID: scope.workspaceID, cron: "@daily"), by: caller)
        },
        Row(.backfillSchedule) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.backfillSchedule(
                BackfillScheduleRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id,
                    from: Timestamp(seconds: 0), before: Timestamp(seconds: 1)), by: caller)
        },
        Row(.listScheduleFires) { desk, caller, scope in
            let id = try await made(desk)
            _ = try await desk.operations.listScheduleFires(
                ListScheduleFiresRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, scheduleID: id),
                by: caller)
        },
    ]
}
