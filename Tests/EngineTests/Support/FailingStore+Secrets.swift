import SQLiteStore
import Store

extension FailingStore {
    func secret(_ name: String, workspaceID: String) async throws(StoreError) -> SecretRow? {
        try await store.secret(name, workspaceID: workspaceID)
    }

    func secrets(workspaceID: String, after name: String?, limit: Int)
        async throws(StoreError) -> [SecretRow]
    { try await store.secrets(workspaceID: workspaceID, after: name, limit: limit) }

    func secrets(workspaceID: String?, notSealedBy keyID: String, limit: Int)
        async throws(StoreError) -> [SecretRow]
    {
        try await store.secrets(workspaceID: workspaceID, notSealedBy: keyID, limit: limit)
    }
}
