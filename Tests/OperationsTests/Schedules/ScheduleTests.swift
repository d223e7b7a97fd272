import Logging
import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// Schedules over the real store and engine, at a clock that tests hold in hand.
struct ScheduleTests {
    /// 2026-01-01T00:00:00Z, and so many seconds later.
    private static func time(_ seconds: Int64) -> WallTime {
        WallTime(microseconds: (1_767_225_600 + seconds) * 1_000_000)
    }

    /// A desk whose workflows are deployed, one schedule, and its clock.
    private struct Bench {
        let desk: Desk
        let clock: ManualClock
        let id: String

        var operations: Operations { desk.operations }
        var key: ScheduleKey { ScheduleKey(workspaceID: "default", scheduleID: id) }

        /// Sets the clock and lets the schedule look once.
        @discardableResult
        func look(at seconds: Int64) async -> ScheduleTurn.Result {
            clock.set(ScheduleTests.time(seconds))
            return await ScheduleTurn(operations, key, Logger(label: "test")).serve()
        }

        func fires() async throws -> [ScheduleFire] {
            try await operations.listScheduleFires(
                ListScheduleFiresRequest(scheduleID: id), by: Desk.caller(.viewer)
            ).fires.reversed()
        }

        func outcomes() async throws -> [FireOutcome] { try await fires().map(\.outcome) }

        func executions() async throws -> [Execution] {
            try await operations.listExecutions(
                ListExecutionsRequest(), by: Desk.caller(.viewer)
            ).executions.reversed()
        }

        /// Ends the execution that waits for an approval.
        func approve(_ number: Int64) async throws {
            _ = try await operations.respondExecution(
                RespondRequest(executionID: "\(number)", decision: .approve),
                by: Desk.caller(.operator))
            for try await _ in operations.feed.watch(ExecutionNumber(rawValue: number), after: 0) {
            }
        }
    }

    private static func with(
        _ spec: ScheduleSpec, by caller: Caller = Desk.caller(.editor), deployed: Bool = true,
        _ body: (Bench) async throws -> Void
    ) async throws {
        let clock = ManualClock(time(0))
        try await Desk.with(environment: clock) { desk in
            if deployed {
                for workflow in ["noops", "approval"] {
                    _ = try await desk.operations.deployWorkflow(
                        DeployWorkflowRequest(workflowID: workflow, version: 1),
                        by: Desk.caller(.admin))
                }
            }
            let schedule = try await desk.operations.createSchedule(
                CreateScheduleRequest(scheduleID: "every-minute", spec: spec), by: caller)
            try await body(Bench(desk: desk, clock: clock, id: schedule.id))
        }
    }

    private static func spec(
        _ workflow: String = "noops", overlap: OverlapPolicy = .unspecified
    ) -> ScheduleSpec {
        ScheduleSpec(
            name: "Every minute", workflowID: workflow, cron: "* * * * *", inputJSON: "{\"a\":1.0}",
            overlapPolicy: overlap)
    }

    // MARK: Firing

    @Test func `a nominal time is fired once, as who saved it, with what started it`() async throws
    {
        try await Self.with(Self.spec()) { bench in
            await bench.look(at: 59)
            #expect(try await bench.fires().isEmpty)
            await bench.look(at: 60)
            await bench.look(at: 61)
            let fire = try #require(try await bench.fires().first)
            #expect(try await bench.fires().count == 1)
            #expect(fire.outcome == .fired)
            #expect(fire.nominalTime == Self.time(60).timestamp)
            let executions = try await bench.executions()
            let execution = try #require(executions.first)
            #expect(executions.count == 1)
            #expect(execution.number == fire.executionNumber)
            #expect(execution.id == fire.executionID)
            #expect(execution.trigger == .schedule)
            #expect(execution.triggeredBy == "token:editor")
            #expect(execution.triggerID == bench.id)
            #expect(execution.nominalTime == Self.time(60).timestamp)
            let full = try await bench.operations.getExecution(
                GetExecutionRequest(executionID: execution.id, view: .full),
                by: Desk.caller(.viewer))
            #expect(full.inputJSON == "{\"a\":1.0}")
            let schedule = try await bench.operations.getSchedule(
                GetScheduleRequest(scheduleID: bench.id), by: Desk.caller(.viewer))
            #expect(schedule.recentFires == [fire])
            #expect(schedule.nextTimes.first == Self.time(120).timestamp)
            #expect(schedule.nextTimes.count == 10)
            #expect(schedule.nextFireTime == Self.time(120).timestamp)
        }
    }

    @Test func `many that look at once fire a nominal time once`() async throws {
        try await Self.with(Self.spec(overlap: .allowAll)) { bench in
            bench.clock.set(Self.time(185))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        _ = await ScheduleTurn(
                            bench.operations, bench.key, Logger(label: "test")
                        ).serve()
                    }
                }
            }
            await bench.look(at: 186)
            let times = try await bench.fires().map(\.nominalTime)
            #expect(times == [60, 120, 180].map { Self.time($0).timestamp })
            #expect(try await bench.executions().count == 3)
        }
    }

    @Test func `a clock that is set back fires nothing again`() async throws {
        try await Self.with(Self.spec()) { bench in
            await bench.look(at: 60)
            await bench.look(at: -3_600)
            // Saved at the earlier time, it stands before what it has fired.
            _ = try await bench.operations.updateSchedule(
                UpdateScheduleRequest(scheduleID: bench.id, spec: Self.spec()),
                by: Desk.caller(.editor))
            for seconds in stride(from: Int64(-3_540), through: 120, by: 60) {
                await bench.look(at: seconds)
                await bench.look(at: seconds)
            }
            let times = try await bench.executions().map(\.nominalTime)
            #expect(Set(times).count == times.count)
            #expect(times.filter { $0 == Self.time(60).timestamp }.count == 1)
            #expect(times.last == Self.time(120).timestamp)
        }
    }

    @Test func `after an absence the newest are fired and the others recorded as missed`()
        async throws
    {
        try await Self.with(Self.spec(overlap: .allowAll)) { bench in
            await bench.look(at: 7_200)
            let fires = try await bench.fires()
            #expect(fires.map(\.outcome) == [.missed] + Array(repeating: .fired, count: 10))
            #expect(fires.first?.reason == "CATCH_UP")
            #expect(fires.first?.nominalTime == Self.time(60).timestamp)
            #expect(fires.last?.nominalTime == Self.time(7_200).timestamp)
            #expect(try await bench.executions().count == 10)
        }
    }

    // MARK: Whom and what

    @Test func `an undeployed workflow is not fired, and the next time is tried`() async throws {
        try await Self.with(Self.spec(), deployed: false) { bench in
            await bench.look(at: 60)
            #expect(try await bench.fires().last?.reason == "NOT_DEPLOYED")
            #expect(try await bench.outcomes() == [.failed])
            _ = try await bench.operations.deployWorkflow(
                DeployWorkflowRequest(workflowID: "noops", version: 1), by: Desk.caller(.admin))
            await bench.look(at: 120)
            #expect(try await bench.outcomes() == [.failed, .fired])
        }
    }

    @Test func `the deployed version is fired, not the newest`() async throws {
        try await Self.with(Self.spec()) { bench in
            let newer = Desk.noops.replacing("\"noops\"", with: "\"noops\",\"name\":\"Newer\"")
            let saved = try await bench.operations.putWorkflow(
                PutWorkflowRequest(definitionJSON: newer), by: Desk.caller(.editor))
            #expect(saved.version == 2)
            await bench.look(at: 60)
            #expect(try await bench.executions().map(\.workflowVersion) == [1])
        }
    }

    @Test func `a revoked token's schedule is refused, and says so`() async throws {
        let clock = ManualClock(Self.time(0))
        try await Desk.with(environment: clock) { desk in
            let operations = desk.operations
            _ = try await operations.deployWorkflow(
                DeployWorkflowRequest(workflowID: "noops", version: 1), by: Desk.caller(.admin))
            let made = try await operations.createToken(
                CreateTokenRequest(name: "ci", role: .editor), by: Desk.caller(.admin))
            let token = try #require(made.token)
            let caller = Caller(
                Principal(
                    name: "token:ci", workspaceID: "default", role: .editor, tokenID: token.id))
            let schedule = try await operations.createSchedule(
                CreateScheduleRequest(spec: Self.spec()), by: caller)
            let bench = Bench(desk: desk, clock: clock, id: schedule.id)
            await bench.look(at: 60)
            _ = try await operations.revokeToken(
                RevokeTokenRequest(tokenID: token.id), by: Desk.caller(.admin))
            await bench.look(at: 120)
            let fires = try await bench.fires()
            #expect(fires.map(\.outcome) == [.fired, .refused])
            #expect(fires.last?.reason == "PRINCIPAL_GONE")
            // Whoever saves it next is whom it runs as.
            let resumed = try await operations.resumeSchedule(
                ResumeScheduleRequest(scheduleID: bench.id), by: Desk.caller(.editor))
            #expect(resumed.runsAs == "token:editor")
            await bench.look(at: 180)
            #expect(try await bench.outcomes() == [.fired, .refused, .fired])
        }
    }

    @Test func `a member who became a viewer fires no more`() async throws {
        let ada = Principal(name: "user:ada", workspaceID: "", role: .unspecified)
        let clock = ManualClock(Self.time(0))
        try await Desk.with(environment: clock) { desk in
            let operations = desk.operations
            func put(_ role: Role) async throws {
                _ = try await operations.putMember(
                    PutMemberRequest(principal: "user:ada", role: role), by: Desk.caller(.admin))
            }
            _ = try await operations.deployWorkflow(
                DeployWorkflowRequest(workflowID: "noops", version: 1), by: Desk.caller(.admin))
            try await put(.editor)
            let schedule = try await operations.createSchedule(
                CreateScheduleRequest(workspaceID: "default", spec: Self.spec()), by: Caller(ada))
            let bench = Bench(desk: desk, clock: clock, id: schedule.id)
            await bench.look(at: 60)
            try await put(.viewer)
            await bench.look(at: 120)
            _ = try await operations.deleteMember(
                DeleteMemberRequest(principal: "user:ada"), by: Desk.caller(.admin))
            await bench.look(at: 180)
            let fires = try await bench.fires()
            #expect(fires.map(\.outcome) == [.fired, .refused, .refused])
            #expect(fires.map(\.reason) == ["", "ROLE_INSUFFICIENT", "WORKSPACE_NOT_FOUND"])
        }
    }

    // MARK: Overlap

    @Test func `skip leaves out what comes while one runs`() async throws {
        try await Self.with(Self.spec("approval", overlap: .skip)) { bench in
            await bench.look(at: 60)
            await bench.look(at: 120)
            #expect(try await bench.outcomes() == [.fired, .skipped])
            #expect(try await bench.fires().last?.reason == "OVERLAP")
            try await bench.approve(try await bench.executions()[0].number)
            await bench.look(at: 180)
            #expect(try await bench.outcomes() == [.fired, .skipped, .fired])
        }
    }

    @Test func `buffer one keeps one for when what runs has ended`() async throws {
        try await Self.with(Self.spec("approval", overlap: .bufferOne)) { bench in
            await bench.look(at: 60)
            let waits = await bench.look(at: 180).waits
            let first = try await bench.executions()[0].number
            #expect(waits.map(\.number.rawValue) == [first])
            #expect(try await bench.outcomes() == [.fired, .buffered, .skipped])
            try await bench.approve(try await bench.executions()[0].number)
            await bench.look(at: 181)
            #expect(try await bench.outcomes() == [.fired, .fired, .skipped])
            #expect(
                try await bench.executions().map(\.nominalTime)
                    == [60, 120].map { Self.time($0).timestamp })
        }
    }

    @Test func `buffer all keeps them in order, up to its bound`() async throws {
        var spec = Self.spec("approval", overlap: .bufferAll)
        spec.bufferMax = 2
        try await Self.with(spec) { bench in
            await bench.look(at: 240)
            #expect(try await bench.outcomes() == [.fired, .buffered, .buffered, .skipped])
            for index in 0..<2 {
                try await bench.approve(try await bench.executions()[index].number)
                await bench.look(at: 241)
            }
            #expect(try await bench.outcomes() == [.fired, .fired, .fired, .skipped])
            #expect(
                try await bench.executions().map(\.nominalTime)
                    == [60, 120, 180].map { Self.time($0).timestamp })
        }
    }

    @Test func `cancel other ends what runs, and says for whom`() async throws {
        try await Self.with(Self.spec("approval", overlap: .cancelOther)) { bench in
            await bench.look(at: 60)
            await bench.look(at: 120)
            let executions = try await bench.executions()
            #expect(executions.map { $0.status == .cancelled } == [true, false])
            #expect(executions.first?.endedBy == "schedule:every-minute")
            #expect(try await bench.outcomes() == [.fired, .fired])
        }
    }

    @Test func `allow all fires beside what runs`() async throws {
        try await Self.with(Self.spec("approval", overlap: .allowAll)) { bench in
            await bench.look(at: 180)
            let outcomes = try await bench.outcomes()
            #expect(outcomes == [.fired, .fired, .fired])
        }
    }

    // MARK: Pause and backfill

    @Test func `a paused schedule fires nothing, and catches nothing up`() async throws {
        try await Self.with(Self.spec()) { bench in
            let paused = try await bench.operations.pauseSchedule(
                PauseScheduleRequest(scheduleID: bench.id, note: "holidays"),
                by: Desk.caller(.editor))
            #expect(paused.paused && paused.pauseNote == "holidays" && paused.nextTimes.isEmpty)
            #expect(paused.nextFireTime == nil)
            await bench.look(at: 600)
            let resumed = try await bench.operations.resumeSchedule(
                ResumeScheduleRequest(scheduleID: bench.id), by: Desk.caller(.editor))
            #expect(!resumed.paused && resumed.pauseNote.isEmpty)
            await bench.look(at: 601)
            #expect(try await bench.fires().isEmpty)
            await bench.look(at: 660)
            #expect(try await bench.outcomes() == [.fired])
        }
    }

    @Test func `a backfill fires what was not fired, oldest first, also while paused`()
        async throws
    {
        try await Self.with(Self.spec()) { bench in
            await bench.look(at: 60)
            _ = try await bench.operations.pauseSchedule(
                PauseScheduleRequest(scheduleID: bench.id), by: Desk.caller(.editor))
            bench.clock.set(Self.time(300))
            let request = BackfillScheduleRequest(
                scheduleID: bench.id, from: Self.time(-60).timestamp,
                before: Self.time(241).timestamp)
            let answer = try await bench.operations.backfillSchedule(
                request, by: Desk.caller(.editor))
            #expect(answer.acceptedCount == 5)
            #expect(answer.existingCount == 1)
            let again = try await bench.operations.backfillSchedule(
                request, by: Desk.caller(.editor))
            #expect(again.acceptedCount == 0 && again.existingCount == 6)
            // One after the other: each look starts the next once the one before has ended.
            for _ in 0..<5 {
                await bench.look(at: 300)
                for execution in try await bench.executions() where !execution.status.isFinal {
                    for try await _ in bench.operations.feed.watch(
                        ExecutionNumber(rawValue: execution.number), after: 0)
                    {}
                }
            }
            #expect(
                try await bench.executions().map(\.nominalTime)
                    == [60, -60, 0, 120, 180, 240].map { Self.time($0).timestamp })
            #expect(try await bench.fires().filter(\.backfill).count == 5)
        }
    }

    @Test func `a backfill of too many times is refused`() async throws {
        try await Self.with(Self.spec()) { bench in
            do {
                _ = try await bench.operations.backfillSchedule(
                    BackfillScheduleRequest(
                        scheduleID: bench.id, from: Self.time(-86_400).timestamp,
                        before: Self.time(0).timestamp), by: Desk.caller(.editor))
                Issue.record("it was accepted")
            } catch let error as OperationError {
                #expect(error.violations.first?.field == "before")
            }
        }
    }

    // MARK: Requests

    @Test func `times go to the end of the year 9999`() async throws {
        try await Desk.with { desk in
            let years = [2_262, 2_300, 9_999]
            for year in years {
                let preview = try await desk.operations.previewSchedule(
                    PreviewScheduleRequest(
                        cron: "0 0 1 7 *",
                        after: Timestamp(rfc3339: "\(year)-01-01T00:00:00Z"),
                        count: 1_000),
                    by: Desk.caller(.viewer))
                #expect(preview.times.first?.rfc3339 == "\(year)-07-01T00:00:00Z")
                #expect(preview.times.count == (year == 9_999 ? 1 : 50))
            }
            let schedule = try await desk.operations.createSchedule(
                CreateScheduleRequest(
                    scheduleID: "far",
                    spec: ScheduleSpec(
                        workflowID: "noops", cron: "0 9 * * *",
                        startTime: Timestamp(rfc3339: "2300-01-01T00:00:00Z"))),
                by: Desk.caller(.editor))
            #expect(schedule.nextTimes.first?.rfc3339 == "2300-01-01T09:00:00Z")
        }
    }

    @Test func `everything wrong with a schedule is told at once`() async throws {
        try await Desk.with { desk in
            var spec = ScheduleSpec(
                workflowID: "noops", cron: "0 25 * * *", timeZone: "Mars/Olympus", inputJSON: "{",
                bufferMax: -1, catchUpMax: 1_001)
            spec.jitter = ProtobufDuration(seconds: 3_601)
            spec.catchUpWindow = ProtobufDuration(seconds: 9)
            do {
                _ = try await desk.operations.createSchedule(
                    CreateScheduleRequest(scheduleID: "no spaces", spec: spec),
                    by: Desk.caller(.editor))
                Issue.record("it was accepted")
            } catch let error as OperationError {
                #expect(
                    Set(error.violations.map(\.field)) == [
                        "schedule_id", "spec.cron", "spec.time_zone", "spec.input_json",
                        "spec.buffer_max", "spec.catch_up_max", "spec.jitter",
                        "spec.catch_up_window",
                    ])
                #expect(
                    error.violations.contains {
                        $0.description == "at position 3: hour: expected 0-23, got '25'"
                    })
            }
        }
    }

    @Test func `schedules are bounded, listed by page, and erased with their fires`() async throws {
        var limits = Limits()
        limits.schedulesPerWorkspaceMax = 3
        try await Desk.with(limits: limits) { desk in
            let operations = desk.operations
            for id in ["c", "a", "b"] {
                _ = try await operations.createSchedule(
                    CreateScheduleRequest(scheduleID: id, spec: Self.spec()),
                    by: Desk.caller(.editor))
            }
            await #expect(throws: OperationError.self) {
                _ = try await operations.createSchedule(
                    CreateScheduleRequest(scheduleID: "d", spec: Self.spec()),
                    by: Desk.caller(.editor))
            }
            let first = try await operations.listSchedules(
                ListSchedulesRequest(pageSize: 2), by: Desk.caller(.viewer))
            #expect(first.schedules.map(\.id) == ["a", "b"])
            let rest = try await operations.listSchedules(
                ListSchedulesRequest(pageSize: 2, pageToken: first.nextPageToken),
                by: Desk.caller(.viewer))
            #expect(rest.schedules.map(\.id) == ["c"])
            _ = try await operations.deleteSchedule(
                DeleteScheduleRequest(scheduleID: "a"), by: Desk.caller(.editor))
            await #expect(throws: OperationError.self) {
                _ = try await operations.getSchedule(
                    GetScheduleRequest(scheduleID: "a"), by: Desk.caller(.viewer))
            }
        }
    }

    // MARK: The scheduler

    @Test func `the scheduler fires what comes due, and what waited once it may`() async throws {
        try await Self.with(Self.spec("approval", overlap: .bufferAll)) { bench in
            let scheduler = Scheduler(bench.operations, logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler.run() }
                for minute in 1...3 {
                    bench.clock.set(Self.time(Int64(minute) * 60))
                    while try await bench.fires().count < minute { await Task.yield() }
                }
                #expect(try await bench.outcomes() == [.fired, .buffered, .buffered])
                for index in 0..<3 {
                    while try await bench.executions().count <= index { await Task.yield() }
                    try await bench.approve(try await bench.executions()[index].number)
                }
                #expect(try await bench.outcomes() == [.fired, .fired, .fired])
                group.cancelAll()
            }
        }
    }
}
