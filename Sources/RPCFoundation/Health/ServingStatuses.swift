internal import Synchronization

/// Which services are served, and who watches them: what the standard health service tells
/// (grpc/grpc doc/health-checking.md). The empty name stands for the whole server.
///
/// Safe to use from any thread. Watchers hold one status each, so that a slow one costs nothing.
package final class ServingStatuses: Sendable {
    private struct State {
        var statuses: [String: HealthCheckResponse.ServingStatus] = [:]
        var isDraining = false
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0
    }

    private struct Watcher {
        let service: String
        let changes: AsyncStream<HealthCheckResponse.ServingStatus>.Continuation
    }

    private let state: Mutex<State>

    /// The whole server and `services` are SERVING.
    package init(services: [String]) {
        var state = State()
        for service in services + [""] { state.statuses[service] = .serving }
        self.state = Mutex(state)
    }

    /// The status of `service`; nil if it is not known.
    package func status(of service: String) -> HealthCheckResponse.ServingStatus? {
        state.withLock { $0.statuses[service] }
    }

    /// Sets a service's status and tells its watchers. Ignored once the server drains.
    package func set(_ status: HealthCheckResponse.ServingStatus, for service: String) {
        state.withLock { state in
            guard !state.isDraining else { return }
            state.statuses[service] = status
            for watcher in state.watchers.values where watcher.service == service {
                watcher.changes.yield(status)
            }
        }
    }

    /// The server stops: everything is NOT_SERVING from here on.
    package func drain() {
        state.withLock { state in
            state.isDraining = true
            for service in state.statuses.keys { state.statuses[service] = .notServing }
            for watcher in state.watchers.values where state.statuses[watcher.service] != nil {
                watcher.changes.yield(.notServing)
            }
        }
    }

    /// The status of `service` now and whenever it changes; SERVICE_UNKNOWN while it is not known.
    /// Of changes that come faster than they are read, only the last is kept.
    package func watch(_ service: String) -> AsyncStream<HealthCheckResponse.ServingStatus> {
        let (stream, changes) = AsyncStream.makeStream(
            of: HealthCheckResponse.ServingStatus.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            defer { state.nextWatcher += 1 }
            state.watchers[state.nextWatcher] = Watcher(service: service, changes: changes)
            changes.yield(state.statuses[service] ?? .serviceUnknown)
            return state.nextWatcher
        }
        changes.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
        }
        return stream
    }

    /// How many watch; for tests and metrics.
    package var watcherCount: Int { state.withLock { $0.watchers.count } }
}
