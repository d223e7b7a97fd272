package import Messages

/// The decisions about who may do what, without looking anything up.
package enum Authoriser {
    /// The workspace of the first admin token, and of certificates where none is configured.
    package static let defaultWorkspaceID = "default"
    /// The pod that every workspace has, and that is meant where something new names none.
    package static let defaultPodID = "default"
    /// Ids and UUIDs of workspaces and pods are not longer.
    static let idBytesMax = 64

    /// What a caller was granted.
    package struct Grant: Sendable, Equatable {
        /// Recorded with what the caller does, for example `token:ci`.
        package let principal: Principal
        package let workspaceID: String
        /// nil: none was named.
        package let podID: String?
        /// The caller's role in that workspace.
        package var role: Role
        /// What it was granted for.
        package var operation: OperationName?
        /// From where it was asked for, for the audit log.
        package var origin = ""
        /// The only execution it is good for; nil: all of the workspace.
        package var onlyExecutionID: String?

        /// Where something new is put.
        package var podIDOrDefault: String { podID ?? Authoriser.defaultPodID }
    }

    /// Whether `held` may do what needs `needed`. Workers stand outside the order.
    package static func permits(_ held: Role, _ needed: Role) -> Bool {
        guard let held = rank(held), let needed = rank(needed) else { return held == needed }
        return held >= needed
    }

    private static func rank(_ role: Role) -> Int? {
        switch role {
        case .viewer: 1
        case .operator: 2
        case .editor: 3
        case .admin: 4
        case .unspecified, .worker, .unrecognized: nil
        }
    }

    /// The caller's principal.
    /// - Throws: `.unauthenticated` where there is none.
    static func identity(_ caller: Caller) throws(OperationError) -> Principal {
        guard let principal = caller.principal else {
            throw OperationError(
                .unauthenticated, reason: "UNAUTHENTICATED",
                "expected a token or a client certificate with a role, got neither")
        }
        return principal
    }

    /// Checks a caller whose workspace, pod and role are known.
    /// - Throws: `.permissionDenied`.
    static func check(_ grant: Grant, _ access: Access) throws(OperationError) {
        if grant.onlyExecutionID != nil, grant.operation != .watch {
            throw ticketInsufficient
        }
        switch access {
        case .open, .identity: return
        case .role(let needed):
            guard !permits(grant.role, needed) else { return }
        case .serverAdmin:
            guard !grant.principal.serverAdmin else { return }
        }
        throw OperationError(
            .permissionDenied, reason: "ROLE_INSUFFICIENT",
            "this needs the role \(access.words), and "
                + "\(OperationError.shown(grant.principal.name)) has the role \(grant.role.word)")
    }

    static var ticketInsufficient: OperationError {
        OperationError(
            .permissionDenied, reason: "TICKET_INSUFFICIENT",
            "a stream ticket is good for watching its execution only")
    }

    /// Checks a call on the caller's own workspace by a role alone, for an operation that has no row
    /// in the table.
    /// - Throws: `.unauthenticated`, `.notFound` or `.permissionDenied`, in this order.
    package static func authorise(
        _ caller: Caller, _ needed: Role, workspaceID: String = "", podID: String = ""
    ) throws(OperationError) -> Grant {
        let principal = try identity(caller)
        guard workspaceID.isEmpty || workspaceID == principal.workspaceID else {
            throw .notFound("workspace", workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
        let grant = Grant(
            principal: principal, workspaceID: principal.workspaceID,
            podID: podID.isEmpty ? nil : podID, role: principal.role, origin: caller.origin,
            onlyExecutionID: caller.onlyExecutionID)
        try check(grant, .role(needed))
        return grant
    }
}

extension Role {
    /// As people write it: `viewer`.
    package var word: String {
        switch self {
        case .unspecified: "none"
        case .viewer: "viewer"
        case .operator: "operator"
        case .editor: "editor"
        case .admin: "admin"
        case .worker: "worker"
        case .unrecognized(let number): "\(number)"
        }
    }

    /// The role with that word.
    package init?(word: String) {
        guard let role = Role.allCases.first(where: { $0 != .unspecified && $0.word == word })
        else { return nil }
        self = role
    }
}
