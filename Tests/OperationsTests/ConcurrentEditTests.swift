import Logging
import Messages
import Model
import Store
import Testing

@testable import Operations

/// Edits of one webhook or schedule by several at the same time: none of those that were
/// acknowledged is lost.
struct ConcurrentEditTests {
    private static let editor = Desk.caller(.editor)

    private static func webhook(_ desk: Desk) async throws -> String {
        try await desk.operations.createWebhook(
            CreateWebhookRequest(
                spec: WebhookSpec(workflowID: "noops", verification: .sharedSecret)), by: editor
        ).webhook?.id ?? ""
    }

    private static func update(_ desk: Desk, _ id: String, _ name: String) async throws {
        _ = try await desk.operations.updateWebhook(
            UpdateWebhookRequest(
                webhookID: id,
                spec: WebhookSpec(
                    name: name, workflowID: "noops", verification: .sharedSecret)), by: editor)
    }

    private static func secrets(_ desk: Desk, _ id: String) async throws -> [String] {
        let grant = try await desk.operations.authorise(.getWebhook, editor)
        let row = try await desk.operations.webhook(id, grant)
        return try desk.operations.secrets(of: row, at: desk.operations.environment.now())
    }

    @Test func `a rotation and a disabling survive updates at the same time`() async throws {
        try await Desk.with { desk in
            let id = try await Self.webhook(desk)
            for round in 0..<12 {
                let secret = "new-secret-\(round)"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in ["a", "b"] {
                        group.addTask { try await Self.update(desk, id, "\(name)\(round)") }
                    }
                    group.addTask {
                        _ = try await desk.operations.rotateWebhookSecret(
                            RotateWebhookSecretRequest(webhookID: id, secret: secret),
                            by: Self.editor)
                    }
                    group.addTask {
                        _ = try await desk.operations.setWebhookEnabled(
                            SetWebhookEnabledRequest(webhookID: id, enabled: round % 2 == 0),
                            by: Self.editor)
                    }
                    try await group.waitForAll()
                }
                let webhook = try await desk.operations.getWebhook(
                    GetWebhookRequest(webhookID: id), by: Self.editor)
                #expect(["a\(round)", "b\(round)"].contains(webhook.spec?.name))
                #expect(webhook.disabled == (round % 2 != 0))
                #expect(try await Self.secrets(desk, id) == [secret])
            }
        }
    }

    @Test func `an edit of a webhook is applied anew to what another made of it`() async throws {
        try await Desk.with { desk in
            let id = try await Self.webhook(desk)
            let grant = try await desk.operations.authorise(.updateWebhook, Self.editor)
            var tries = 0
            _ = try await desk.operations.replaceWebhook(id, grant) {
                row async throws(OperationError) in
                tries += 1
                if tries == 1 {
                    _ = try await desk.operations.rotateWebhookSecret(
                        RotateWebhookSecretRequest(webhookID: id, secret: "meanwhile"),
                        by: Self.editor)
                }
                row.stored.webhook?.spec?.name = "edited"
            }
            #expect(tries == 2)
            #expect(try await Self.secrets(desk, id) == ["meanwhile"])
            let webhook = try await desk.operations.getWebhook(
                GetWebhookRequest(webhookID: id), by: Self.editor)
            #expect(webhook.spec?.name == "edited")
        }
    }

    @Test func `an edit that others always outrun is refused as one to try again`() async throws {
        try await Desk.with { desk in
            let id = try await Self.webhook(desk)
            let grant = try await desk.operations.authorise(.updateWebhook, Self.editor)
            var tries = 0
            do throws(OperationError) {
                _ = try await desk.operations.replaceWebhook(id, grant) {
                    row async throws(OperationError) in
                    tries += 1
                    _ = try await desk.operations.rotateWebhookSecret(
                        RotateWebhookSecretRequest(webhookID: id, secret: "secret-\(tries)"),
                        by: Self.editor)
                    row.stored.webhook?.spec?.name = "edited"
                }
                Issue.record("it was saved over what others made")
            } catch {
                #expect(error.code == .aborted && error.reason == "CONFLICT")
                #expect(error.retryAfter != nil)
            }
            #expect(tries == 8)
            #expect(try await Self.secrets(desk, id) == ["secret-8"])
        }
    }

    // MARK: Schedules

    private static let spec = ScheduleSpec(
        workflowID: "noops", cron: "* * * * *", overlapPolicy: .allowAll)

    /// A desk at its own clock, with a schedule of every minute.
    private static func withSchedule(_ body: (Desk, ManualClock) async throws -> Void)
        async throws
    {
        let clock = ManualClock(time(0))
        try await Desk.with(environment: clock) { desk in
            _ = try await desk.operations.deployWorkflow(
                DeployWorkflowRequest(workflowID: "noops", version: 1), by: Desk.caller(.admin))
            _ = try await desk.operations.createSchedule(
                CreateScheduleRequest(scheduleID: "s", spec: spec), by: editor)
            try await body(desk, clock)
        }
    }

    /// 2026-01-01T00:00:00Z, and so many seconds later.
    private static func time(_ seconds: Int64) -> WallTime {
        WallTime(microseconds: (1_767_225_600 + seconds) * 1_000_000)
    }

    private static func look(_ desk: Desk) async {
        let key = ScheduleKey(workspaceID: "default", scheduleID: "s")
        _ = await ScheduleTurn(desk.operations, key, Logger(label: "test")).serve()
    }

    private static func fired(_ desk: Desk) async throws -> [WallTime] {
        try await desk.operations.listExecutions(
            ListExecutionsRequest(), by: Desk.caller(.viewer)
        ).executions.compactMap { $0.nominalTime.map(WallTime.init) }.reversed()
    }

    @Test func `a pause survives updates at the same time, and what fires then`() async throws {
        try await Self.withSchedule { desk, clock in
            for round in Int64(1)...12 {
                clock.set(Self.time(round * 60 + 1))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in ["a", "b"] {
                        group.addTask {
                            var spec = Self.spec
                            spec.name = "\(name)\(round)"
                            _ = try await desk.operations.updateSchedule(
                                UpdateScheduleRequest(scheduleID: "s", spec: spec),
                                by: Self.editor)
                        }
                    }
                    group.addTask {
                        _ = try await desk.operations.pauseSchedule(
                            PauseScheduleRequest(scheduleID: "s", note: "\(round)"),
                            by: Self.editor)
                    }
                    group.addTask { await Self.look(desk) }
                    try await group.waitForAll()
                }
                let schedule = try await desk.operations.getSchedule(
                    GetScheduleRequest(scheduleID: "s"), by: Self.editor)
                #expect(schedule.paused && schedule.pauseNote == "\(round)")
                #expect(["a\(round)", "b\(round)"].contains(schedule.spec?.name))
                clock.set(Self.time(round * 60 + 30))
                _ = try await desk.operations.resumeSchedule(
                    ResumeScheduleRequest(scheduleID: "s"), by: Self.editor)
            }
            let fired = try await Self.fired(desk)
            #expect(Set(fired).count == fired.count)
        }
    }

    @Test func `each of many toggles at the same time counts`() async throws {
        try await Self.withSchedule { desk, _ in
            let count = 8
            let paused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        while true {
                            do throws(OperationError) {
                                return try await desk.operations.patchSchedule(
                                    SchedulePatch(
                                        workspaceID: "", podID: "", scheduleID: "s",
                                        pausing: .toggled), by: Self.editor
                                ).paused
                            } catch {
                                // Others were quicker each time: nothing was changed.
                                guard error.reason == "CONFLICT" else { throw error }
                            }
                        }
                    }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(paused.filter { $0 }.count == count / 2)
            let schedule = try await desk.operations.getSchedule(
                GetScheduleRequest(scheduleID: "s"), by: Self.editor)
            #expect(!schedule.paused)
        }
    }

    @Test func `of several that make the same workflow one does, and the others are told`()
        async throws
    {
        try await Desk.with { desk in
            let reasons = await withTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        do throws(OperationError) {
                            _ = try await desk.operations.putWorkflow(
                                PutWorkflowRequest(
                                    workflowID: "made",
                                    definitionJSON: Desk.noops.replacing(
                                        "\"id\":\"noops\"", with: "\"name\":\"\(number)\"")),
                                isNew: true, by: Self.editor)
                            return ""
                        } catch {
                            return error.reason
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(reasons.sorted() == [""] + Array(repeating: "WORKFLOW_EXISTS", count: 7))
            let made = try await desk.operations.getWorkflow(
                GetWorkflowRequest(workflowID: "made"), by: Self.editor)
            #expect(made.version == 1)
        }
    }

    @Test func `an edit that a fire outran keeps the fire`() async throws {
        try await Self.withSchedule { desk, clock in
            let grant = try await desk.operations.authorise(.updateSchedule, Self.editor)
            clock.set(Self.time(60))
            var seen: [WallTime] = []
            _ = try await desk.operations.replaceSchedule("s", grant) {
                row async throws(OperationError) in
                seen.append(row.decidedThrough)
                if seen.count == 1 { await Self.look(desk) }
                row.stored.schedule?.spec?.name = "edited"
            }
            #expect(seen == [0, 60].map(Self.time))
            await Self.look(desk)
            clock.set(Self.time(120))
            await Self.look(desk)
            #expect(try await Self.fired(desk) == [60, 120].map(Self.time))
            let schedule = try await desk.operations.getSchedule(
                GetScheduleRequest(scheduleID: "s"), by: Self.editor)
            #expect(schedule.spec?.name == "edited")
        }
    }
}
