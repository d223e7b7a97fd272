import Foundation
import Messages
import Operations
import RPC
import Services
import Testing

/// The contract and the table of who may do what name the same operations.
struct AccessTableTests {
    private static let methods =
        ExecutionServiceMethods.all + WorkflowServiceMethods.all + ServerServiceMethods.all
        + AdminServiceMethods.all

    private static func name(_ method: RPC.MethodDescriptor) -> String {
        "\(method.service.split(separator: ".").last ?? "")/\(method.method)"
    }

    @Test func `every method has a row in the table, and every row a method`() {
        let rows = OperationName.allCases.map(\.rawValue).filter { !$0.hasPrefix("Bridge/") }
        #expect(Set(Self.methods.map(Self.name)) == Set(rows))
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
