import Messages
import Operations
import RPC
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
    ].flatMap { $0 }

    private static func name(_ method: RPC.MethodDescriptor) -> String {
        "\(method.service.split(separator: ".").last ?? "")/\(method.method)"
    }

    @Test func `every method has a row in the table, and every row a method`() {
        let rows = OperationName.allCases.map(\.rawValue).filter { !$0.hasPrefix("Bridge/") }
        #expect(Set(Self.methods.map(Self.name)) == Set(rows))
    }
}
