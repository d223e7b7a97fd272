/// Every node kind that this server runs itself.
enum KindTable {
    private static let kinds: [any NodeKind.Type] = [
        StartNode.self, EndNode.self, SetNode.self, IfNode.self, SwitchNode.self, HTTPNode.self,
        WaitNode.self, ForeachNode.self, TryNode.self, WorkflowNode.self, EventNode.self,
        ApprovalNode.self, AskNode.self, FailNode.self, LogNode.self, NoopNode.self,
        WorkerNode.self,
    ]

    private static let byName = Dictionary(
        uniqueKeysWithValues: kinds.map { ($0.name, $0) })

    static let names = kinds.map { $0.name }

    static func kind(named name: String) -> (any NodeKind.Type)? { byName[name] }
}
