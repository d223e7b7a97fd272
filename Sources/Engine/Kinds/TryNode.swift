internal import JSON
internal import Messages
internal import Model

/// `try`: runs a body; if that fails, the first catch clause for the error's code; at last, whatever
/// happened, the `finally` body. Its output is that of the body or of the clause.
struct TryNode: NestingKind {
    static let name = "try"

    /// Clauses of one node.
    private static let clausesMax = 100

    private struct Clause {
        /// Error codes; empty: any.
        let codes: Set<String>
        let graph: WorkflowGraph?
    }

    private let tried: WorkflowGraph?
    private let clauses: [Clause]
    private let last: WorkflowGraph?

    init(_ fields: inout NodeFields) {
        tried = fields.body("body", name: ".try", isRequired: true)
        clauses = Self.clauses(&fields)
        last = fields.body("finally", name: ".finally")
        if fields.value("catch") == nil, fields.value("finally") == nil {
            fields.fault(.missingField, "catch", "expected 'catch' or 'finally', got neither")
        }
    }

    private static func clauses(_ fields: inout NodeFields) -> [Clause] {
        guard let value = fields.value("catch") else { return [] }
        guard let list = value.arrayValue, (1...clausesMax).contains(list.count) else {
            fields.fault(
                .badType, "catch",
                "expected an array of 1 to \(clausesMax) clauses, got \(value.typeName)"
                    + (value.arrayValue.map { " of \($0.count)" } ?? ""))
            return []
        }
        var clauses: [Clause] = []
        for (index, value) in list.enumerated() {
            let pointer = fields.pointer.appending("catch").appending(String(index))
            guard let object = value.objectValue else {
                fields.faults.add(
                    .badType, pointer, node: fields.nodeID,
                    "expected an object with 'on' and 'body', got \(value.typeName)")
                continue
            }
            var inner = NodeFields(
                object, at: pointer, nodeID: fields.nodeID, nesting: fields.nesting)
            var codes: Set<String> = []
            if let value = inner.value("on") {
                if let list = value.arrayValue?.map(\.stringValue), !list.isEmpty,
                    !list.contains(nil)
                {
                    codes = Set(list.compactMap(\.self))
                } else {
                    inner.fault(
                        .badType, "on", "expected an array of error codes, got \(value.text)")
                }
            } else if index < list.count - 1 {
                inner.fault(
                    .badValue, "on", "a clause without 'on' catches all: expected it to be the last"
                )
            }
            let body = inner.body("body", name: ".catch[\(index)]", isRequired: true)
            inner.checkUnknown()
            fields.adopt(inner)
            clauses.append(Clause(codes: codes, graph: body))
        }
        return clauses
    }

    var handles: HandleRule { .plain }

    func body(_ kind: BodyKind, _ index: Int) -> WorkflowGraph? {
        switch kind {
        case .try: tried
        case .catch: clauses.indices.contains(index) ? clauses[index].graph : nil
        case .finally: last
        case .item, .unspecified, .unrecognized: nil
        }
    }

    var bodies: [WorkflowGraph] { ([tried, last] + clauses.map(\.graph)).compactMap(\.self) }

    var hasFinally: Bool { last != nil }

    /// The clause that catches errors of this code.
    func clause(for code: String) -> Int? {
        clauses.firstIndex { $0.codes.isEmpty || $0.codes.contains(code) }
    }

    func step(_ node: NodeContext) -> NodeStep { .attempt }
}
