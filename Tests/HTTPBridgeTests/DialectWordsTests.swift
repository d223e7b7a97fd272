import Messages
import Testing

@testable import HTTPBridge

/// Sections 5.1, 5.3, 5.5 and 5.6 of the dialects: our words in each dialect's, row by row.
struct DialectWordsTests {
    @Test(
        "an execution's status",
        arguments: [
            (.queued, .unspecified, "queued", "queued"),
            (.running, .unspecified, "running", "running"),
            (.suspended, .approval, "suspended", "running"),
            (.suspended, .breakpoint, "suspended", "running"),
            (.completed, .unspecified, "completed", "completed"),
            (.failed, .nodeFailed, "failed", "error"),
            (.failed, .timedOut, "failed", "error"),
            (.failed, .rejected, "failed", "stopped"),
            (.cancelled, .unspecified, "cancelled", "stopped"),
        ] as [(ExecutionStatus, ExecutionReason, String, String)])
    func statuses(
        _ status: ExecutionStatus, _ reason: ExecutionReason, _ workspaces: String,
        _ automation: String
    ) {
        let execution = Execution(status: status, reason: reason)
        #expect(WorkspacesWords.statuses[status] == workspaces)
        #expect(AutomationWords.statuses[execution] == automation)
        #expect(WorkspacesWords.statuses.values(of: workspaces).contains(status))
    }

    @Test("older editions' word for what is queued is understood, and never said")
    func pending() {
        #expect(WorkspacesWords.statuses.values(of: "pending") == [.queued])
        #expect(WorkspacesWords.statuses[.queued] == "queued")
    }

    @Test(
        "what started an execution",
        arguments: [
            (.manual, "manual", "manual", "MANUAL", "frontend"),
            (.api, "api", "trigger", "API", "api"),
            (.schedule, "schedule", "trigger", "SCHEDULE", "api"),
            (.webhook, "webhook", "webhook", "WEBHOOK", "api"),
            (.retry, "api", "retry", "RETRY", "api"),
            (.replay, "api", "retry", "REPLAY", "api"),
            (.batch, "api", "integrated", "BATCH", "api"),
            (.parent, "api", "integrated", "WORKFLOW", "api"),
        ] as [(TriggerKind, String, String, String, String)])
    func triggers(
        _ kind: TriggerKind, _ workspaces: String, _ client: String, _ teams: String,
        _ automation: String
    ) {
        #expect(WorkspacesWords.triggers[kind] == workspaces)
        #expect(ExecutionsClientWords.modes[kind] == client)
        #expect(TeamsWords.triggers[kind] == teams)
        #expect(AutomationWords.sources[kind] == automation)
    }

    @Test("no kind of trigger is without a word of its own choosing")
    func everyTrigger() {
        for kind in TriggerKind.allCases where kind != .unspecified {
            for table in [
                WorkspacesWords.triggers, ExecutionsClientWords.modes, TeamsWords.triggers,
                AutomationWords.sources,
            ] {
                #expect(table.words.contains { table.values(of: $0).contains(kind) }, "\(kind)")
            }
        }
    }

    @Test(
        "a node's status",
        arguments: [
            (.running, "running", "running", "RUNNING", "running"),
            (.suspended, "suspended", "waiting", "RUNNING", "paused"),
            (.completed, "completed", "success", "SUCCESS", "completed"),
            (.failed, "failed", "error", "FAILED", "error"),
            (.cancelled, "failed", "canceled", "CANCELLED", "stopped"),
        ] as [(NodeStatus, String, String, String, String)])
    func nodes(
        _ status: NodeStatus, _ workspaces: String, _ client: String, _ teams: String,
        _ automation: String
    ) {
        #expect(WorkspacesWords.nodeStatuses[status] == workspaces)
        #expect(ExecutionsClientWords.nodeStatuses[status] == client)
        #expect(TeamsWords.nodeStatuses[status] == teams)
        #expect(AutomationWords.nodeStatuses[status] == automation)
    }

    @Test("a skipped node is shown where the dialect has a word for it")
    func skipped() {
        #expect(TeamsWords.nodeStatuses[.skipped] == "SKIPPED")
        #expect(AutomationWords.nodeStatuses[.skipped] == "skipped")
        #expect(!ExecutionsClientWords.nodeStatuses.words.contains("skipped"))
    }

    @Test("every type of interrupt has its word")
    func interrupts() {
        #expect(
            WorkspacesWords.interruptTypes.words
                == ["approval", "question", "breakpoint", "pause", "event"])
        for type in InterruptType.allCases where type != .unspecified {
            let table = WorkspacesWords.interruptTypes
            #expect(table.values(of: table[type]) == [type], "\(type)")
        }
    }
}
