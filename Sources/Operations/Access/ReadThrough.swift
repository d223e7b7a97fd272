internal import Synchronization

/// What was read lately, remembered until something changes: a bounded number of values.
///
/// What was read before a change is not remembered after it, also where the read was under way. Safe
/// to use from any task.
final class ReadThrough<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var recent: RecentlyUsed<Key, Value>
        /// Grows with each change.
        var changes = 0
    }

    private let state: Mutex<State>

    /// Remembers at most `capacity` values.
    init(capacity: Int) {
        state = Mutex(State(recent: RecentlyUsed(capacity: capacity)))
    }

    /// The value of a key, read where it is not remembered. What is no value (nil) is not remembered
    /// unless `Value` itself is optional.
    func value(
        _ key: Key, _ read: () async throws(OperationError) -> Value?
    ) async throws(OperationError) -> Value? {
        let (known, changes) = state.withLock { ($0.recent[key], $0.changes) }
        if let known { return known }
        guard let found = try await read() else { return nil }
        state.withLock { state in
            if state.changes == changes { state.recent[key] = found }
        }
        return found
    }

    /// Changes what is remembered of a key, where anything is.
    func update(_ key: Key, _ body: (inout Value) -> Void) {
        state.withLock { state in
            guard var value = state.recent[key] else { return }
            body(&value)
            state.recent[key] = value
        }
    }

    /// Something changed: everything is read anew. Changes are rare, so that nothing is kept to tell
    /// which value it was.
    func forget() {
        state.withLock { state in
            state.changes += 1
            state.recent.removeAll()
        }
    }
}
