import HTTPTypes
import JSON
import Messages
import NIOCore
import ProtobufRuntime
import Testing

@testable import HTTPBridge

private let graph: JSONValue = ["nodes": [], "edges": []]

/// What the automation dialect reads and tells, as values.
@Suite struct AutomationTests {
    private static func read(_ body: JSONObject) throws(Fault) -> ExecuteRequest {
        try ExecuteRequest(body)
    }

    @Test func `one workflow runs by itself, and several, a folder or files together`() throws {
        let single = try Self.read([
            "workflow": graph, "executionMode": "single", "traceLogs": true,
            "source": "frontend", "input": ["a": 1], "workflowFileName": "w.json",
            "breakpointConfig": [
                "enabled": true, "breakpointAt": "both", "breakpointFor": "all",
            ],
        ])
        guard case .definition(let given) = single.subject else {
            Issue.record("expected a definition, got \(single.subject)")
            return
        }
        #expect(given.fileName == "w.json")
        #expect(single.traceLogs)
        #expect(single.source == .manual)
        #expect(single.input == #"{"a":1}"#)
        #expect(single.breakpoints?.at == .both)
        #expect(single.breakpoints?.nodes == .all)

        #expect(try Self.read(["workflowId": "w"]).subject == .workflow("w"))
        let many = try Self.read([
            "workflows": [graph, graph], "workflowFileNames": ["a.json"],
            "workers": 3, "batchPriority": -5, "executionMode": "parallel",
        ])
        guard case .many(let all) = many.subject else {
            Issue.record("expected many, got \(many.subject)")
            return
        }
        #expect(all.map(\.fileName) == ["a.json", "workflow2.json"])
        #expect(many.workers == 3 && many.priority == -5)
        #expect(
            try Self.read(["folderPath": "./x", "recursive": true, "pattern": "*.json"]).subject
                == .folder(path: "./x", isRecursive: true, pattern: "*.json"))
        #expect(try Self.read(["workflow": graph]).breakpoints == nil)
        #expect(
            try Self.read(["workflow": graph, "breakpointConfig": ["enabled": false]])
                .breakpoints == nil)
    }

    @Test(
        arguments: [
            [:],
            ["workflow": graph, "workflows": [graph]],
            ["workflow": graph, "workflowId": "w"],
            ["workflow": graph, "folderPath": "x"],
            ["workflows": [graph], "folderPath": "x"],
            ["workflow": graph, "executionMode": "parallel"],
            ["workflows": [graph], "executionMode": "single"],
            ["workflow": graph, "executionMode": "both"],
            ["workflow": "text"],
            ["workflow": graph, "workers": 0],
            ["workflow": graph, "workers": 1_001],
            ["workflow": graph, "batchPriority": 101],
            ["workflow": graph, "traceLogs": "yes"],
            ["workflow": graph, "source": "elsewhere"],
        ] as [JSONObject])
    func `what is not one of these is refused`(body: JSONObject) {
        let fault = #expect(throws: Fault.self) { try Self.read(body) }
        #expect(fault?.status == .badRequest)
        #expect(fault?.code == "INVALID_ARGUMENT")
    }

    @Test func `a form's files are workflows, and its fields those of JSON`() throws {
        func part(_ head: String, _ content: String) -> String {
            "--x\r\nContent-Disposition: form-data; \(head)\r\n\r\n\(content)\r\n"
        }
        func form(_ parts: String...) throws -> MultipartForm {
            try MultipartForm(
                ByteBuffer(string: parts.joined() + "--x--\r\n"),
                contentType: "multipart/form-data; boundary=x")
        }
        let request = try ExecuteRequest(
            form(
                part("name=\"workers\"", "2"), part("name=\"executionMode\"", "auto"),
                part("name=\"files\"; filename=\"a.json\"", "{\"nodes\": []}"),
                part("name=\"files\"; filename=\"b.json\"", "{}")))
        guard case .many(let files) = request.subject else {
            Issue.record("expected many, got \(request.subject)")
            return
        }
        #expect(files.map(\.fileName) == ["a.json", "b.json"])
        #expect(request.workers == 2)
        let wrong = try form(part("name=\"files\"; filename=\"a.json\"", "{"))
        #expect(throws: Fault.self) { try ExecuteRequest(wrong) }
    }

    // MARK: Events

    private static func event(_ kind: ExecutionEvent.Kind) -> ExecutionEvent {
        var event = ExecutionEvent()
        event.sequence = 1
        event.time = Timestamp(seconds: 1, nanos: 5_000_000)
        event.kind = kind
        return event
    }

    private static func words(_ messages: [AutomationEvents.Message]) -> [String] {
        messages.map { message in
            let data = (try? JSONValue(parsing: message.data.text))?.objectValue
            let word = (data?["type"] ?? data?["status"])?.stringValue ?? ""
            return "\(message.name) \(word)"
        }
    }

    @Test func `a run is told of in both sets of names`() {
        var events = AutomationEvents()
        #expect(
            Self.words(events.messages(1, Self.event(.executionCreated(ExecutionCreated()))))
                == ["execution-update queued"])
        #expect(
            Self.words(events.messages(1, Self.event(.executionStarted(ExecutionStarted()))))
                == ["execution-event execution_start", "execution-update running"])
        var started = NodeStarted()
        started.nodePath = "n"
        started.nodeID = "n"
        started.kind = "noop"
        let told = events.messages(1, Self.event(.nodeStarted(started)))
        #expect(
            Self.words(told) == [
                "execution-event node_start", "node-execution running", "execution-update running",
            ])
        #expect(told[1].data.text.contains(#""nodeType":"noop""#))
        #expect(told[0].data.text.contains(#""timestamp":1005"#))
        #expect(told[2].data.text.contains(#""currentNodeId":"n""#))
        #expect(
            Self.words(events.messages(1, Self.event(.executionCompleted(ExecutionCompleted()))))
                == ["execution-event execution_complete", "execution-update completed"])
    }

    @Test func `a breakpoint pauses, and is told of once the run goes on; an approval is no pause`()
    {
        var events = AutomationEvents()
        func opened(_ type: InterruptType) -> ExecutionEvent {
            var interrupt = Interrupt()
            interrupt.id = "i"
            interrupt.nodeID = "n"
            interrupt.nodePath = "n"
            interrupt.type = type
            var opened = InterruptOpened()
            opened.interrupt = interrupt
            return Self.event(.interruptOpened(opened))
        }
        var closed = InterruptClosed()
        closed.interruptID = "i"
        closed.nodeID = "n"
        let paused = events.messages(1, opened(.breakpoint))
        #expect(
            Self.words(paused) == [
                "execution-event execution_paused", "node-execution paused",
                "execution-update running",
            ])
        #expect(paused[2].data.text.contains(#""pauseReason":"breakpoint""#))
        #expect(
            Self.words(events.messages(1, Self.event(.interruptClosed(closed))))
                == ["execution-event breakpoint_triggered", "execution-update running"])
        #expect(events.messages(2, opened(.pause))[2].data.text.contains("wait-pause"))
        #expect(
            Self.words(events.messages(2, Self.event(.interruptClosed(closed))))
                == ["execution-update running"])
        let approval = events.messages(3, opened(.approval))
        #expect(approval[2].data.text.contains(#""pauseReason":null"#))
    }

    @Test func `a batch has its beginning and its end told once`() {
        var events = AutomationEvents()
        var batch = Batch()
        batch.number = 7
        batch.status = .running
        batch.total = 2
        #expect(
            Self.words(events.messages(batch)) == ["batch-start ", "batch-update running"])
        #expect(Self.words(events.messages(batch)) == ["batch-update running"])
        batch.status = .completed
        #expect(
            Self.words(events.messages(batch))
                == ["batch-update completed", "batch-complete completed"])
        #expect(Self.words(events.messages(batch)) == ["batch-update completed"])
    }

    @Test func `what is known of executions is bounded`() {
        var events = AutomationEvents(executionsMax: 2)
        for number in Int64(1)...3 {
            _ = events.messages(number, Self.event(.executionStarted(ExecutionStarted())))
        }
        #expect(!events.needsHistory(of: 3, before: 5))
        #expect(events.needsHistory(of: 1, before: 5))
        #expect(!events.needsHistory(of: 1, before: 1))
    }
}
