internal import JSON
internal import Messages

/// A workflow in the shape that executions show it in: nodes with parameters, and connections by node
/// name.
struct ExecutionsClientWorkflow {
    let workflow: Workflow

    func write(to json: inout JSONWriter) {
        let definition = (try? JSONValue(parsing: workflow.definitionJSON)) ?? .null
        let nodes = definition["nodes"]?.arrayValue ?? []
        let edges = definition["edges"]?.arrayValue ?? []
        json.object { json in
            json.member("id", workflow.id)
            json.member("name", workflow.name)
            json.member("active", workflow.deployedVersion != 0)
            json.member("versionId", "\(workflow.version)")
            json.member("createdAt", instant: workflow.createTime)
            json.member("updatedAt", instant: workflow.updateTime)
            json.key("nodes")
            json.array(nodes) { json, node in Self.write(node, to: &json) }
            json.key("connections")
            Self.write(edges, nodes, to: &json)
            json.member("settings") { $0.object { _ in } }
        }
    }

    private static func write(_ node: JSONValue, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", node["id"]?.stringValue)
            json.member("name", name(node))
            json.member("type", node["type"]?.stringValue)
            json.member("typeVersion", 1)
            json.key("position")
            json.array([node["position"]?["x"], node["position"]?["y"]]) { json, place in
                json.value(place ?? 0)
            }
            json.member("parameters") { $0.value(node["data"] ?? .object([:])) }
        }
    }

    private static func name(_ node: JSONValue) -> String? {
        node["name"]?.stringValue ?? node["id"]?.stringValue
    }

    /// By source; one output for each of its handles, in the order they first appear.
    private static func write(
        _ edges: [JSONValue], _ nodes: [JSONValue], to json: inout JSONWriter
    ) {
        var names: [String: String] = [:]
        for node in nodes {
            if let id = node["id"]?.stringValue { names[id] = name(node) }
        }
        json.object { json in
            for node in nodes {
                guard let id = node["id"]?.stringValue else { continue }
                let leaving = edges.filter { $0["source"]?.stringValue == id }
                guard !leaving.isEmpty else { continue }
                var handles: [String] = []
                for edge in leaving {
                    let handle = edge["sourceHandle"]?.stringValue ?? ""
                    if !handles.contains(handle) { handles.append(handle) }
                }
                json.key(names[id] ?? id)
                json.object { json in
                    json.key("main")
                    json.array(handles) { json, handle in
                        let edges = leaving.filter {
                            ($0["sourceHandle"]?.stringValue ?? "") == handle
                        }
                        json.array(edges) { json, edge in
                            let target = edge["target"]?.stringValue ?? ""
                            json.object { json in
                                json.member("node", names[target] ?? target)
                                json.member("type", "main")
                                json.member("index", 0)
                            }
                        }
                    }
                }
            }
        }
    }
}
