import Foundation
import Messages
import Operations
import RPC
import RPCServices
import Services
import Testing

/// The contract and the table of who may do what name the same operations.
struct AccessTableTests {
    private static let methods: [RPC.MethodDescriptor] = [
        ExecutionServiceMethods.all,
        WorkflowServiceMethods.all,
        ServerServiceMethods.all,
        AdminServiceMethods.all,
        SecretServiceMethods.all,
        InterruptServiceMethods.all,
        ControlServiceMethods.all,
        ExportServiceMethods.all,
        RetentionServiceMethods.all,
        ScheduleServiceMethods.all,
        TagServiceMethods.all,
        BatchServiceMethods.all,
        BulkServiceMethods.all,
        EventServiceMethods.all,
        WorkerServiceMethods.all,
        WebhookServiceMethods.all,
    ].flatMap { $0 }

    @Test func `every method has a row in the table, and every row a method`() {
        for method in Self.methods {
            #expect(OperationName(rpc: method) != nil, "\(method.path) has no row")
        }
        let named = Set(Self.methods.compactMap(OperationName.init(rpc:)))
        let rows = OperationName.allCases.filter { !$0.rawValue.hasPrefix("Bridge/") }
        #expect(named == Set(rows))
    }

    @Test func `the documents show the table as it is`() throws {
        let document = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/access.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let shown = text.split(separator: "\n").filter { line in
            OperationName.allCases.contains { line.hasPrefix("| `\($0.rawValue)` |") }
        }
        let table = OperationName.allCases.map { operation in
            "| `\(operation.rawValue)` | \(operation.access.words) | "
                + "\(operation.isAudited ? "yes" : "") |"
        }
        #expect(shown.map(String.init) == table)
    }
}
