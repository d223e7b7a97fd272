internal import NIOCore
internal import Synchronization

/// The connections of a listener that are open, at most so many.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopped = false
    }

    private let max: Int
    private let state = Mutex(State())

    init(max: Int) {
        self.max = max
    }

    var count: Int { state.withLock { $0.channels.count } }

    /// Takes in a connection; false if there are too many, or no more are wanted.
    func add(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isStopped, state.channels.count < max else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    /// A connection has closed.
    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Takes in no more, and returns those that are open.
    func stop() -> [any Channel] {
        state.withLock { state in
            state.isStopped = true
            return Array(state.channels.values)
        }
    }
}
