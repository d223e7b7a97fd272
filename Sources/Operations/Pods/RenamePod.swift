package import Messages
internal import Store

extension Operations {
    /// Gives a pod another name. Needs admin.
    package func renamePod(_ request: RenamePodRequest, by caller: Caller)
        async throws(OperationError) -> Pod
    {
        let grant = try await authorise(
            .renamePod, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("pod_id", request.podID, bytesMax: Authoriser.idBytesMax, isNeeded: true)
        check.text("name", request.name, bytesMax: 256, isNeeded: true)
        try check.finish()
        let workspaceID = grant.workspaceID
        let refusal = try await committing(
            [
                .access(
                    .renamePod(
                        workspaceID: workspaceID, podID: request.podID, name: request.name))
            ], grant, "pod \(request.podID)")
        directory.changed()
        guard refusal == nil,
            let pod = try await directory.pod(request.podID, workspaceID: workspaceID)
        else { throw .notFound("pod", request.podID, reason: "POD_NOT_FOUND") }
        return pod
    }
}
