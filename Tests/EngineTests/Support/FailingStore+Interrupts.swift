import SQLiteStore
import Store

extension FailingStore {
    func openInterrupts(_ query: InterruptQuery) async throws(StoreError) -> InterruptPage {
        try await store.openInterrupts(query)
    }
}
