internal import Store
internal import Synchronization

/// Holds the task that triggered an execution, or that waits for one, until there is something to
/// tell: its commit failed, or it was committed and the wait is over.
final class RestGate: Sendable {
    private struct State {
        var outcome: CommitOutcome?
        var isWaitOver: Bool
        var rested: RestedExecution?
        var continuation: CheckedContinuation<(CommitOutcome, RestedExecution?), Never>?

        var result: (CommitOutcome, RestedExecution?)? {
            guard let outcome else { return nil }
            guard case .committed = outcome else { return (outcome, nil) }
            return isWaitOver ? (outcome, rested) : nil
        }
    }

    private let state: Mutex<State>

    /// - Parameter waits: whether the task wants to be held beyond the commit.
    init(waits: Bool, outcome: CommitOutcome? = nil) {
        state = Mutex(State(outcome: outcome, isWaitOver: !waits))
    }

    /// What became of the commit.
    func committed(_ outcome: CommitOutcome) {
        change { state in state.outcome = outcome }
    }

    /// The execution is at rest, or the task waits no longer; the first to say so counts.
    func endWait(_ rested: RestedExecution?) {
        change { state in
            guard !state.isWaitOver else { return }
            state.isWaitOver = true
            state.rested = rested
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let resume = state.withLock { state -> (() -> Void)? in
            body(&state)
            guard let result = state.result, let continuation = state.continuation else {
                return nil
            }
            state.continuation = nil
            return { continuation.resume(returning: result) }
        }
        resume?()
    }

    /// Only one may pass.
    func pass() async -> (CommitOutcome, RestedExecution?) {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }
}
