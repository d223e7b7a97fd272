internal import Engine
internal import JSON
internal import Messages
internal import Model
internal import Store

/// A definition that nobody saved, as it was kept for an execution.
package struct KeptWorkflow: Sendable, Equatable {
    package let id: String
    /// False: it has faults, and one that fails with them was kept in its place.
    package let isValid: Bool
}

extension Operations {
    /// Faults that the error of an execution names.
    private static var faultsNamedMax: Int { 10 }

    /// Keeps a definition that nobody saved, as a batch keeps those that come with it, so that a single
    /// execution of it can be triggered; it goes with the last of its executions. Where it has faults,
    /// its execution fails with them, for doors that tell faults by the execution. Needs editor.
    package func keepInlineWorkflow(
        _ definitionJSON: String, name: String, podID: String = "", by caller: Caller
    ) async throws(OperationError) -> KeptWorkflow {
        let grant = try await authorise(.putWorkflow, caller, podID: podID)
        var check = RequestCheck()
        check.text(
            "definition_json", definitionJSON, bytesMax: limits.definitionBytesMax, isNeeded: true)
        try check.finish()
        let faults = await engine.validate(
            definitionJSON, allowUnregistered: false, workspaceID: grant.workspaceID)
        let kept = faults.isEmpty ? definitionJSON : Self.failing(with: faults)
        let id = Self.inlineID(kept, podID: grant.podIDOrDefault)
        let said = (try? JSONValue(parsing: definitionJSON))?["name"]?.stringValue ?? ""
        let row = WorkflowVersionRow(
            workspaceID: grant.workspaceID, podID: grant.podIDOrDefault, workflowID: id,
            name: (said.isEmpty ? name : said).clipped(toBytes: 256), definitionJSON: kept,
            savedAt: environment.now(), savedBy: grant.principal.name)
        guard try await committing([.many(.keepInline(row))]) == nil else {
            throw .notFound("pod", row.podID, reason: "POD_NOT_FOUND")
        }
        return KeptWorkflow(id: id, isValid: faults.isEmpty)
    }

    /// A definition whose execution fails with `faults`, INVALID_WORKFLOW.
    private static func failing(with faults: [WorkflowFault]) -> String {
        var texts = faults.prefix(faultsNamedMax).map { fault in
            "\(fault.pointer) \(fault.code): \(fault.message)"
        }
        if faults.count > faultsNamedMax {
            texts.append("\(faults.count - faultsNamedMax) more")
        }
        // What a fault quotes is no template.
        let message = "invalid workflow: \(texts.joined(separator: "; "))"
            .replacing("${", with: "$${").clipped(toBytes: 4_096)
        let nodes: [JSONValue] = [
            ["id": "start", "type": "start"],
            [
                "id": "invalid", "type": "fail",
                "data": ["code": "INVALID_WORKFLOW", "message": .string(message)],
            ],
        ]
        let definition: JSONValue = [
            "nodes": .array(nodes), "edges": [["source": "start", "target": "invalid"]],
        ]
        return JSONText(definition).text
    }
}
