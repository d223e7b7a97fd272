import Messages
import Model
import ProtobufRuntime
import Redaction
import Testing

@testable import Operations

struct ExportTests {
    private static let execution = Execution(
        id: "id-1", number: 1, workflowID: "w", workflowName: "Mail, \"to\" ada@example.com",
        status: .completed, trigger: .api,
        startTime: Timestamp(millisecondsSinceEpoch: 1_771_324_200_050),
        endTime: Timestamp(millisecondsSinceEpoch: 1_771_324_202_350))

    private static let node = NodeExecution(
        nodePath: "n", nodeID: "n", name: "=SUM(A1)", kind: "http", status: .failed,
        startTime: Timestamp(millisecondsSinceEpoch: 1_771_324_201_000),
        endTime: Timestamp(millisecondsSinceEpoch: 1_771_324_201_120),
        error: ExecutionError(message: "-1\r\ncard 4111111111111111"))

    @Test func `a CSV row is quoted, masked, and holds no formula`() {
        let csv = CSVExport(words: .own, redactor: Redactor())
        var output: [UInt8] = []
        CSVExport.begin(&output)
        csv.add(Self.execution, [Self.node], to: &output)
        csv.add(Execution(id: "id-2", status: .queued, trigger: .retry), [], to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == [
                    "execution_id,workflow_id,workflow_name,status,trigger,started_at,completed_at,"
                        + "duration_ms,node_id,node_type,node_name,node_status,node_started_at,"
                        + "node_completed_at,node_duration_ms,node_error",
                    #"id-1,w,"Mail, ""to"" [masked]",COMPLETED,API,2026-02-17T10:30:00.050Z,"#
                        + "2026-02-17T10:30:02.350Z,2300,n,http,'=SUM(A1),FAILED,"
                        + "2026-02-17T10:30:01.000Z,2026-02-17T10:30:01.120Z,120,"
                        + "\"'-1\r\ncard [masked]\"",
                    "id-2,,,QUEUED,RETRY,,,,,,,,,,,", "",
                ].joined(separator: "\r\n"))
    }

    @Test func `a JSON export nests node executions`() {
        var json = JSONExport(words: .own, redactor: Redactor())
        var output: [UInt8] = []
        JSONExport.begin(&output)
        json.add(Self.execution, [Self.node], to: &output)
        json.add(Execution(id: "id-2", status: .queued), [], to: &output)
        JSONExport.end(&output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"[{"executionId":"id-1","workflowId":"w","workflowName":"Mail, \"to\" [masked]","#
                + #""status":"COMPLETED","trigger":"API","startedAt":"2026-02-17T10:30:00.050Z","#
                + #""completedAt":"2026-02-17T10:30:02.350Z","durationMs":2300,"nodeExecutions":["#
                + #"{"nodeId":"n","nodeType":"http","nodeName":"=SUM(A1)","status":"FAILED","#
                + #""startedAt":"2026-02-17T10:30:01.000Z","completedAt":"2026-02-17T10:30:01.120Z","#
                + #""durationMs":120,"error":"-1\r\ncard [masked]"}]},"# + "\n"
                + #"{"executionId":"id-2","workflowId":"","workflowName":"","status":"QUEUED","#
                + #""trigger":"UNSPECIFIED","startedAt":null,"completedAt":null,"durationMs":null,"#
                + #""nodeExecutions":[]}]"# + "\n")
    }

    @Test func `an export is bounded in number, and audited`() async throws {
        var limits = Limits()
        limits.exportsPerWorkspaceMax = 1
        try await Desk.with(limits: limits) { desk in
            for _ in 0..<3 { _ = try await desk.finished() }
            let viewer = Desk.caller(.viewer)
            do {
                let export = try await desk.operations.exportExecutions(ExportRequest(), by: viewer)
                let error = await #expect(throws: OperationError.self) {
                    _ = try await desk.operations.exportExecutions(ExportRequest(), by: viewer)
                }
                #expect(error?.reason == "EXPORTS_TOO_MANY")
                var text = ""
                for try await chunk in export.chunks {
                    text += String(decoding: chunk, as: UTF8.self)
                }
                // A header, and three nodes of each execution.
                #expect(text.split(separator: "\r\n").count == 1 + 3 * 3)
            }
            let json = try await desk.operations.exportExecutions(
                ExportRequest(format: .json, filter: ExecutionFilter(triggers: [.webhook])),
                by: viewer)
            var text = ""
            for try await chunk in json.chunks { text += String(decoding: chunk, as: UTF8.self) }
            #expect(text == "[]\n")
            #expect(json.contentType == "application/json" && json.fileName.hasSuffix(".json"))
            let entries = try await desk.operations.listAuditEntries(
                ListAuditEntriesRequest(operation: "ExportService/Export"), by: Desk.caller(.admin)
            ).entries
            #expect(entries.map(\.object) == ["executions as JSON", "executions as CSV"])
        }
    }

    @Test func `a long export comes in pieces`() async throws {
        try await Desk.with { desk in
            for _ in 0..<120 { _ = try await desk.finished() }
            let export = try await desk.operations.exportExecutions(
                ExportRequest(days: 1), by: Desk.caller(.viewer))
            var sizes: [Int] = []
            var rows = 0
            for try await chunk in export.chunks {
                sizes.append(chunk.count)
                rows += chunk.count { $0 == 0x0A }
            }
            #expect(rows == 1 + 3 * 120)
            #expect(sizes.count > 1 && sizes.allSatisfy { $0 < 64 << 10 })
        }
    }
}
