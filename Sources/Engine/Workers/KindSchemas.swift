internal import JSON
internal import Store
internal import Synchronization

/// The schemas of registered kinds, compiled, as far as they were used lately.
///
/// What was read before a kind was changed is not remembered after it, also where the read was under
/// way. Safe to use from any task.
final class KindSchemas: Sendable {
    private struct Key: Hashable {
        let workspaceID: String
        let name: String
    }

    private struct State {
        var known: [Key: JSONSchema?] = [:]
        /// Grows with each change of a kind.
        var changes = 0
    }

    private static let capacity = 1_000
    private let state = Mutex(State())

    /// The schema of a kind; nil where anything goes, or nobody has registered it.
    /// - Parameter read: of the kind's row, where its schema is not remembered.
    func schema(
        _ name: String, workspaceID: String, _ read: () async throws(StoreError) -> KindRow?
    ) async throws(StoreError) -> JSONSchema? {
        let key = Key(workspaceID: workspaceID, name: name)
        let (known, changes) = state.withLock { ($0.known[key], $0.changes) }
        if let known { return known }
        let schema = try await read().flatMap(Self.compiled)
        state.withLock { state in
            guard state.changes == changes else { return }
            if state.known.count >= Self.capacity { state.known = [:] }
            state.known[key] = .some(schema)
        }
        return schema
    }

    static func compiled(_ row: KindRow) -> JSONSchema? {
        guard !row.schemaJSON.isEmpty, let value = try? JSONValue(parsing: row.schemaJSON) else {
            return nil
        }
        return try? JSONSchema(compiling: value)
    }

    /// A kind of the workspace was registered anew or forgotten.
    func forget(_ name: String, workspaceID: String) {
        state.withLock { state in
            state.changes += 1
            state.known[Key(workspaceID: workspaceID, name: name)] = nil
        }
    }
}
