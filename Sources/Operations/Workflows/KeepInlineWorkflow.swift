internal import Engine
internal import JSON
internal import Messages
internal import Model
internal import Store

extension Operations {
    /// Keeps a definition that nobody saved, as a batch keeps those that come with it, so that a single
    /// execution of it can be triggered; it goes with the last of its executions. Needs editor.
    /// - Returns: the workflow's id.
    package func keepInlineWorkflow(
        _ definitionJSON: String, name: String, podID: String = "", by caller: Caller
    ) async throws(OperationError) -> String {
        let grant = try await authorise(.putWorkflow, caller, podID: podID)
        var check = RequestCheck()
        check.text(
            "definition_json", definitionJSON, bytesMax: limits.definitionBytesMax, isNeeded: true)
        try check.finish()
        let faults = await engine.validate(
            definitionJSON, allowUnregistered: false, workspaceID: grant.workspaceID)
        for fault in faults {
            check.fault("definition_json\(fault.pointer)", "\(fault.code): \(fault.message)")
        }
        try check.finish()
        let id = Self.inlineID(definitionJSON, podID: grant.podIDOrDefault)
        let said = (try? JSONValue(parsing: definitionJSON))?["name"]?.stringValue ?? ""
        let row = WorkflowVersionRow(
            workspaceID: grant.workspaceID, podID: grant.podIDOrDefault, workflowID: id,
            name: (said.isEmpty ? name : said).clipped(toBytes: 256),
            definitionJSON: definitionJSON, savedAt: environment.now(),
            savedBy: grant.principal.name)
        guard try await committing([.many(.keepInline(row))]) == nil else {
            throw .notFound("pod", row.podID, reason: "POD_NOT_FOUND")
        }
        return id
    }
}
