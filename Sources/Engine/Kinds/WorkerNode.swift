internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// `worker`: runs on an outside worker that serves `type`; its output is what the worker completes with.
struct WorkerNode: DelegatingKind {
    static let name = "worker"
    static let secretFields: Set = ["input"]

    private let task: WorkerTaskFields
    private let hasInput: Bool

    init(_ fields: inout NodeFields) {
        var type = ""
        if fields.required("type") != nil, let text = fields.string("type") {
            type = text
            if !WorkerTaskFields.isName(text) {
                fields.fault(
                    .badValue, "type", "expected \(WorkerTaskFields.nameRule), got '\(text)'")
            } else if KindTable.kind(named: text) != nil {
                fields.fault(.badValue, "type", "'\(text)' is a kind of the server's own")
            }
        }
        task = WorkerTaskFields(kind: type, &fields)
        hasInput = fields.template("input") != nil
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        task.step(
            inputJSON: hasInput ? node.fields["input"]?.text ?? "null" : node.input, dataJSON: "{}")
    }

    func withdraw(_ attempt: DelegatedAttempt) -> [Change] { WorkerTaskFields.withdraw(attempt) }
}
