internal import Messages

/// What a watcher has seen an execution wait for that may need somebody's doing.
struct Waits: Equatable {
    /// It was suspended, and has not gone on.
    private(set) var isSuspended = false
    /// What each node that is a worker's task waits for, by the path of the node.
    private(set) var tasks: [String: String] = [:]

    /// Whether there is anything to tell.
    var isEmpty: Bool { !isSuspended && tasks.isEmpty }

    mutating func saw(_ event: ExecutionEvent) {
        switch event.kind {
        case .executionSuspended: isSuspended = true
        case .executionResumed: isSuspended = false
        case .executionCompleted, .executionFailed, .executionCancelled: self = Waits()
        case .nodeDelegated(let node):
            if node.delegate == .task { tasks[node.nodePath] = node.reference }
        case .nodeProgressed(let node): tasks[node.nodePath] = nil
        case .nodeCompleted(let node): tasks[node.nodePath] = nil
        case .nodeFailed(let node): tasks[node.nodePath] = nil
        case .nodeCancelled(let node): tasks[node.nodePath] = nil
        case .nodeInterrupted(let node): tasks[node.nodePath] = nil
        // The others begin and end no wait for somebody.
        default: break
        }
    }
}
