internal import Messages
internal import Store

/// Finds workspaces, pods and members, and remembers those asked for lately. What is changed through
/// this server is seen at once. Safe to use from any task.
final class AccessDirectory: Sendable {
    private static let capacity = 4_096

    private struct Pair: Hashable {
        let workspaceID: String
        let name: String
    }

    private let store: any AccessStore
    private let workspaces = ReadThrough<String, Workspace>(capacity: capacity)
    private let pods = ReadThrough<Pair, Pod>(capacity: capacity)
    private let members = ReadThrough<Pair, Member>(capacity: capacity)

    init(store: any AccessStore) {
        self.store = store
    }

    /// By id or UUID.
    func workspace(_ idOrUUID: String) async throws(OperationError) -> Workspace? {
        try await workspaces.value(idOrUUID) { () async throws(OperationError) in
            try await reading { () async throws(StoreError) in
                try await store.workspace(idOrUUID)
            }
        }
    }

    func pod(_ podID: String, workspaceID: String) async throws(OperationError) -> Pod? {
        let key = Pair(workspaceID: workspaceID, name: podID)
        return try await pods.value(key) { () async throws(OperationError) in
            try await reading { () async throws(StoreError) in
                try await store.pod(podID, workspaceID: workspaceID)
            }
        }
    }

    func member(_ principal: String, workspaceID: String) async throws(OperationError) -> Member? {
        let key = Pair(workspaceID: workspaceID, name: principal)
        return try await members.value(key) { () async throws(OperationError) in
            try await reading { () async throws(StoreError) in
                try await store.member(principal, workspaceID: workspaceID)
            }
        }
    }

    /// A workspace, pod or member was just changed.
    func changed() {
        workspaces.forget()
        pods.forget()
        members.forget()
    }

    private func reading<Result>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(OperationError) -> Result {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw OperationError(error)
        }
    }
}
