package import Messages
internal import Model
internal import Store

extension Operations {
    /// Makes a pod. Needs admin.
    package func createPod(_ request: CreatePodRequest, by caller: Caller)
        async throws(OperationError) -> Pod
    {
        let grant = try await authorise(.createPod, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.name("pod_id", request.podID, bytesMax: Authoriser.idBytesMax)
        check.text("name", request.name, bytesMax: 256)
        try check.finish()
        let pod = Pod(
            id: request.podID, workspaceID: grant.workspaceID,
            name: request.name.isEmpty ? request.podID : request.name,
            createTime: environment.now().timestamp, createdBy: grant.principal.name)
        let refusal = try await committing(
            [.access(.insertPod(pod, max: limits.podsPerWorkspaceMax))], grant, "pod \(pod.id)")
        switch refusal {
        case nil:
            directory.changed()
            return pod
        case .nameInUse:
            throw OperationError(
                .alreadyExists, reason: "POD_EXISTS", "the workspace has a pod '\(pod.id)'")
        case .tooMany:
            throw OperationError(
                .failedPrecondition, reason: "PODS_TOO_MANY",
                "the workspace has \(limits.podsPerWorkspaceMax) pods, which is the limit")
        case .some:
            throw .notFound("workspace", grant.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
    }
}
