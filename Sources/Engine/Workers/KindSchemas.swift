internal import JSON
internal import Store
internal import Synchronization

/// The schemas of registered kinds, compiled, as far as they were used lately. Safe to use from any task.
final class KindSchemas: Sendable {
    private struct Key: Hashable {
        let workspaceID: String
        let name: String
    }

    private static let capacity = 1_000
    private let known = Mutex<(schemas: [Key: JSONSchema?], changes: Int)>(([:], 0))

    /// The schema of a kind; nil where anything goes, or nobody has registered it.
    func schema(_ name: String, workspaceID: String, in store: any Store) async throws(StoreError)
        -> JSONSchema?
    {
        let key = Key(workspaceID: workspaceID, name: name)
        let (found, changes) = known.withLock { ($0.schemas[key], $0.changes) }
        if let found { return found }
        let schema = try await store.kind(name, workspaceID: workspaceID).flatMap(Self.compiled)
        known.withLock { known in
            // What was read may be what a change meanwhile replaced.
            guard known.changes == changes else { return }
            if known.schemas.count >= Self.capacity { known.schemas = [:] }
            known.schemas[key] = .some(schema)
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
        known.withLock { known in
            known.schemas[Key(workspaceID: workspaceID, name: name)] = nil
            known.changes += 1
        }
    }
}
