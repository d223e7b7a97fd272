/// A kind that no one here knows: accepted on request when saved, failed when it is reached.
struct UnregisteredNode: NodeKind {
    static let name = ""

    let type: String

    init(_ fields: inout NodeFields) { type = "" }

    init(type: String) { self.type = type }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        .fail(NodeFailure("NO_WORKER", "no worker has registered the node kind '\(type)'"))
    }
}
