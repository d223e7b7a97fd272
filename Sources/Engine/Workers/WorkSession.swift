package import Messages
internal import Model
internal import Store
internal import Synchronization

/// One worker's stream, from the server's side: what is to be sent on it.
///
/// What waits to be sent is bounded by what the worker takes at once: a task that is cancelled before
/// it was sent is not sent at all. One task reads it.
package final class WorkSession: Sendable {
    /// What is to be sent.
    enum Item: Sendable {
        case task(TaskHead)
        case cancelled(TaskKey, TaskEndReason)
        /// The same, by the name that the worker knows.
        case told(String, TaskEndReason)
        /// The same worker has connected again.
        case replaced
        /// The server is stopping.
        case draining
    }

    private struct State {
        var items: [Item] = []
        var reader: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    package let spec: WorkerSpec
    private let hub: WorkerHub
    private let state = Mutex(State())

    init(spec: WorkerSpec, hub: WorkerHub) {
        self.spec = spec
        self.hub = hub
    }

    /// Queues an item. Never blocks.
    func send(_ item: Item) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .cancelled(let key, let reason) = item {
                if let index = state.items.firstIndex(where: { Self.isTask($0, key) }) {
                    state.items.remove(at: index)
                    return nil
                }
                // Named now: once the task is over nobody knows its old name.
                state.items.append(.told(hub.name(of: key), reason))
            } else {
                state.items.append(item)
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    private static func isTask(_ item: Item, _ key: TaskKey) -> Bool {
        if case .task(let head) = item { head.key == key } else { false }
    }

    /// The next message for the worker.
    /// - Throws: `EngineError` WORKER_REPLACED or DRAINING, which end the stream; `CancellationError`.
    package func next() async throws -> WorkResponse {
        while true {
            try Task.checkCancellation()
            guard let item = state.withLock({ $0.items.isEmpty ? nil : $0.items.removeFirst() })
            else {
                await wait()
                continue
            }
            switch item {
            case .task(let head):
                guard let task = await hub.handedOut(head, to: spec) else { continue }
                hub.sent(head.key, to: self)
                return WorkResponse(kind: .task(task))
            case .cancelled(let key, let reason):
                return Self.told(hub.name(of: key), reason)
            case .told(let name, let reason):
                return Self.told(name, reason)
            case .replaced:
                throw EngineError(
                    .aborted, reason: "WORKER_REPLACED",
                    "a worker named '\(spec.id)' has connected again")
            case .draining:
                throw EngineError.draining
            }
        }
    }

    private static func told(_ name: String, _ reason: TaskEndReason) -> WorkResponse {
        WorkResponse(kind: .cancelled(TaskCancelled(taskID: name, ending: TaskEnding(reason))))
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if !state.items.isEmpty || state.isClosed { return true }
                    state.reader = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            let reader = state.withLock { state in
                state.isClosed = true
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume()
        }
    }

    /// The stream has ended.
    package func close() { hub.disconnected(self) }
}

extension TaskEnding {
    package init(_ reason: TaskEndReason) {
        self =
            switch reason {
            case .cancelled: .cancelled
            case .lost: .lost
            case .over: .over
            }
    }
}
