package import Messages

extension ExecutionStatus {
    /// Whether nothing can happen to the execution any more.
    package var isFinal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .unspecified, .queued, .running, .suspended, .unrecognized: false
        }
    }
}

extension ExecutionState {
    /// The state an execution is in.
    package init(of execution: Execution) {
        self.init(
            status: execution.status, reason: execution.reason,
            isWaiting: execution.status == .running && execution.waitingUntil != nil)
    }
}
