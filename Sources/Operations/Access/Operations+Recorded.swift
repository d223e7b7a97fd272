internal import Messages
internal import Model
internal import Store

extension Operations {
    /// A recorded principal as it stands now, granted what `operation` needs, a trigger
    /// unless it is said: for what goes on by itself.
    ///
    /// A token must still be valid and counts with the role it has now; a user counts as the member
    /// it is now. Where the server keeps no role of a principal (a client certificate, a claim of a
    /// web token, the loopback listener) it is the one that it had when it was recorded.
    /// - Throws: `.unauthenticated` if it is gone, `.notFound` or `.permissionDenied` if its role is.
    func authorise(
        recorded: Principal?, for operation: OperationName = .trigger, workspaceID: String,
        origin: String
    ) async throws(OperationError) -> Authoriser.Grant {
        var principal = recorded
        if let recorded, !recorded.tokenID.isEmpty {
            principal = try await tokens.token(id: recorded.tokenID)?.principal
        }
        guard let principal else {
            throw OperationError(
                .unauthenticated, reason: "PRINCIPAL_GONE",
                "\(OperationError.shown(recorded?.name ?? "the principal")) was revoked or has "
                    + "expired")
        }
        return try await authorise(
            operation, Caller(principal, origin: origin), workspaceID: workspaceID)
    }

    /// The version that schedules and webhooks fire.
    /// - Throws: `.notFound` or `.failedPrecondition`, NOT_DEPLOYED.
    func deployedVersion(_ workflowID: String, workspaceID: String)
        async throws(OperationError) -> Int32
    {
        let workflow = try await reading { () async throws(StoreError) in
            try await store.workflow(workflowID, version: nil, workspaceID: workspaceID)
        }
        guard let workflow else {
            throw .notFound("workflow", workflowID, reason: "WORKFLOW_NOT_FOUND")
        }
        guard workflow.deployedVersion > 0 else {
            throw OperationError(
                .failedPrecondition, reason: "NOT_DEPLOYED",
                "no version of '\(OperationError.shown(workflowID))' is deployed")
        }
        return workflow.deployedVersion
    }
}

extension OperationError {
    /// Whether the same may well go on a moment later: nothing is wrong with what was asked.
    var isPassing: Bool {
        switch code {
        case .resourceExhausted, .unavailable, .aborted, .internal, .cancelled: true
        default: false
        }
    }

    /// Whether it tells of who asked, and not of what for.
    var isRefusal: Bool {
        switch code {
        case .unauthenticated, .permissionDenied: true
        case .notFound: reason == "WORKSPACE_NOT_FOUND"
        default: false
        }
    }
}
