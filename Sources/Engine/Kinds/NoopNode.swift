/// `noop`: a durable step that does nothing; its output is its input.
struct NoopNode: NodeKind {
    static let name = "noop"

    init(_ fields: inout NodeFields) {}

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep { .body(.noop) }
}
