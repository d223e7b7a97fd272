internal import JSON
internal import Messages
internal import Model

/// `foreach`: runs its body once for each item of an array, several at a time. Its output is the
/// array of what the bodies yielded, in the order of the items.
struct ForeachNode: NestingKind {
    static let name = "foreach"

    /// Bodies at the same time where nothing is said, and at most.
    private static let concurrencyDefault = 10
    private static let concurrencyMax: Int64 = 100

    /// How many bodies run at the same time.
    let concurrency: Int
    /// An item that fails is recorded in the output, and the loop goes on.
    let collects: Bool
    private let graph: WorkflowGraph?

    init(_ fields: inout NodeFields) {
        fields.template("items", isRequired: true, ofType: ["array"])
        concurrency =
            fields.integer("concurrency", in: 1...Self.concurrencyMax).map { Int($0) }
            ?? Self.concurrencyDefault
        collects = fields.choice("onItemError", of: ["fail", "collect"]) == "collect"
        graph = fields.body("body", name: "[]", isRequired: true)
    }

    var handles: HandleRule { .plain }

    func body(_ kind: BodyKind, _ index: Int) -> WorkflowGraph? { kind == .item ? graph : nil }

    var bodies: [WorkflowGraph] { graph.map { [$0] } ?? [] }

    func step(_ node: NodeContext) -> NodeStep {
        guard let items = node.fields["items"]?.arrayValue else {
            let got = node.fields["items"]?.typeName ?? "nothing"
            return .fail(NodeFailure("ITEMS_NOT_ARRAY", "expected an array of items, got \(got)"))
        }
        return .loop(items: items.map(\.text))
    }
}
