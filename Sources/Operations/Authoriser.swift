package import Messages

/// The one place that decides who may do what, in the order token → workspace → pod → role; the
/// object itself is looked up in the granted workspace only. What is not the caller's does not exist.
package struct Authoriser: Sendable {
    /// The workspace of the first admin token and of certificates.
    package static let defaultWorkspaceID = "default"
    /// The pod that is meant where none is named.
    package static let defaultPodID = "default"

    /// What a caller was granted.
    package struct Grant: Sendable, Equatable {
        /// Recorded with what the caller does, for example `token:ci`.
        package let principal: Principal
        package let workspaceID: String
        /// nil: none was named.
        package let podID: String?

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

    /// Checks a call.
    /// - Parameters:
    ///   - needed: the least role that may do it.
    ///   - workspaceID: as requested; empty means the caller's own.
    ///   - podID: as requested; empty means none.
    /// - Throws: `.unauthenticated`, `.notFound` or `.permissionDenied`, in this order.
    package static func authorise(
        _ caller: Caller, _ needed: Role, workspaceID: String = "", podID: String = ""
    ) throws(OperationError) -> Grant {
        guard let principal = caller.principal else {
            throw OperationError(
                .unauthenticated, reason: "UNAUTHENTICATED",
                "expected a token or a client certificate with a role, got neither")
        }
        guard workspaceID.isEmpty || workspaceID == principal.workspaceID else {
            throw .notFound("workspace", workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
        // Each workspace has the one pod that is made with it.
        guard podID.isEmpty || podID == defaultPodID else {
            throw .notFound("pod", podID, reason: "POD_NOT_FOUND")
        }
        guard permits(principal.role, needed) else {
            throw OperationError(
                .permissionDenied, reason: "ROLE_INSUFFICIENT",
                "this needs the role \(needed.word), and \(OperationError.shown(principal.name)) "
                    + "has the role \(principal.role.word)")
        }
        return Grant(
            principal: principal, workspaceID: principal.workspaceID,
            podID: podID.isEmpty ? nil : podID)
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
