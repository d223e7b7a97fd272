import Messages
import Model
import SQLiteStore
import Store

extension FailingStore {
    func ended(
        workspaceID: String, after position: ExecutionQuery.Position?, limit: Int
    ) async throws(StoreError) -> [EndedExecution] {
        try await store.ended(workspaceID: workspaceID, after: position, limit: limit)
    }

    func workspaceSettings(after workspaceID: String?, limit: Int) async throws(StoreError)
        -> [(workspaceID: String, settings: WorkspaceSettings)]
    { try await store.workspaceSettings(after: workspaceID, limit: limit) }

    func reclaim(pagesMax: Int) async throws(StoreError) -> Int {
        try await store.reclaim(pagesMax: pagesMax)
    }
}
