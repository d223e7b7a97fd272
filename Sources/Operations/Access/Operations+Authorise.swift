internal import Messages

/// The check that every operation begins with.
extension Operations {
    /// Checks a call in the order identity → workspace → pod → role; the object itself is looked up
    /// in the granted workspace only.
    /// - Parameters:
    ///   - workspaceID: an id or UUID as requested; empty means the caller's own.
    ///   - podID: as requested; empty means none.
    /// - Throws: `.unauthenticated`, `.notFound` or `.permissionDenied`, in this order. A change that
    ///   is refused for want of a role is audited.
    func authorise(
        _ operation: OperationName, _ caller: Caller, workspaceID: String = "", podID: String = ""
    ) async throws(OperationError) -> Authoriser.Grant {
        let principal = try Authoriser.identity(caller)
        let place = try await place(workspaceID, principal)
        if !podID.isEmpty, podID != Authoriser.defaultPodID {
            guard try await directory.pod(podID, workspaceID: place.workspaceID) != nil else {
                throw .notFound("pod", podID, reason: "POD_NOT_FOUND")
            }
        }
        let grant = Authoriser.Grant(
            principal: Self.named(principal, in: place.workspaceID), workspaceID: place.workspaceID,
            podID: podID.isEmpty ? nil : podID, role: place.role, operation: operation,
            origin: caller.origin, onlyExecutionID: caller.onlyExecutionID)
        do throws(OperationError) {
            try Authoriser.check(grant, operation.access)
            if let needed = caller.roleMin { try Authoriser.check(grant, .role(needed)) }
        } catch {
            if operation.isAudited { await record(grant, "", outcome: error.reason) }
            throw error
        }
        return grant
    }

    /// Checks a call as `operation` will, for doors that must refuse a caller before they look at what
    /// came with the call.
    /// - Throws: `.unauthenticated`, `.notFound` or `.permissionDenied`, in this order.
    package func admit(
        _ caller: Caller, to operation: OperationName, workspaceID: String = "",
        podID: String = ""
    ) async throws(OperationError) {
        _ = try await authorise(operation, caller, workspaceID: workspaceID, podID: podID)
    }

    /// A token of another workspace is told from one of the same name in this: `token:default/ci`.
    private static func named(_ principal: Principal, in workspaceID: String) -> Principal {
        guard principal.workspaceID != workspaceID, !principal.tokenID.isEmpty else {
            return principal
        }
        var named = principal
        named.name = principal.name.replacing("token:", with: "token:\(principal.workspaceID)/")
        return named
    }

    /// The workspace that is meant, and the caller's role in it.
    private func place(_ requested: String, _ principal: Principal)
        async throws(OperationError) -> (workspaceID: String, role: Role)
    {
        let own = principal.workspaceID
        guard !requested.isEmpty || !own.isEmpty else {
            throw .invalid(
                "workspace_id",
                "expected a workspace: \(OperationError.shown(principal.name)) has none of its own")
        }
        // A token goes with its workspace; what else names one may name one that is gone.
        let isSure = !principal.tokenID.isEmpty || own == Authoriser.defaultWorkspaceID
        if requested.isEmpty || requested == own, isSure { return (own, principal.role) }
        let name = requested.isEmpty ? own : requested
        let missing = OperationError.notFound("workspace", name, reason: "WORKSPACE_NOT_FOUND")
        guard name.utf8.count <= Authoriser.idBytesMax,
            let workspace = try await directory.workspace(name)
        else { throw missing }
        if workspace.id == own { return (own, principal.role) }
        if principal.serverAdmin { return (workspace.id, .admin) }
        guard let member = try await directory.member(principal.name, workspaceID: workspace.id)
        else { throw missing }
        return (workspace.id, member.role)
    }
}
