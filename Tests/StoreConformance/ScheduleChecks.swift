import Messages
import Model
import ProtobufRuntime
import Store

extension Samples {
    static let scheduleKey = ScheduleKey(workspaceID: "default", scheduleID: "a")

    static func schedule(
        _ id: String = "a", workspaceID: String = "default", workflowID: String = "order",
        podID: String = "default", next: Int64? = 60
    ) -> ScheduleRow {
        ScheduleRow(
            stored: StoredSchedule(
                schedule: Schedule(
                    id: id, workspaceID: workspaceID, podID: podID,
                    spec: ScheduleSpec(workflowID: workflowID, cron: "* * * * *"))),
            decidedThrough: time(0), nextAt: next.map(time))
    }

    static func fire(
        _ seconds: Int64, _ outcome: FireOutcome, number: Int64 = 0,
        policy: OverlapPolicy = .unspecified
    ) -> FireRow {
        FireRow(
            key: scheduleKey,
            fire: ScheduleFire(
                nominalTime: timestamp(time(seconds)), outcome: outcome, executionNumber: number),
            policy: policy)
    }
}

extension ConformanceCheck {
    static let scheduleChecks: [ConformanceCheck] = [
        ConformanceCheck("a schedule is found in its workspace only, and listed by id") { store in
            for id in ["b", "a", "c"] {
                try store.put(.schedule(.insert(Samples.schedule(id), max: 3)))
            }
            try store.put(
                .schedule(
                    .insert(Samples.schedule("d", workspaceID: "other", workflowID: "x"), max: 3)))
            try store.expectRefusal(
                .tooMany, of: .schedule(.insert(Samples.schedule("e"), max: 3)))
            try store.expectRefusal(
                .nameInUse, of: .schedule(.insert(Samples.schedule("a"), max: 9)))
            let schedules = store.schedules
            try expectEqual(
                try await schedules.schedule(Samples.scheduleKey), Samples.schedule("a"))
            try expectEqual(
                try await schedules.schedule(
                    ScheduleKey(workspaceID: "other", scheduleID: "a")), nil)
            let page = try await schedules.schedules(
                workspaceID: "default", podID: nil, workflowID: nil, after: "a",
                room: PageRoom(rows: 1, bytes: .max))
            try expectEqual(page.rows.map(\.schedule.id), ["b"])
            try expectEqual(page.hasMore, true)
            let small = try await schedules.schedules(
                workspaceID: "default", podID: nil, workflowID: nil, after: nil,
                room: PageRoom(bytes: 1))
            try expectEqual(small.rows.map(\.schedule.id), ["a"])
            try expectEqual(small.hasMore, true)
            let ofWorkflow = try await schedules.schedules(
                workspaceID: "default", podID: "default", workflowID: "x", after: nil,
                room: PageRoom(rows: 9, bytes: .max))
            try expectEqual(ofWorkflow.rows, [])
            try expectEqual(ofWorkflow.hasMore, false)
        },
        ConformanceCheck("what is due is found soonest first, and a schedule advances once") {
            store in
            for (id, next) in [("a", Int64(60)), ("b", 30), ("c", 90)] {
                try store.put(.schedule(.insert(Samples.schedule(id, next: next), max: 9)))
            }
            try store.put(.schedule(.insert(Samples.schedule("paused", next: nil), max: 9)))
            let schedules = store.schedules
            try expectEqual(
                try await schedules.dueSchedules(at: Samples.time(60), limit: 9)
                    .map(\.schedule.id), ["b", "a"])
            try expectEqual(try await schedules.nextScheduleTime(), Samples.time(30))
            let advance = Change.schedule(
                .advance(
                    Samples.scheduleKey, from: Samples.time(0), through: Samples.time(60),
                    nextAt: Samples.time(120)))
            try store.put(advance)
            try store.expectRefusal(.alreadyFired, of: advance)
            let row = try await schedules.schedule(Samples.scheduleKey)
            try expectEqual(row?.decidedThrough, Samples.time(60))
            try expectEqual(row?.nextAt, Samples.time(120))
        },
        ConformanceCheck("a nominal time has one fire, made with its execution or not at all") {
            store in
            try store.put(.schedule(.insert(Samples.schedule(), max: 9)))
            let fire = Change.schedule(
                .insertFire(Samples.fire(60, .fired, number: 1), replacing: false))
            try store.put(.insertExecution(Samples.execution(1)), fire)
            try store.expectRefusal(
                .alreadyFired, of: .insertExecution(Samples.execution(2)),
                .schedule(.insertFire(Samples.fire(60, .fired, number: 2), replacing: true)))
            try expectEqual(try await store.get(2), nil)
            try store.put(.schedule(.insertFire(Samples.fire(120, .skipped), replacing: false)))
            try store.expectRefusal(
                .alreadyFired,
                of: .schedule(.insertFire(Samples.fire(120, .buffered), replacing: false)))
            try store.put(.schedule(.insertFire(Samples.fire(120, .buffered), replacing: true)))
            let settled = Change.schedule(.settleFire(Samples.fire(120, .refused)))
            try store.put(settled)
            try store.expectRefusal(.alreadyFired, of: settled)
            let fires = try await store.schedules.fires(
                Samples.scheduleKey, before: nil, limit: 9)
            try expectEqual(fires.map(\.fire.outcome), [.refused, .fired])
        },
        ConformanceCheck("buffered fires and running executions of a schedule are found") { store in
            try store.put(.schedule(.insert(Samples.schedule(), max: 9)))
            let schedules = store.schedules
            for number in Int64(1)...3 {
                let row = Samples.execution(number)
                try store.put(
                    .insertExecution(row),
                    .schedule(
                        .insertFire(
                            Samples.fire(number * 60, .fired, number: number), replacing: false)))
            }
            try store.put(
                .schedule(
                    .insertFire(Samples.fire(300, .buffered, policy: .bufferAll), replacing: false)
                ),
                .schedule(
                    .insertFire(Samples.fire(240, .buffered, policy: .allowAll), replacing: false)))
            let ended = Samples.execution(2)
            try store.put(
                .updateExecution(
                    ended.with(status: .completed, endedAt: Samples.time(9)), from: ended.state))
            try expectEqual(
                try await schedules.activeExecutions(Samples.scheduleKey, limit: 9)
                    .map(\.rawValue), [1, 3])
            let buffered = try await schedules.bufferedFires(Samples.scheduleKey, limit: 9)
            try expectEqual(buffered.map(\.policy), [.allowAll, .bufferAll])
            try expectEqual(
                try await schedules.schedulesWithBufferedFires(after: nil, limit: 9),
                [Samples.scheduleKey])
            try expectEqual(
                try await schedules.schedulesWithBufferedFires(
                    after: Samples.scheduleKey, limit: 9), [])
            let range = try await schedules.fires(
                Samples.scheduleKey, from: Samples.time(120), before: Samples.time(240), limit: 9)
            try expectEqual(
                range.map(\.fire.nominalTime),
                [120, 180].map { Samples.timestamp(Samples.time($0)) })
            // Forgets the oldest of which nothing runs.
            try store.put(.schedule(.tidyFires(Samples.scheduleKey, keep: 1)))
            let kept = try await schedules.fires(Samples.scheduleKey, before: nil, limit: 9)
            try expectEqual(kept.map(\.fire.executionNumber), [0, 0, 3, 1])
            try expectEqual(
                try await schedules.activeExecutions(Samples.scheduleKey, limit: 9)
                    .map(\.rawValue), [1, 3])
        },
        ConformanceCheck("a schedule is replaced, and erased with its fires") { store in
            try store.put(.schedule(.insert(Samples.schedule(), max: 9)))
            try store.put(.schedule(.insertFire(Samples.fire(60, .skipped), replacing: false)))
            let changed = Samples.schedule(workflowID: "other", next: nil)
            try store.expectRefusal(
                .changed, of: .schedule(.replace(changed, expecting: changed)))
            // A fire counts as a change: what was read before it must not undo it.
            try store.put(
                .schedule(
                    .advance(
                        Samples.scheduleKey, from: Samples.time(0), through: Samples.time(60),
                        nextAt: Samples.time(120))))
            try store.expectRefusal(
                .changed, of: .schedule(.replace(changed, expecting: Samples.schedule())))
            var fired = Samples.schedule(next: 120)
            fired.decidedThrough = Samples.time(60)
            try expectEqual(try await store.schedules.schedule(Samples.scheduleKey), fired)
            try store.put(.schedule(.replace(changed, expecting: fired)))
            try expectEqual(try await store.schedules.schedule(Samples.scheduleKey), changed)
            try store.put(.schedule(.delete(Samples.scheduleKey)))
            try store.expectRefusal(.notFound, of: .schedule(.delete(Samples.scheduleKey)))
            try store.expectRefusal(.notFound, of: .schedule(.replace(changed, expecting: changed)))
            try expectEqual(
                try await store.schedules.fires(Samples.scheduleKey, before: nil, limit: 9), [])
        },
    ]
}
