internal import JSON
internal import Store

/// A kind that workers run: one that this server does not know. Its `data` is the worker's to read,
/// beside what every node can say, `queue` and `heartbeatTimeout`.
struct RegisteredNode: DelegatingKind {
    static let name = ""

    /// What of `data` is the worker's.
    let dataFields: Set<String>

    private let task: WorkerTaskFields

    init(_ fields: inout NodeFields) { self.init(type: "", &fields) }

    /// - Parameter fields: those that every node has are read already.
    init(type: String, _ fields: inout NodeFields) {
        task = WorkerTaskFields(kind: type, &fields)
        dataFields = fields.takeRest()
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        task.step(inputJSON: node.input, dataJSON: dataFields.isEmpty ? "{}" : node.data.text)
    }

    func withdraw(_ attempt: DelegatedAttempt) -> [Change] { WorkerTaskFields.withdraw(attempt) }
}
