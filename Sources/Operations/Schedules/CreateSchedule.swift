internal import Foundation
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Makes a schedule. Needs editor.
    package func createSchedule(_ request: CreateScheduleRequest, by caller: Caller)
        async throws(OperationError) -> Schedule
    {
        let grant = try await authorise(
            .createSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        let spec = request.spec ?? ScheduleSpec()
        let id = request.scheduleID.isEmpty ? UUID().uuidString.lowercased() : request.scheduleID
        if !request.scheduleID.isEmpty { check.name("schedule_id", id, bytesMax: 64) }
        let plan = check.schedule(spec, id: id, limits)
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        let now = environment.now()
        let schedule = Schedule(
            id: id, workspaceID: grant.workspaceID, podID: workflow.podID, spec: spec,
            paused: request.paused, runsAs: grant.principal.name, createTime: now.timestamp,
            createdBy: grant.principal.name, updateTime: now.timestamp,
            updatedBy: grant.principal.name)
        let row = ScheduleRow(
            stored: StoredSchedule(schedule: schedule, principal: caller.principal),
            decidedThrough: now,
            nextAt: request.paused ? nil : plan?.nextFire(after: now))
        let refusal = try await committing(
            [.schedule(.insert(row, max: limits.schedulesPerWorkspaceMax))], grant,
            "schedule \(id)")
        switch refusal {
        case nil: break
        case .nameInUse:
            throw OperationError(
                .alreadyExists, reason: "SCHEDULE_EXISTS", "there is a schedule '\(id)' already")
        case .tooMany:
            throw OperationError(
                .resourceExhausted, reason: "SCHEDULES_MAX",
                "the workspace has \(limits.schedulesPerWorkspaceMax) schedules, which is the limit"
            )
        default:
            throw .notFound("pod", workflow.podID, reason: "POD_NOT_FOUND")
        }
        scheduleSignals.changed()
        return shown(row, nextCount: Self.nextTimesMax)
    }

    /// The newest version of a workflow that a trigger is to fire.
    func triggered(_ workflowID: String, _ grant: Authoriser.Grant)
        async throws(OperationError) -> Workflow
    {
        let workflow = try await reading { () async throws(StoreError) in
            try await store.workflow(workflowID, version: nil, workspaceID: grant.workspaceID)
        }
        guard let workflow, grant.podID == nil || grant.podID == workflow.podID else {
            throw .notFound("workflow", workflowID, reason: "WORKFLOW_NOT_FOUND")
        }
        return workflow
    }
}
