package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.ScheduleService` over the operations.
package struct ScheduleServiceEdge: ScheduleServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func createSchedule(_ request: CreateScheduleRequest, context: CallContext)
        async throws -> Schedule
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.createSchedule(request, by: caller) }
    }

    package func getSchedule(_ request: GetScheduleRequest, context: CallContext)
        async throws -> Schedule
    {
        try await operations.getSchedule(request, by: context.caller)
    }

    package func listSchedules(_ request: ListSchedulesRequest, context: CallContext)
        async throws -> ListSchedulesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listSchedules(request, by: caller) }
    }

    package func updateSchedule(_ request: UpdateScheduleRequest, context: CallContext)
        async throws -> Schedule
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.updateSchedule(request, by: caller) }
    }

    package func pauseSchedule(_ request: PauseScheduleRequest, context: CallContext)
        async throws -> Schedule
    {
        try await operations.pauseSchedule(request, by: context.caller)
    }

    package func resumeSchedule(_ request: ResumeScheduleRequest, context: CallContext)
        async throws -> Schedule
    {
        try await operations.resumeSchedule(request, by: context.caller)
    }

    package func deleteSchedule(_ request: DeleteScheduleRequest, context: CallContext)
        async throws -> DeleteScheduleResponse
    {
        try await operations.deleteSchedule(request, by: context.caller)
    }

    package func previewSchedule(_ request: PreviewScheduleRequest, context: CallContext)
        async throws -> PreviewScheduleResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.previewSchedule(request, by: caller) }
    }

    package func backfillSchedule(_ request: BackfillScheduleRequest, context: CallContext)
        async throws -> BackfillScheduleResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.backfillSchedule(request, by: caller) }
    }

    package func listScheduleFires(_ request: ListScheduleFiresRequest, context: CallContext)
        async throws -> ListScheduleFiresResponse
    {
        try await operations.listScheduleFires(request, by: context.caller)
    }
}
