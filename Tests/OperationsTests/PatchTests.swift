import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// Changes of several parts of a webhook or schedule: all of them, or none.
struct PatchTests {
    private static let editor = Desk.caller(.editor)

    private static func webhook(
        _ id: String, secret: String? = nil, enabled: Bool? = nil,
        _ spec: @escaping @Sendable (inout WebhookSpec) -> Void = { _ in }
    ) -> WebhookPatch {
        WebhookPatch(
            workspaceID: "", podID: "", webhookID: id, secret: secret, enabled: enabled, spec: spec)
    }

    @Test func `a refused part of a webhook's patch leaves all as it was`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            let made = try await operations.createWebhook(
                CreateWebhookRequest(
                    spec: WebhookSpec(
                        name: "A", workflowID: "noops", verification: .sharedSecret)),
                by: Self.editor)
            let id = made.webhook?.id ?? ""
            let grant = try await operations.authorise(.getWebhook, Self.editor)
            let before = try await operations.webhook(id, grant)
            for (patch, reason) in [
                (
                    Self.webhook(id, secret: "newsecret1234", enabled: false) {
                        $0.workflowID = "nope"
                    }, "WORKFLOW_NOT_FOUND"
                ),
                (Self.webhook(id, secret: "short") { $0.name = "B" }, "INVALID_ARGUMENT"),
                (
                    Self.webhook(id, secret: "newsecret1234") { $0.callsPerMinute = -1 },
                    "INVALID_ARGUMENT"
                ),
            ] {
                do throws(OperationError) {
                    _ = try await operations.patchWebhook(patch, by: Self.editor)
                    Issue.record("it was accepted")
                } catch {
                    #expect(error.reason == reason)
                }
                #expect(try await operations.webhook(id, grant) == before)
            }

            let patched = try await operations.patchWebhook(
                Self.webhook(id, secret: "newsecret1234", enabled: false) { $0.name = "B" },
                by: Self.editor)
            #expect(patched.spec?.name == "B" && patched.disabled)
            let after = try await operations.webhook(id, grant)
            let now = operations.environment.now()
            #expect(try operations.secrets(of: after, at: now) == ["newsecret1234"])
            // What changes nothing is not saved.
            _ = try await operations.patchWebhook(Self.webhook(id, enabled: false), by: Self.editor)
            #expect(try await operations.webhook(id, grant) == after)
        }
    }

    @Test func `a refused part of a schedule's patch leaves all as it was`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            _ = try await operations.createSchedule(
                CreateScheduleRequest(
                    scheduleID: "s", spec: ScheduleSpec(workflowID: "noops", cron: "0 9 * * *")),
                by: Self.editor)
            let grant = try await operations.authorise(.getSchedule, Self.editor)
            let before = try await operations.schedule("s", grant)
            func patch(_ enabled: Bool, _ spec: @escaping @Sendable (inout ScheduleSpec) -> Void)
                async throws(OperationError) -> Schedule
            {
                try await operations.patchSchedule(
                    SchedulePatch(
                        workspaceID: "", podID: "", scheduleID: "s",
                        pausing: .set(enabled: enabled), spec: spec),
                    by: Self.editor)
            }
            do throws(OperationError) {
                _ = try await patch(false) { $0.workflowID = "nope" }
                Issue.record("it was accepted")
            } catch {
                #expect(error.reason == "WORKFLOW_NOT_FOUND")
            }
            #expect(try await operations.schedule("s", grant) == before)

            let patched = try await patch(false) { $0.cron = "0 8 * * *" }
            #expect(patched.paused && patched.spec?.cron == "0 8 * * *")
            #expect(try await operations.schedule("s", grant).nextAt == nil)
        }
    }
}
