import Model
import SQLiteStore
import Store

extension FailingStore {
    func event(_ eventID: String, workspaceID: String) async throws(StoreError) -> EventRow? {
        try await store.event(eventID, workspaceID: workspaceID)
    }

    func event(number: Int64) async throws(StoreError) -> EventRow? {
        try await store.event(number: number)
    }

    func keptEvents(workspaceID: String, after number: Int64, room: PageRoom)
        async throws(StoreError) -> EventPage
    { try await store.keptEvents(workspaceID: workspaceID, after: number, room: room) }
}
