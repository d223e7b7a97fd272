package import Messages
internal import Model
internal import Store

extension Operations {
    /// Makes a workspace with its first pod. Needs a server admin.
    package func createWorkspace(_ request: CreateWorkspaceRequest, by caller: Caller)
        async throws(OperationError) -> Workspace
    {
        let grant = try await authorise(.createWorkspace, caller)
        var check = RequestCheck()
        check.workspaceID("workspace_id", request.workspaceID)
        check.text("name", request.name, bytesMax: 256)
        if !request.uuid.isEmpty, ExecutionID(request.uuid) == nil {
            check.fault(
                "uuid", "expected a UUID in the 8-4-4-4-12 form, got something else")
        }
        try check.finish()
        let now = environment.now()
        // Any UUID will do; one that grows with time is what we have.
        let id =
            ExecutionID(request.uuid)
            ?? ExecutionID(time: now, random: (environment.random(), environment.random()))
        let workspace = Workspace(
            id: request.workspaceID,
            name: request.name.isEmpty ? request.workspaceID : request.name,
            uuid: id.description, createTime: now.timestamp, createdBy: grant.principal.name)
        let pod = Pod(
            id: Authoriser.defaultPodID, workspaceID: workspace.id, name: Authoriser.defaultPodID,
            createTime: now.timestamp, createdBy: grant.principal.name)
        let refusal = try await committing(
            [.access(.insertWorkspace(workspace, firstPod: pod, max: limits.workspacesMax))], grant,
            "workspace \(workspace.id)")
        switch refusal {
        case nil:
            directory.changed()
            return workspace
        case .tooMany:
            throw OperationError(
                .failedPrecondition, reason: "WORKSPACES_TOO_MANY",
                "the server has \(limits.workspacesMax) workspaces, which is the limit")
        case .some:
            throw OperationError(
                .alreadyExists, reason: "WORKSPACE_EXISTS",
                "the id '\(workspace.id)' or the UUID is, or was, another workspace's")
        }
    }
}

extension RequestCheck {
    /// A name for a workspace: none that could be taken for a UUID.
    fileprivate mutating func workspaceID(_ field: String, _ value: String) {
        name(field, value, bytesMax: Authoriser.idBytesMax)
        if ExecutionID(value) != nil {
            fault(field, "expected an id that is no UUID, which names a workspace beside its id")
        }
    }
}
