internal import Expressions
internal import JSON
package import Messages
package import Model

/// Turns a definition's text into a `WorkflowGraph`, or lists everything that is wrong with it.
///
/// Pure and without I/O: whether jq compiles the expressions is checked by `Engine.validate`.
package struct WorkflowCompiler {
    /// What came of it.
    package struct Result: Sendable {
        /// nil where there are faults.
        package let graph: WorkflowGraph?
        package let faults: [WorkflowFault]
        /// Every expression with its node and its place, for the check by jq.
        let expressions: [(node: String, pointer: JSONPointer, expression: Expression)]
        /// With those of bodies.
        let nodeCount: Int
        /// The kinds that only workers can run, with those of bodies.
        let workerKinds: Set<String>
    }

    private let limits: Limits
    private let allowsUnregistered: Bool
    /// How many bodies this graph lies in.
    private let depth: Int
    /// Kinds that workers have registered, with their schemas.
    private let registeredKinds: [String: JSONSchema?]
    private var workerKinds: Set<String> = []
    private var faults = FaultList()
    /// In bodies, so far.
    private var bodyNodeCount = 0
    private var draft = GraphDraft()
    private var expressions: [(node: String, pointer: JSONPointer, expression: Expression)] = []

    private init(
        limits: Limits, allowsUnregistered: Bool, depth: Int = 0,
        registeredKinds: [String: JSONSchema?]
    ) {
        self.limits = limits
        self.registeredKinds = registeredKinds
        self.allowsUnregistered = allowsUnregistered
        self.depth = depth
    }

    /// Compiles `definition`.
    package static func compile(
        _ definition: String, limits: Limits, allowsUnregistered: Bool = false
    ) -> Result {
        compile(
            definition, limits: limits, allowsUnregistered: allowsUnregistered, registeredKinds: [:]
        )
    }

    /// Compiles `definition`, in which kinds that workers have registered are known.
    static func compile(
        _ definition: String, limits: Limits, allowsUnregistered: Bool,
        registeredKinds: [String: JSONSchema?]
    ) -> Result {
        var compiler = WorkflowCompiler(
            limits: limits, allowsUnregistered: allowsUnregistered,
            registeredKinds: registeredKinds)
        let graph = compiler.run(definition)
        return compiler.result(graph)
    }

    /// Compiles the graph of a body; pointers and nodes of faults are relative to it.
    static func compile(body: JSONObject, _ nesting: BodyNesting) -> Result {
        var compiler = WorkflowCompiler(
            limits: nesting.limits, allowsUnregistered: nesting.allowsUnregistered,
            depth: nesting.depth, registeredKinds: nesting.registeredKinds)
        let graph = compiler.readGraph(body)
        return compiler.result(graph)
    }

    private func result(_ graph: WorkflowGraph?) -> Result {
        Result(
            graph: faults.isEmpty ? graph : nil, faults: faults.faults, expressions: expressions,
            nodeCount: draft.nodes.count + bodyNodeCount, workerKinds: workerKinds)
    }

    private mutating func run(_ definition: String) -> WorkflowGraph? {
        let size = definition.utf8.count
        guard size <= limits.definitionBytesMax else {
            faults.add(
                .tooLarge, .root,
                "definition of \(size) bytes exceeds the limit of \(limits.definitionBytesMax)")
            return nil
        }
        let root: JSONObject
        do throws(JSONError) {
            let value = try JSONValue(parsing: definition)
            guard let object = value.objectValue else {
                faults.add(.badType, .root, "expected an object, got \(value.typeName)")
                return nil
            }
            root = object
        } catch {
            faults.add(.badJSON, .root, error.description)
            return nil
        }
        return readGraph(root)
    }

    private mutating func readGraph(_ root: JSONObject) -> WorkflowGraph? {
        let id = faults.text("id", in: root)
        if !id.isEmpty, !Self.isWorkflowID(id) {
            faults.add(
                .badID, JSONPointer(tokens: ["id"]),
                "expected 1 to 128 of A-Z a-z 0-9 _ - . in a workflow's id, got '\(id)'")
        }
        let name = faults.text("name", in: root)
        _ = faults.text("description", in: root)
        let concurrency = depth == 0 ? ConcurrencySetting(root, &faults) : nil
        for (place, expression) in concurrency?.key.expressions ?? [] {
            let pointer = JSONPointer(tokens: ["concurrency", "key"] + place.tokens)
            expressions.append((node: "", pointer: pointer, expression: expression))
        }
        guard let list = faults.array("nodes", in: root, isRequired: true) else { return nil }
        guard list.count <= limits.workflowNodesMax else {
            faults.add(
                .tooManyNodes, JSONPointer(tokens: ["nodes"]),
                "\(list.count) nodes exceed the limit of \(limits.workflowNodesMax)")
            return nil
        }
        for (index, value) in list.enumerated() { readNode(value, index) }
        guard depth > 0 || list.count + bodyNodeCount <= limits.workflowNodesMax else {
            faults.add(
                .tooManyNodes, JSONPointer(tokens: ["nodes"]),
                "\(list.count + bodyNodeCount) nodes, with those of bodies, exceed the limit of "
                    + "\(limits.workflowNodesMax)")
            return nil
        }
        let edgeList = faults.array("edges", in: root, isRequired: false) ?? []
        let edgesMax = limits.workflowNodesMax * 10
        guard edgeList.count <= edgesMax else {
            faults.add(
                .tooLarge, JSONPointer(tokens: ["edges"]),
                "\(edgeList.count) edges exceed the limit of \(edgesMax)")
            return nil
        }
        for (index, value) in edgeList.enumerated() { draft.readEdge(value, index, &faults) }
        guard let start = draft.check(&faults), faults.isEmpty else { return nil }
        return WorkflowGraph(
            id: id, name: name, nodes: draft.nodes, edges: draft.edges, start: start,
            concurrency: concurrency)
    }

    // MARK: Reading

    private mutating func readNode(_ value: JSONValue, _ index: Int) {
        let pointer = JSONPointer(tokens: ["nodes", String(index)])
        guard let object = value.objectValue else {
            faults.add(.badType, pointer, "expected a node to be an object, got \(value.typeName)")
            return
        }
        let id = faults.requiredText("id", in: object, at: pointer, node: "")
        if let id, !Self.isNodeID(id) {
            faults.add(
                .badID, pointer.appending("id"), node: id,
                "expected 1 to 128 of A-Z a-z 0-9 _ - in a node's id, got '\(id)'")
        }
        let kind = faults.requiredText("type", in: object, at: pointer, node: id ?? "")
        var name = ""
        if let value = object["name"], !value.isNull {
            if let text = value.stringValue {
                name = text
            } else {
                faults.add(
                    .badType, pointer.appending("name"), node: id ?? "",
                    "expected a string, got \(value.typeName)")
            }
        }
        let data: JSONObject
        switch object["data"] {
        case nil, .null?: data = JSONObject()
        case .object(let object)?: data = object
        case let other?:
            faults.add(
                .badType, pointer.appending("data"), node: id ?? "",
                "expected an object, got \(other.typeName)")
            data = JSONObject()
        }
        guard let id, let kind else { return }
        if draft.has(id) {
            faults.add(
                .duplicateID, pointer.appending("id"), node: id,
                "the node id '\(id)' is used before")
        }
        compileNode(
            id: id, name: name.isEmpty ? id : name, kind: kind, data: data, at: pointer,
            index: index)
    }

    private mutating func compileNode(
        id: String, name: String, kind: String, data: JSONObject, at pointer: JSONPointer,
        index: Int
    ) {
        var fields = NodeFields(
            data, at: pointer.appending("data"), nodeID: id,
            nesting: BodyNesting(
                limits: limits, allowsUnregistered: allowsUnregistered, depth: depth + 1,
                registeredKinds: registeredKinds))
        let action: any NodeKind
        let settings: NodeSettings
        let secretFields: Set<String>
        if let type = KindTable.kind(named: kind) {
            action = type.init(&fields)
            secretFields = type.secretFields
            settings = NodeSettings(&fields)
            checkSettings(settings, action, &fields)
            fields.checkUnknown()
        } else {
            settings = NodeSettings(&fields)
            let registered = RegisteredNode(type: kind, &fields)
            action = registered
            secretFields = registered.dataFields
            checkSettings(settings, action, &fields)
            checkRegistered(
                kind,
                JSONObject(
                    data.members.filter { registered.dataFields.contains($0.key) }
                        .map { ($0.key, $0.value) }), at: pointer, node: id)
        }
        let compiled = fields.compiledTemplates()
        faults.append(fields.faults)
        adopt(fields.bodies, in: id)
        var handles = action.handles
        if settings.onError == .route { handles.named.append("error") }
        for (place, expression) in compiled.expressions {
            let pointer = JSONPointer(tokens: pointer.tokens + ["data"] + place.tokens)
            if let secret = expression.secret {
                checkSecret(secret, in: place, of: secretFields, at: pointer, node: id, kind: kind)
            }
            expressions.append((id, pointer, expression))
        }
        if let data = compiled.data ?? (try? CompiledData(compiling: .null)) {
            draft.add(
                WorkflowGraph.Node(
                    id: id, name: name, kind: kind, settings: settings, action: action, data: data),
                handles, at: index)
        }
    }

    /// Takes over what compiling a node's bodies gave.
    private mutating func adopt(_ bodies: [CompiledBody], in id: String) {
        for body in bodies {
            let prefix = id + body.name
            faults.append(body.result.faults, at: body.pointer, prefix: prefix)
            bodyNodeCount += body.result.nodeCount
            workerKinds.formUnion(body.result.workerKinds)
            expressions += body.result.expressions.map {
                (
                    "\(prefix).\($0.node)",
                    JSONPointer(tokens: body.pointer.tokens + $0.pointer.tokens), $0.expression
                )
            }
        }
    }

    /// A kind of workers must be registered, and its `data` fit its schema; what expressions make of
    /// `data` is checked when it is known.
    private mutating func checkRegistered(
        _ kind: String, _ data: JSONObject, at pointer: JSONPointer, node: String
    ) {
        workerKinds.insert(kind)
        guard let schema = registeredKinds[kind] else {
            if !allowsUnregistered {
                faults.add(
                    .unknownKind, pointer.appending("type"), node: node,
                    "expected one of \(KindTable.names.joined(separator: ", ")), or a kind that a "
                        + "worker has registered, got '\(kind)'")
            }
            return
        }
        let value = JSONValue.object(data)
        guard let schema, !value.text.contains("${") else { return }
        for fault in schema.validate(value) {
            faults.add(
                .badValue, JSONPointer(tokens: pointer.tokens + ["data"] + fault.pointer.tokens),
                node: node, fault.message)
        }
    }

    private mutating func checkSecret(
        _ name: String, in place: JSONPointer, of allowed: Set<String>, at pointer: JSONPointer,
        node: String, kind: String
    ) {
        if let field = place.tokens.first, !allowed.contains(field) {
            faults.add(
                .badExpression, pointer, node: node,
                allowed.isEmpty
                    ? "secrets can be used in http and worker nodes only, not in \(kind)"
                    : "secrets can be used in \(allowed.sorted().joined(separator: ", ")) only, not in \(field)"
            )
        } else if !SecretName.isValid(name) {
            faults.add(
                .badExpression, pointer, node: node,
                "expected a secret's name: \(SecretName.rule), got '\(name.prefix(80))'")
        }
    }

    private func checkSettings(
        _ settings: NodeSettings, _ action: any NodeKind, _ fields: inout NodeFields
    ) {
        if !action.handles.canContinue {
            if settings.onError == .continue {
                fields.fault(
                    .badValue, "onError", "a node that chooses its edge cannot continue on an error"
                )
            }
            if settings.isBypassed {
                fields.fault(.badValue, "bypass", "a node that chooses its edge cannot be bypassed")
            }
        }
        if settings.isBypassed, action is StartNode || action is EndNode {
            fields.fault(.badValue, "bypass", "the start and the end cannot be bypassed")
        }
    }

    /// Whether `id` may name a workflow.
    package static func isWorkflowID(_ id: String) -> Bool { isNodeID(id, extra: ".") }

    private static func isNodeID(_ id: String, extra: String = "") -> Bool {
        let allowed = ("_-" + extra).utf8
        return (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x30...0x39).contains(byte) || allowed.contains(byte)
            }
    }
}
