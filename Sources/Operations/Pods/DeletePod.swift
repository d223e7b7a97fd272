package import Messages
internal import Store

extension Operations {
    /// Deletes an empty pod. Needs admin.
    package func deletePod(_ request: DeletePodRequest, by caller: Caller)
        async throws(OperationError) -> DeletePodResponse
    {
        let grant = try await authorise(
            .deletePod, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("pod_id", request.podID, bytesMax: Authoriser.idBytesMax, isNeeded: true)
        try check.finish()
        guard request.podID != Authoriser.defaultPodID else {
            throw OperationError(
                .failedPrecondition, reason: "POD_NEEDED",
                "the pod 'default' is where things go that name none, and stays")
        }
        let refusal = try await committing(
            [.access(.deletePod(workspaceID: grant.workspaceID, podID: request.podID))], grant,
            "pod \(request.podID)")
        switch refusal {
        case nil:
            directory.changed()
            return DeletePodResponse()
        case .notEmpty:
            throw OperationError(
                .failedPrecondition, reason: "POD_NOT_EMPTY",
                "the pod '\(request.podID)' has workflows or executions; erase them first")
        case .some:
            throw .notFound("pod", request.podID, reason: "POD_NOT_FOUND")
        }
    }
}
