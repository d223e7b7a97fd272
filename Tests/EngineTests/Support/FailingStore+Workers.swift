import Model
import SQLiteStore
import Store

extension FailingStore {
    func task(_ key: TaskKey) async throws(StoreError) -> TaskRow? { try await store.task(key) }

    func tasks(workspaceID: String?, after: TaskPosition?, limit: Int)
        async throws(StoreError) -> [(task: TaskHead, position: TaskPosition)]
    { try await store.tasks(workspaceID: workspaceID, after: after, limit: limit) }

    func kind(_ name: String, workspaceID: String) async throws(StoreError) -> KindRow? {
        try await store.kind(name, workspaceID: workspaceID)
    }

    func kinds(workspaceID: String, after name: String?, room: PageRoom)
        async throws(StoreError) -> KindPage
    { try await store.kinds(workspaceID: workspaceID, after: name, room: room) }

    func queues(workspaceID: String?) async throws(StoreError) -> [QueueRow] {
        try await store.queues(workspaceID: workspaceID)
    }
}
