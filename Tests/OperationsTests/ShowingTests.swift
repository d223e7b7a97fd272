import Messages
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// What is personal or secret, and who sees it.
struct ShowingTests {
    private static let secretive =
        #"{"id":"secretive","nodes":[{"id":"s","type":"start"},{"id":"v","type":"set","data":{"value":{"mail":"ada@example.com","password":"hunter2","n":1}}},{"id":"l","type":"log","data":{"message":"sent to ada@example.com"}},{"id":"f","type":"fail","data":{"message":"no card 4111111111111111"}}],"edges":[{"source":"s","target":"v"},{"source":"v","target":"l"},{"source":"l","target":"f"}]}"#

    private static let asking =
        #"{"id":"asking","nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval","data":{"message":"pay ada@example.com?","approvals":2}},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},{"source":"a","sourceHandle":"approved","target":"e"}]}"#

    private static let choosy =
        #"{"id":"choosy","nodes":[{"id":"s","type":"start","data":{"inputSchema":{"type":"object","additionalProperties":false,"properties":{"n":{}}}}},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"e"}]}"#

    private static func run(_ desk: Desk, _ trigger: TriggerKind = .api) async throws -> Execution {
        _ = try await desk.operations.putWorkflow(
            PutWorkflowRequest(definitionJSON: secretive), by: Desk.caller(.editor))
        return try await desk.operations.triggerExecution(
            TriggerRequest(
                workflowID: "secretive", inputJSON: #"{"to":"bob@example.com"}"#,
                key: "eve@example.com", wait: ProtobufDuration(seconds: 60), trigger: trigger),
            by: Desk.caller(.operator)
        ).execution ?? Execution()
    }

    private static func set(_ desk: Desk, _ policy: RedactionPolicy, _ rules: [MaskingRule] = [])
        async throws
    {
        _ = try await desk.operations.updateSettings(
            UpdateSettingsRequest(
                settings: WorkspaceSettings(
                    maskingRules: rules, redaction: RedactionSettings(policy: policy))),
            by: Desk.caller(.admin))
    }

    /// Everything that can be read of an execution, as text.
    private static func everything(
        _ desk: Desk, _ id: String, _ mode: RedactionMode, by caller: Caller
    ) async throws -> [(String, RedactionInfo?)] {
        let operations = desk.operations
        let got = try await operations.getExecution(
            GetExecutionRequest(executionID: id, view: .full, redaction: mode), by: caller)
        let list = try await operations.listExecutions(
            ListExecutionsRequest(view: .full, redaction: mode), by: caller)
        let nodes = try await operations.listNodeExecutions(
            ListNodeExecutionsRequest(executionID: id, view: .full, redaction: mode), by: caller)
        let node = try await operations.getNodeExecution(
            GetNodeExecutionRequest(executionID: id, nodePath: "v", redaction: mode), by: caller)
        let logs = try await operations.getLogs(
            GetLogsRequest(executionID: id, redaction: mode), by: caller)
        let watch = try await operations.watchExecution(
            WatchRequest(executionID: id, redaction: mode), by: caller)
        var events = ""
        for try await row in watch.rows {
            events += try watch.filter.events(row).map(\.protobufJSON).joined()
        }
        return [
            (got.protobufJSON, got.redaction), (list.protobufJSON, list.executions[0].redaction),
            (nodes.protobufJSON, nodes.redaction), (node.protobufJSON, node.redaction),
            (logs.protobufJSON, logs.redaction), (events, watch.filter.redaction),
        ]
    }

    private static let secrets = ["@example.com", "hunter2", "4111111111111111"]

    @Test(arguments: [RedactionPolicy.nothing, .all, .nonManual])
    func `every reading masks as the policy says, or as it is asked to`(policy: RedactionPolicy)
        async throws
    {
        try await Desk.with { desk in
            let execution = try await Self.run(desk)
            try await Self.set(desk, policy)
            let isMasked = policy != .nothing
            let viewer = Desk.caller(.viewer)
            for (text, info) in try await Self.everything(
                desk, execution.id, .unspecified, by: viewer)
            {
                #expect(Self.secrets.contains(where: text.contains) != isMasked, "\(text)")
                #expect(info?.isRedacted == (isMasked ? true : nil))
                #expect(info?.canReveal == (isMasked ? false : nil))
            }
            for (text, info) in try await Self.everything(desk, execution.id, .redact, by: viewer) {
                #expect(!Self.secrets.contains(where: text.contains), "\(text)")
                #expect(info?.reason == .requested)
            }
        }
    }

    /// What a listener to the workspace hears of an execution until `isEnd`.
    private static func heard(
        _ watch: inout WorkspaceEvents, _ isEnd: (ExecutionEvent) -> Bool
    ) async throws -> String {
        var text = ""
        for try await row in watch.rows {
            let events = try await watch.events(row)
            text += events.map(\.protobufJSON).joined()
            if events.contains(where: isEnd) { break }
        }
        return text
    }

    private static func isEnd(_ event: ExecutionEvent) -> Bool {
        if case .executionFailed = event.kind { true } else { false }
    }

    @Test(arguments: [RedactionPolicy.nothing, .all, .nonManual], [TriggerKind.manual, .api])
    func `who listens to a workspace hears what the policy shows, by each execution's trigger`(
        policy: RedactionPolicy, trigger: TriggerKind
    ) async throws {
        try await Desk.with { desk in
            try await Self.set(desk, policy)
            var watch = try await desk.operations.watchWorkspace(by: Desk.caller(.viewer))
            _ = try await Self.run(desk, trigger)
            let text = try await Self.heard(&watch, Self.isEnd)
            let isMasked = policy == .all || (policy == .nonManual && trigger != .manual)
            for secret in Self.secrets { #expect(text.contains(secret) != isMasked, "\(text)") }
            #expect(text.contains("[masked]") == isMasked)
        }
    }

    @Test(arguments: [TriggerKind.manual, .api])
    func `a policy holds for who listened before it, and for executions begun before the listening`(
        trigger: TriggerKind
    ) async throws {
        try await Desk.with { desk in
            _ = try await desk.operations.putWorkflow(
                PutWorkflowRequest(definitionJSON: Self.asking), by: Desk.caller(.editor))
            let execution = try await desk.operations.triggerExecution(
                TriggerRequest(
                    workflowID: "asking", wait: ProtobufDuration(seconds: 60), trigger: trigger),
                by: Desk.caller(.operator)
            ).execution
            var watch = try await desk.operations.watchWorkspace(by: Desk.caller(.viewer))
            try await Self.set(desk, .nonManual)
            _ = try await desk.operations.respondExecution(
                RespondRequest(
                    executionID: execution?.id ?? "", decision: .approve,
                    reason: "as bob@example.com said"), by: Desk.caller(.operator))
            let text = try await Self.heard(&watch) {
                if case .interruptVoted = $0.kind { true } else { false }
            }
            #expect(text.contains("bob@example.com") == (trigger == .manual), "\(text)")
            #expect(text.contains("as [masked] said") == (trigger != .manual))
        }
    }

    @Test(arguments: [RedactionPolicy.nothing, .all, .nonManual], [TriggerKind.manual, .api])
    func `the inbox shows what the policy shows, by each execution's trigger`(
        policy: RedactionPolicy, trigger: TriggerKind
    ) async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            _ = try await operations.putWorkflow(
                PutWorkflowRequest(definitionJSON: Self.asking), by: Desk.caller(.editor))
            let execution = try await operations.triggerExecution(
                TriggerRequest(
                    workflowID: "asking", wait: ProtobufDuration(seconds: 60), trigger: trigger),
                by: Desk.caller(.operator)
            ).execution
            _ = try await operations.respondExecution(
                RespondRequest(
                    executionID: execution?.id ?? "", decision: .approve,
                    dataJSON: #"{"password":"hunter2"}"#, reason: "as bob@example.com said"),
                by: Desk.caller(.operator))
            try await Self.set(desk, policy)
            let text = try await operations.listInterrupts(
                ListInterruptsRequest(), by: Desk.caller(.viewer)
            ).protobufJSON
            let isMasked = policy == .all || (policy == .nonManual && trigger != .manual)
            for secret in ["ada@example.com", "bob@example.com"] {
                #expect(text.contains(secret) != isMasked, "\(text)")
            }
            // The data of votes is no part of an inbox.
            #expect(!text.contains("hunter2"), "\(text)")
            #expect(text.contains("pay [masked]?") == isMasked)
            #expect(text.contains("as [masked] said") == isMasked)
        }
    }

    @Test(arguments: [RedactionPolicy.nothing, .all, .nonManual])
    func `events that are kept, and what deliveries sent wrong, show what the policy shows`(
        policy: RedactionPolicy
    ) async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            let viewer = Desk.caller(.viewer)
            try await Self.set(desk, policy)
            let published = try await operations.publishEvent(
                PublishEventRequest(
                    name: "paid", key: "ada@example.com", dataJSON: #"{"password":"hunter2"}"#),
                by: Desk.caller(.operator))
            let kept = try await operations.listKeptEvents(ListKeptEventsRequest(), by: viewer)
            for text in [published.protobufJSON, kept.protobufJSON] {
                #expect(text.contains("paid"))
                for secret in ["ada@example.com", "hunter2"] {
                    #expect(text.contains(secret) == (policy == .nothing), "\(text)")
                }
            }
            _ = try await operations.putWorkflow(
                PutWorkflowRequest(definitionJSON: Self.choosy), by: Desk.caller(.admin))
            _ = try await operations.deployWorkflow(
                DeployWorkflowRequest(workflowID: "choosy"), by: Desk.caller(.admin))
            let webhook = try await operations.createWebhook(
                CreateWebhookRequest(
                    spec: WebhookSpec(workflowID: "choosy", verification: .none)),
                by: Desk.caller(.admin)
            ).webhook
            let error = await #expect(throws: OperationError.self) {
                _ = try await operations.fireWebhook(
                    operations.admitDelivery(webhook?.id ?? "", from: ""),
                    WebhookPost(
                        header: { _ in nil }, query: [], mediaType: "application/json",
                        body: Array(#"{"ada@example.com":1}"#.utf8), origin: "test",
                        source: "", traceparent: ""))
            }
            // The sender is told of what it sent itself.
            #expect(error?.message.contains("ada@example.com") == true, "\(error?.message ?? "")")
            let deliveries = try await operations.listWebhookDeliveries(
                ListWebhookDeliveriesRequest(webhookID: webhook?.id ?? ""), by: viewer
            ).deliveries
            #expect(deliveries.count == 1 && deliveries[0].reason == error?.reason)
            #expect(
                deliveries[0].message.contains("ada@example.com") == (policy == .nothing),
                "\(deliveries[0].message)")
        }
    }

    @Test func `revealing needs the permission where something is masked, and is audited`()
        async throws
    {
        try await Desk.with { desk in
            let execution = try await Self.run(desk)
            let editor = Desk.caller(.editor)
            let admin = Desk.caller(.admin)
            // Nothing is masked: nothing is revealed.
            _ = try await Self.everything(desk, execution.id, .reveal, by: editor)
            try await Self.set(desk, .all)
            let error = await #expect(throws: OperationError.self) {
                _ = try await desk.operations.getExecution(
                    GetExecutionRequest(executionID: execution.id, redaction: .reveal), by: editor)
            }
            #expect(error?.code == .permissionDenied)
            for (text, info) in try await Self.everything(desk, execution.id, .reveal, by: admin) {
                #expect(Self.secrets.contains(where: text.contains), "\(text)")
                #expect(info?.isRedacted == false && info?.canReveal == true)
            }
            let entries = try await desk.operations.listAuditEntries(
                ListAuditEntriesRequest(operation: "Bridge/Reveal"), by: admin
            ).entries
            #expect(
                entries.map(\.outcome) == Array(repeating: "OK", count: 6) + ["ROLE_INSUFFICIENT"])
            #expect(entries.first?.object == "execution \(execution.number)")
        }
    }

    @Test func `what was triggered by hand is spared by one policy, and answers are masked too`()
        async throws
    {
        try await Desk.with { desk in
            try await Self.set(desk, .nonManual)
            let byHand = try await Self.run(desk, .manual)
            #expect(byHand.key == "eve@example.com" && byHand.redaction == nil)
            let byProgram = try await Self.run(desk)
            #expect(byProgram.key == "[masked]" && byProgram.redaction?.reason == .policy)
            #expect(byProgram.inputJSON == #"{"to":"[masked]"}"#)
            #expect(byProgram.error?.message == "no card [masked]")
        }
    }

    @Test func `rules of the workspace take effect at once`() async throws {
        try await Desk.with { desk in
            let execution = try await Self.run(desk)
            try await Self.set(
                desk, .all,
                [MaskingRule(name: "cards", keys: ["N"], pattern: "no [a-z]+", replacement: "#")])
            let got = try await desk.operations.getExecution(
                GetExecutionRequest(executionID: execution.id, view: .full),
                by: Desk.caller(.viewer))
            #expect(got.error?.message == "# [masked]")
            #expect(
                got.nodeExecutions.first { $0.nodeID == "v" }?.outputJSON
                    == ##"{"mail":"[masked]","password":"[masked]","n":"#"}"##)
            let error = await #expect(throws: OperationError.self) {
                _ = try await desk.operations.updateSettings(
                    UpdateSettingsRequest(
                        settings: WorkspaceSettings(
                            redaction: RedactionSettings(withoutRules: ["nothing"]))),
                    by: Desk.caller(.admin))
            }
            #expect(error?.violations.map(\.field) == ["settings.redaction.without_rules[0]"])
        }
    }
}
