internal import Engine
internal import JSON
package import Messages
internal import Model
internal import Store

extension Operations {
    /// How often a save that names no version is tried against others that save at the same time.
    private static var putAttemptsMax: Int { 5 }

    /// Saves a definition as a new immutable version; text equal to the newest makes none. Needs
    /// editor.
    /// - Parameter isNew: whether it is refused with `.alreadyExists`, WORKFLOW_EXISTS, where there is
    ///   such a workflow.
    package func putWorkflow(
        _ request: PutWorkflowRequest, isNew: Bool = false, by caller: Caller
    ) async throws(OperationError) -> Workflow {
        let grant = try await authorise(
            .putWorkflow, caller, workspaceID: request.workspaceID, podID: request.podID)
        let names = try await check(request, grant)
        for _ in 0..<Self.putAttemptsMax {
            // First: what is saved after it makes the commit fail, and is looked at then.
            let last = try await reading { () async throws(StoreError) in
                try await store.latestVersion(names.id, workspaceID: grant.workspaceID)
            }
            let newest = try await reading { () async throws(StoreError) in
                try await store.workflow(
                    names.id, version: nil, workspaceID: grant.workspaceID)
            }
            if isNew, newest != nil { throw Self.workflowExists(names.id) }
            let latest = newest?.latestVersion ?? 0
            guard request.expectedVersion == 0 || request.expectedVersion == latest else {
                throw Self.versionConflict(request.expectedVersion, latest: latest)
            }
            if let newest, let podID = grant.podID, newest.podID != podID {
                throw OperationError(
                    .alreadyExists, reason: "WORKFLOW_IN_OTHER_POD",
                    "the workspace has a workflow '\(names.id)' in the pod '\(newest.podID)'")
            }
            if let newest, newest.definitionJSON == request.definitionJSON { return newest }
            let row = WorkflowVersionRow(
                workspaceID: grant.workspaceID,
                podID: newest?.podID ?? grant.podIDOrDefault, workflowID: names.id,
                name: names.name, definitionJSON: request.definitionJSON,
                savedAt: environment.now(), savedBy: grant.principal.name)
            let refusal = try await committing(
                [.putWorkflow(row, expectedLatest: last)], grant,
                "workflow \(names.id) version \(last + 1)")
            switch refusal {
            case nil:
                return try await workflow(names.id, version: last + 1, grant)
            case .versionConflict(let latest) where request.expectedVersion != 0:
                throw Self.versionConflict(request.expectedVersion, latest: latest)
            case .notFound:
                throw .notFound("pod", row.podID, reason: "POD_NOT_FOUND")
            case .some:
                continue
            }
        }
        throw OperationError(
            .aborted, reason: "VERSION_CONFLICT",
            "others keep saving '\(names.id)' at the same time; try again")
    }

    /// - Returns: the workflow's id and name.
    private func check(_ request: PutWorkflowRequest, _ grant: Authoriser.Grant)
        async throws(OperationError) -> (id: String, name: String)
    {
        var check = RequestCheck()
        check.range("expected_version", request.expectedVersion, 0...Int32.max)
        check.text(
            "definition_json", request.definitionJSON, bytesMax: limits.definitionBytesMax,
            isNeeded: true)
        try check.finish()
        let faults = await engine.validate(
            request.definitionJSON, allowUnregistered: request.allowUnregistered,
            workspaceID: grant.workspaceID)
        for fault in faults {
            check.fault("definition_json\(fault.pointer)", "\(fault.code): \(fault.message)")
        }
        try check.finish()
        let definition = try? JSONValue(parsing: request.definitionJSON)
        let id =
            request.workflowID.isEmpty
            ? definition?["id"]?.stringValue ?? "" : request.workflowID
        check.name("workflow_id", id, bytesMax: 128)
        let name = definition?["name"]?.stringValue ?? id
        check.text("definition_json/name", name, bytesMax: 256)
        try check.finish()
        return (id, name)
    }

    private static func workflowExists(_ id: String) -> OperationError {
        OperationError(
            .alreadyExists, reason: "WORKFLOW_EXISTS",
            "there is a workflow '\(id)' in the workspace: save its next version instead")
    }

    private static func versionConflict(_ expected: Int32, latest: Int32) -> OperationError {
        OperationError(
            .aborted, reason: "VERSION_CONFLICT",
            "expected_version is \(expected), and the newest version is \(latest)",
            metadata: ["latest_version": "\(latest)"])
    }
}
