internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Encrypts the workspace's secrets that an older key holds with the newest. Needs admin.
    package func rotateSecrets(_ request: RotateSecretsRequest, by caller: Caller)
        async throws(OperationError) -> RotateSecretsResponse
    {
        let grant = try await authorise(
            .rotateSecrets, caller, workspaceID: request.workspaceID)
        let count = try await rotateSecrets(workspaceID: grant.workspaceID)
        await record(grant, "\(count) secrets")
        return RotateSecretsResponse(rotatedCount: Int32(clamping: count))
    }

    /// The same for every workspace, or one: for the server's start.
    /// - Throws: SECRET_UNREADABLE, with the secret's name, if no key of the server's opens it; those
    ///   before it are done.
    /// - Returns: how many an older key held.
    package func rotateSecrets(workspaceID: String? = nil) async throws(OperationError) -> Int {
        let keys = engine.secretKeys
        var count = 0
        while true {
            let rows = try await reading { () async throws(StoreError) in
                try await store.secrets(
                    workspaceID: workspaceID, notSealedBy: keys.newestKeyID, limit: 100)
            }
            if rows.isEmpty { return count }
            var changes: [Change] = []
            for row in rows {
                do throws(SecretKeyring.Failure) {
                    let value = try keys.open(
                        SecretKeyring.Sealed(keyID: row.keyID, box: row.box), for: row.context)
                    changes.append(
                        .secret(
                            .reseal(
                                row.resealed(try keys.seal(value, for: row.context)), from: row.box)
                        ))
                } catch {
                    throw OperationError(
                        .failedPrecondition, reason: "SECRET_UNREADABLE",
                        "the secret '\(row.name)' of the workspace '\(row.workspaceID)': \(error)")
                }
            }
            _ = try await committing(changes)
            count += changes.count
        }
    }
}

extension SecretRow {
    fileprivate func resealed(_ sealed: SecretKeyring.Sealed) -> SecretRow {
        SecretRow(
            workspaceID: workspaceID, name: name, keyID: sealed.keyID, box: sealed.box,
            createdAt: createdAt, updatedAt: updatedAt, updatedBy: updatedBy)
    }
}
