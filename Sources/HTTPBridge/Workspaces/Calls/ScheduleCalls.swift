internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func listSchedules(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let page = try await operations.listSchedules(
            ListSchedulesRequest(
                workspaceID: at.workspaceID, podID: at.podID,
                workflowID: request.query.first("workflowId") ?? "",
                pageSize: Int32(try request.query.integer("limit", in: 1...1_000) ?? 1_000),
                pageToken: request.query.first("cursor") ?? ""), by: at.caller)
        var answer = Answer.json { json in
            json.array(page.schedules) { json, schedule in
                WorkspacesTriggerShapes.write(schedule, isWhole: false, to: &json)
            }
        }
        if !page.nextPageToken.isEmpty {
            answer.headers[.link] = PageLink.next(request, [("cursor", page.nextPageToken)])
        }
        return answer
    }

    func createSchedule(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request, to: .createSchedule)
        let body = try WorkspacesScheduleBody(try await request.json(), isNew: true)
        var spec = ScheduleSpec()
        body.apply(to: &spec)
        let asked = CreateScheduleRequest(
            workspaceID: at.workspaceID, podID: at.podID, scheduleID: body.id ?? "", spec: spec,
            paused: body.enabled == false)
        let made = try await Self.naming(WorkspacesScheduleBody.names) {
            () async throws(OperationError) in
            try await operations.createSchedule(asked, by: at.caller)
        }
        return try await schedule(made.id, at, status: .created)
    }

    func getSchedule(_ request: BridgeRequest) async throws -> Answer {
        try await schedule(try request.path("id"), try WorkspacesRequest(request))
    }

    /// What the body leaves out stays as it is. Where anything of it is refused, nothing is changed.
    func patchSchedule(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request, to: .updateSchedule)
        let body = try WorkspacesScheduleBody(try await request.json(), isNew: false)
        let id = try request.path("id")
        let patch = SchedulePatch(
            workspaceID: at.workspaceID, podID: at.podID, scheduleID: id,
            pausing: body.enabled.map { SchedulePatch.Pausing.set(enabled: $0) } ?? .kept
        ) { body.apply(to: &$0) }
        _ = try await Self.naming(WorkspacesScheduleBody.names) {
            () async throws(OperationError) in
            try await operations.patchSchedule(patch, by: at.caller)
        }
        return try await schedule(id, at)
    }

    /// To what the body says, or to the other of the two, whatever others do at the same time.
    func toggleSchedule(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request, to: .updateSchedule)
        var fields = BodyFields(try await request.json())
        let enabled = fields.bool("enabled")
        try fields.finish()
        let id = try request.path("id")
        _ = try await operations.patchSchedule(
            SchedulePatch(
                workspaceID: at.workspaceID, podID: at.podID, scheduleID: id,
                pausing: enabled.map { SchedulePatch.Pausing.set(enabled: $0) } ?? .toggled),
            by: at.caller)
        return try await schedule(id, at)
    }

    func deleteSchedule(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        _ = try await operations.deleteSchedule(
            DeleteScheduleRequest(
                workspaceID: at.workspaceID, podID: at.podID, scheduleID: try request.path("id")),
            by: at.caller)
        return .empty(.noContent)
    }

    private func schedule(
        _ id: String, _ at: WorkspacesRequest, status: HTTPResponse.Status = .ok
    ) async throws -> Answer {
        let schedule = try await operations.getSchedule(
            GetScheduleRequest(workspaceID: at.workspaceID, podID: at.podID, scheduleID: id),
            by: at.caller)
        return .json(status: status) { json in
            WorkspacesTriggerShapes.write(schedule, isWhole: true, to: &json)
        }
    }

    /// The request's place, where its caller may do this; asked before the body is read.
    func admitted(_ request: BridgeRequest, to operation: OperationName) async throws
        -> WorkspacesRequest
    {
        let at = try WorkspacesRequest(request)
        try await operations.admit(
            at.caller, to: operation, workspaceID: at.workspaceID, podID: at.podID)
        return at
    }

    /// Calls the operation with the dialect's names for the fields that it finds wrong.
    static func naming<Value: Sendable>(
        _ names: [String: String],
        _ operation: @Sendable () async throws(OperationError) -> Value
    ) async throws(OperationError) -> Value {
        do throws(OperationError) {
            return try await operation()
        } catch {
            var renamed = error
            renamed.violations = error.violations.map { violation in
                OperationError.Violation(
                    field: names[violation.field]
                        ?? FieldName.json(violation.field.removingPrefix("spec.")),
                    description: violation.description)
            }
            throw renamed
        }
    }
}

extension String {
    /// This text without `prefix`, where it begins with it.
    fileprivate func removingPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
