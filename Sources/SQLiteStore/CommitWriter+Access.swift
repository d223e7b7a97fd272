internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Changes of workspaces, pods, members and settings.
extension CommitWriter {
    func apply(_ access: AccessChange) throws {
        switch access {
        case .insertWorkspace(let workspace, let firstPod, let max):
            try insertWorkspace(workspace, firstPod: firstPod, max: max)
        case .renameWorkspace(let id, let name):
            try mustChange(
                "UPDATE workspaces SET name = ?2 WHERE workspace_id = ?1 AND deleted_at IS NULL",
                .text(id), .text(name))
        case .deleteWorkspace(let id, let instant): try deleteWorkspace(id, at: instant)
        case .putSettings(let workspaceID, let settings):
            try putSettings(settings, workspaceID: workspaceID)
        case .insertPod(let pod, let max):
            try checkPod(nil, workspaceID: pod.workspaceID)
            try insertPod(pod, max: max)
        case .renamePod(let workspaceID, let podID, let name):
            try mustChange(
                "UPDATE pods SET name = ?3 WHERE workspace_id = ?1 AND pod_id = ?2",
                .text(workspaceID), .text(podID), .text(name))
        case .deletePod(let workspaceID, let podID): try deletePod(podID, workspaceID: workspaceID)
        case .putMember(let member, let max):
            try checkPod(nil, workspaceID: member.workspaceID)
            try putMember(member, max: max)
        case .deleteMember(let workspaceID, let principal):
            try mustChange(
                "DELETE FROM members WHERE workspace_id = ?1 AND principal = ?2",
                .text(workspaceID), .text(principal))
        case .rotateToken(let workspaceID, let idOrName, let secretHash):
            try rotateToken(idOrName, secretHash, workspaceID: workspaceID)
        case .useToken(let workspaceID, let tokenID, let instant):
            try useToken(tokenID, workspaceID: workspaceID, at: instant)
        case .audit(let entry, let keep, let since): try audit(entry, keep: keep, since: since)
        case .insertServerKey(let name, let key):
            let insert = try statement("INSERT OR IGNORE INTO server_keys VALUES (?, ?)")
            insert.bind(1, name)
            insert.bind(2, key)
            try change(insert)
        }
    }

    /// Refuses what belongs to a workspace, or a pod of it, that was deleted after its operation had
    /// looked.
    func checkPod(_ podID: String?, workspaceID: String) throws {
        guard hasErasedPods else { return }
        let isThere =
            try exists(
                "SELECT 1 FROM workspaces WHERE workspace_id = ? AND deleted_at IS NULL",
                workspaceID)
            && (podID.map {
                try exists(
                    "SELECT 1 FROM pods WHERE workspace_id = ? AND pod_id = ?", workspaceID, $0)
            } ?? true)
        guard isThere else { throw CommitOutcome.Refusal.notFound }
    }

    private func insertWorkspace(_ workspace: Workspace, firstPod: Pod, max: Int) throws {
        let isUsed = try exists(
            "SELECT 1 FROM workspaces WHERE workspace_id IN (?1, ?2) OR uuid IN (?1, ?2)",
            workspace.id, workspace.uuid)
        guard !isUsed else { throw CommitOutcome.Refusal.nameInUse }
        guard try count("SELECT count(*) FROM workspaces WHERE deleted_at IS NULL") < max else {
            throw CommitOutcome.Refusal.tooMany
        }
        let insert = try statement("INSERT INTO workspaces VALUES (?, ?, ?, ?, ?, x'', NULL)")
        insert.bind(1, workspace.id)
        insert.bind(2, workspace.name)
        insert.bind(3, workspace.uuid)
        insert.bind(4, workspace.createTime?.microseconds ?? 0)
        insert.bind(5, workspace.createdBy)
        try change(insert)
        try insertPod(firstPod, max: 1)
    }

    private func deleteWorkspace(_ id: String, at instant: WallTime) throws {
        guard
            try exists(
                "SELECT 1 FROM workspaces WHERE workspace_id = ? AND deleted_at IS NULL", id)
        else { throw CommitOutcome.Refusal.notFound }
        let isUsed =
            try exists("SELECT 1 FROM workflows WHERE workspace_id = ? LIMIT 1", id)
            || exists("SELECT 1 FROM executions WHERE workspace_id = ? LIMIT 1", id)
        guard !isUsed else { throw CommitOutcome.Refusal.notEmpty }
        try mustChange(
            "UPDATE workspaces SET deleted_at = ?2, settings = x'' WHERE workspace_id = ?1",
            .text(id), .integer(instant.microseconds))
        for table in ["webhook_deliveries", "webhook_delivery_keys"] {
            let delete = try statement(
                "DELETE FROM \(table) WHERE webhook_id IN "
                    + "(SELECT webhook_id FROM webhooks WHERE workspace_id = ?)")
            delete.bind(1, id)
            try change(delete)
        }
        for table in [
            "pods", "members", "tokens", "schedules", "schedule_fires", "events", "event_waits",
            "webhooks",
        ] {
            let delete = try statement("DELETE FROM \(table) WHERE workspace_id = ?")
            delete.bind(1, id)
            try change(delete)
        }
        try deleteWorkers(of: id)
        hasErasedPods = true
    }

    private func putSettings(_ settings: WorkspaceSettings, workspaceID: String) throws {
        let update = try statement(
            "UPDATE workspaces SET settings = ?2 WHERE workspace_id = ?1 AND deleted_at IS NULL")
        update.bind(1, workspaceID)
        update.bind(2, unsafe settings.withProtobufBytes { unsafe Array($0) })
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.notFound }
    }

    private func insertPod(_ pod: Pod, max: Int) throws {
        guard
            try !exists(
                "SELECT 1 FROM pods WHERE workspace_id = ? AND pod_id = ?", pod.workspaceID, pod.id)
        else { throw CommitOutcome.Refusal.nameInUse }
        guard try count("SELECT count(*) FROM pods WHERE workspace_id = ?", pod.workspaceID) < max
        else { throw CommitOutcome.Refusal.tooMany }
        let insert = try statement("INSERT INTO pods VALUES (?, ?, ?, ?, ?)")
        insert.bind(1, pod.workspaceID)
        insert.bind(2, pod.id)
        insert.bind(3, pod.name)
        insert.bind(4, pod.createTime?.microseconds ?? 0)
        insert.bind(5, pod.createdBy)
        try change(insert)
    }

    private func deletePod(_ podID: String, workspaceID: String) throws {
        let isUsed =
            try exists(
                "SELECT 1 FROM workflows WHERE workspace_id = ? AND pod_id = ? LIMIT 1",
                workspaceID, podID)
            || exists(
                "SELECT 1 FROM executions WHERE workspace_id = ? AND pod_id = ? LIMIT 1",
                workspaceID, podID)
        guard !isUsed else { throw CommitOutcome.Refusal.notEmpty }
        try mustChange(
            "DELETE FROM pods WHERE workspace_id = ?1 AND pod_id = ?2",
            .text(workspaceID), .text(podID))
        hasErasedPods = true
    }

    private func putMember(_ member: Member, max: Int) throws {
        let isNew = try !exists(
            "SELECT 1 FROM members WHERE workspace_id = ? AND principal = ?", member.workspaceID,
            member.principal)
        if isNew,
            try count("SELECT count(*) FROM members WHERE workspace_id = ?", member.workspaceID)
                >= max
        {
            throw CommitOutcome.Refusal.tooMany
        }
        let put = try statement(
            """
            INSERT INTO members VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
            role = excluded.role
            """)
        put.bind(1, member.workspaceID)
        put.bind(2, member.principal)
        put.bind(3, Int64(member.role.rawValue))
        put.bind(4, member.createTime?.microseconds ?? 0)
        put.bind(5, member.createdBy)
        try change(put)
    }

    private func rotateToken(_ idOrName: String, _ secretHash: [UInt8], workspaceID: String) throws
    {
        let update = try statement(
            """
            UPDATE tokens SET secret_hash = ?3 WHERE workspace_id = ?1 \
            AND (token_id = ?2 OR name = ?2) AND revoked_at IS NULL
            """)
        update.bind(1, workspaceID)
        update.bind(2, idOrName)
        update.bind(3, secretHash)
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.notFound }
    }

    private func useToken(_ tokenID: String, workspaceID: String, at instant: WallTime) throws {
        let update = try statement(
            "UPDATE tokens SET last_used_at = ?3 WHERE workspace_id = ?1 AND token_id = ?2")
        update.bind(1, workspaceID)
        update.bind(2, tokenID)
        update.bind(3, instant.microseconds)
        try change(update)
    }

    // MARK: - For these

    private func mustChange(_ sql: String, _ values: SQLValue...) throws {
        let statement = try statement(sql)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
        guard try change(statement) > 0 else { throw CommitOutcome.Refusal.notFound }
    }

    private func exists(_ sql: String, _ values: String...) throws -> Bool {
        let select = try statement(sql)
        for (index, value) in values.enumerated() { select.bind(Int32(index + 1), value) }
        defer { select.reset() }
        return try select.step()
    }

    private func count(_ sql: String, _ values: String...) throws -> Int64 {
        let select = try statement(sql)
        for (index, value) in values.enumerated() { select.bind(Int32(index + 1), value) }
        defer { select.reset() }
        return try select.step() ? select.integer(0) : 0
    }
}
