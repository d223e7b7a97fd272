package import Messages
package import Model

/// The part of a store about who works where: workspaces, pods, members, and the audit log.
package protocol AccessStore: Sendable {
    /// By id or UUID; nil also for one that was deleted.
    func workspace(_ idOrUUID: String) async throws(StoreError) -> Workspace?
    /// By id; with `memberOf`, those of which that principal is a member.
    func workspaces(memberOf principal: String?, after workspaceID: String?, limit: Int)
        async throws(StoreError) -> [Workspace]
    /// The default settings for a workspace that has none.
    func settings(workspaceID: String) async throws(StoreError) -> WorkspaceSettings

    func pod(_ podID: String, workspaceID: String) async throws(StoreError) -> Pod?
    /// By id.
    func pods(workspaceID: String, after podID: String?, limit: Int) async throws(StoreError)
        -> [Pod]

    func member(_ principal: String, workspaceID: String) async throws(StoreError) -> Member?
    /// By principal.
    func members(workspaceID: String, after principal: String?, limit: Int)
        async throws(StoreError) -> [Member]

    func token(id: String) async throws(StoreError) -> TokenRow?
    /// By id or, where it is not revoked, by name.
    func token(_ idOrName: String, workspaceID: String) async throws(StoreError) -> TokenRow?

    /// Newest first, keyset-paged on (time, id).
    func auditEntries(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry]

    /// A key that the server made for itself.
    func serverKey(_ name: String) async throws(StoreError) -> [UInt8]?
}

/// Which part of a workspace's audit log to list.
package struct AuditQuery: Sendable, Equatable {
    package var workspaceID: String
    /// nil: of anybody.
    package var principal: String?
    /// nil: all.
    package var operation: String?
    package var from: WallTime?
    package var before: WallTime?
    /// 1 to 1,000.
    package var limit: Int
    /// Where the previous page ended.
    package var after: Position?

    /// A place in the order of the log.
    package struct Position: Sendable, Equatable {
        package let time: WallTime
        package let id: Int64

        package init(time: WallTime, id: Int64) {
            self.time = time
            self.id = id
        }
    }

    package init(
        workspaceID: String, principal: String? = nil, operation: String? = nil,
        from: WallTime? = nil, before: WallTime? = nil, limit: Int = 50, after: Position? = nil
    ) {
        self.workspaceID = workspaceID
        self.principal = principal
        self.operation = operation
        self.from = from
        self.before = before
        self.limit = limit
        self.after = after
    }
}

/// A change of who works where; see `Change.access`.
package enum AccessChange: Sendable {
    /// With its first pod. Refused with `.nameInUse` if its id or UUID is or was another's, with
    /// `.tooMany` if there are `max` already.
    case insertWorkspace(Workspace, firstPod: Pod, max: Int)
    /// Refused with `.notFound`.
    case renameWorkspace(String, name: String)
    /// With its pods, tokens and members; its id stays used. Refused with `.notFound`, or
    /// `.notEmpty` while it has workflows or executions.
    case deleteWorkspace(String, at: WallTime)
    /// Refused with `.notFound`.
    case putSettings(workspaceID: String, WorkspaceSettings)

    /// Refused with `.nameInUse`, with `.tooMany` if the workspace has `max` already, and with
    /// `.notFound` if the workspace was deleted.
    case insertPod(Pod, max: Int)
    /// Refused with `.notFound`.
    case renamePod(workspaceID: String, podID: String, name: String)
    /// Refused with `.notFound`, or `.notEmpty` while it has workflows or executions.
    case deletePod(workspaceID: String, podID: String)

    /// New, or with another role than before; who made it and when stay. Refused as `insertPod`.
    case putMember(Member, max: Int)
    /// Refused with `.notFound`.
    case deleteMember(workspaceID: String, principal: String)

    /// Gives a token, by id or name, another secret. Refused with `.notFound`, also where it is
    /// revoked.
    case rotateToken(workspaceID: String, idOrName: String, secretHash: [UInt8])
    /// Remembers when a token was last used; nothing if it is gone.
    case useToken(workspaceID: String, tokenID: String, at: WallTime)

    /// Adds to the audit log; the entry's id is given by the store. From time to time the oldest
    /// entries of its workspace beyond `keep`, and those from before `since`, are removed.
    case audit(AuditEntry, keep: Int, since: WallTime)

    /// Keeps what is there if the server has a key of that name already.
    case insertServerKey(name: String, key: [UInt8])
}
