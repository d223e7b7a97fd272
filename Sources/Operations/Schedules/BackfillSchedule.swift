package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Fires the nominal times of a range that were not fired. Needs editor.
    package func backfillSchedule(_ request: BackfillScheduleRequest, by caller: Caller)
        async throws(OperationError) -> BackfillScheduleResponse
    {
        let grant = try await authorise(
            .backfillSchedule, caller, workspaceID: request.workspaceID, podID: request.podID)
        let now = environment.now()
        let (from, before) = try check(request, now)
        let row = try await schedule(request.scheduleID, grant)
        let max = limits.scheduleBackfillMax
        guard let plan = try? SchedulePlan(row.spec, scheduleID: row.schedule.id) else {
            return BackfillScheduleResponse()
        }
        let times = plan.times(from: from, before: before, count: max + 1)
        guard times.count <= max else {
            throw .invalid("before", "expected a range of at most \(max) times, got more")
        }
        let (fires, waiting) = try await reading { () async throws(StoreError) in
            (
                try await store.schedules.fires(
                    row.key, from: from, before: before, limit: .max),
                try await store.schedules.bufferedFires(row.key, limit: max).count
            )
        }
        let settled = Set(
            fires.filter { $0.fire.outcome == .fired || $0.fire.outcome == .buffered }
                .compactMap(\.fire.nominalTime))
        let policy =
            request.overlapPolicy == .unspecified ? OverlapPolicy.bufferAll : request.overlapPolicy
        let changes = times.map(\.timestamp).filter { !settled.contains($0) }.map { nominal in
            Change.schedule(
                .insertFire(
                    FireRow(
                        key: row.key,
                        fire: ScheduleFire(
                            nominalTime: nominal, outcome: .buffered, time: now.timestamp,
                            backfill: true), policy: policy), replacing: true))
        }
        guard changes.count + waiting <= max else {
            throw OperationError(
                .resourceExhausted, reason: "BACKFILL_FULL",
                "\(waiting) fires of the schedule wait already, and \(max) may; try again later",
                retryAfter: .seconds(10))
        }
        if !changes.isEmpty {
            let object = "schedule \(row.schedule.id), \(changes.count) times"
            guard try await committing(changes, grant, object) == nil else {
                throw OperationError(
                    .aborted, reason: "CONFLICT", "it fired at the same time; try again")
            }
            scheduleSignals.drain(row.key)
        }
        return BackfillScheduleResponse(
            acceptedCount: Int32(clamping: changes.count),
            existingCount: Int32(clamping: times.count - changes.count))
    }

    private func check(_ request: BackfillScheduleRequest, _ now: WallTime)
        throws(OperationError) -> (from: WallTime, before: WallTime)
    {
        var check = RequestCheck()
        check.instant("from", request.from)
        check.instant("before", request.before)
        if request.from == nil { check.fault("from", "expected an instant, got none") }
        if request.before == nil { check.fault("before", "expected an instant, got none") }
        switch request.overlapPolicy {
        case .unspecified, .allowAll, .bufferAll: break
        default:
            check.fault(
                "overlap_policy",
                "expected ALLOW_ALL or BUFFER_ALL, got \(request.overlapPolicy.shortName)")
        }
        try check.finish()
        let from = request.from.map(WallTime.init) ?? now
        let before = request.before.map(WallTime.init) ?? now
        if before <= from { check.fault("before", "expected an instant after 'from'") }
        if before > now { check.fault("before", "expected no instant in the future") }
        try check.finish()
        return (from, before)
    }
}
