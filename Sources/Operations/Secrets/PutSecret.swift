internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Makes a secret or replaces its value. Needs admin.
    package func putSecret(_ request: PutSecretRequest, by caller: Caller)
        async throws(OperationError) -> Secret
    {
        let grant = try await authorise(
            .putSecret, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        if !SecretName.isValid(request.name) {
            check.fault(
                "name",
                "expected \(SecretName.rule), got '\(OperationError.shown(request.name))'")
        }
        let count = request.value.utf8.count
        let bytes = limits.secretBytesMin...limits.secretBytesMax
        if !bytes.contains(count) {
            check.fault(
                "value", "expected \(bytes.lowerBound) to \(bytes.upperBound) bytes, got \(count)")
        }
        try check.finish()
        let row = try sealed(
            SecretDraft(
                workspaceID: grant.workspaceID, name: request.name, createdAt: environment.now(),
                updatedBy: grant.principal.name), value: Array(request.value.utf8))
        let change = Change.secret(.put(row, limit: limits.secretsPerWorkspaceMax))
        guard try await committing([change], grant, "secret \(request.name)") == nil else {
            throw OperationError(
                .resourceExhausted, reason: "SECRETS_MAX",
                "the workspace has \(limits.secretsPerWorkspaceMax) secrets, which is the limit")
        }
        let stored = try await reading { () async throws(StoreError) in
            try await store.secret(request.name, workspaceID: grant.workspaceID)
        }
        return Secret(stored ?? row)
    }

    private func sealed(_ draft: SecretDraft, value: [UInt8]) throws(OperationError) -> SecretRow {
        do throws(SecretKeyring.Failure) {
            return try draft.row(engine.secretKeys.seal(value, for: draft.context))
        } catch {
            throw OperationError(.internal, reason: "SECRET_UNREADABLE", "\(error)")
        }
    }
}

/// A secret before it is encrypted, without its value.
private struct SecretDraft {
    let workspaceID: String
    let name: String
    let createdAt: WallTime
    let updatedBy: String

    var context: String { row(SecretKeyring.Sealed(keyID: "", box: [])).context }

    func row(_ sealed: SecretKeyring.Sealed) -> SecretRow {
        SecretRow(
            workspaceID: workspaceID, name: name, keyID: sealed.keyID, box: sealed.box,
            createdAt: createdAt, updatedAt: createdAt, updatedBy: updatedBy)
    }
}

extension Secret {
    /// As it can be listed.
    init(_ row: SecretRow) {
        self.init(
            workspaceID: row.workspaceID, name: row.name, createTime: row.createdAt.timestamp,
            updateTime: row.updatedAt.timestamp, updatedBy: row.updatedBy, keyID: row.keyID)
    }
}
