public import Messages
public import RPC
internal import Services

/// Schedules.
extension SignalboxClient {
    /// Makes a schedule.
    public func createSchedule(
        _ request: CreateScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> Schedule {
        try await schedules().createSchedule(request, options: options)
    }

    /// Returns a schedule with its next times and its newest fires.
    public func getSchedule(
        _ request: GetScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> Schedule {
        try await schedules().getSchedule(request, options: options)
    }

    /// Lists schedules by id.
    public func listSchedules(
        _ request: ListSchedulesRequest, options: CallOptions = CallOptions()
    ) async throws -> ListSchedulesResponse {
        try await schedules().listSchedules(request, options: options)
    }

    /// Replaces what an author chooses of a schedule.
    public func updateSchedule(
        _ request: UpdateScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> Schedule {
        try await schedules().updateSchedule(request, options: options)
    }

    /// Pauses a schedule.
    public func pauseSchedule(
        _ request: PauseScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> Schedule {
        try await schedules().pauseSchedule(request, options: options)
    }

    /// Lets a paused schedule go on.
    public func resumeSchedule(
        _ request: ResumeScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> Schedule {
        try await schedules().resumeSchedule(request, options: options)
    }

    /// Erases a schedule; its executions stay.
    public func deleteSchedule(
        _ request: DeleteScheduleRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await schedules().deleteSchedule(request, options: options)
    }

    /// The next times of an expression or a schedule.
    public func previewSchedule(
        _ request: PreviewScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> PreviewScheduleResponse {
        try await schedules().previewSchedule(request, options: options)
    }

    /// Fires the nominal times of a range that were not fired.
    public func backfillSchedule(
        _ request: BackfillScheduleRequest, options: CallOptions = CallOptions()
    ) async throws -> BackfillScheduleResponse {
        try await schedules().backfillSchedule(request, options: options)
    }

    /// Lists what became of nominal times, newest first.
    public func listScheduleFires(
        _ request: ListScheduleFiresRequest, options: CallOptions = CallOptions()
    ) async throws -> ListScheduleFiresResponse {
        try await schedules().listScheduleFires(request, options: options)
    }

    private func schedules() async throws -> ScheduleServiceClient {
        ScheduleServiceClient(channel: try await dialer.connection())
    }
}
