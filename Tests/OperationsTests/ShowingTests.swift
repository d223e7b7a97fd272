import Messages
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// What is personal or secret, and who sees it.
struct ShowingTests {
    private static let secretive =
        #"{"id":"secretive","nodes":[{"id":"s","type":"start"},{"id":"v","type":"set","data":{"value":{"mail":"ada@example.com","password":"hunter2","n":1}}},{"id":"l","type":"log","data":{"message":"sent to ada@example.com"}},{"id":"f","type":"fail","data":{"message":"no card 4111111111111111"}}],"edges":[{"source":"s","target":"v"},{"source":"v","target":"l"},{"source":"l","target":"f"}]}"#

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
