internal import Messages

/// What a watcher knows of how far an execution is.
struct Progress: Equatable {
    private var active: [String] = []
    private var completed = 0
    private var state = ""

    /// nil once it has ended.
    var line: String? {
        guard !state.isEmpty else { return nil }
        let names = active.prefix(3).map { SafeText.line($0, max: 40) }.joined(separator: ", ")
        let more = active.count > 3 ? " and \(active.count - 3) more" : ""
        let done = completed == 1 ? "1 node done" : "\(completed) nodes done"
        return "\(state) · \(done)" + (active.isEmpty ? "" : " · \(names)\(more)")
    }

    mutating func saw(_ event: ExecutionEvent) {
        switch event.kind {
        case .executionCreated: state = "queued"
        case .executionStarted, .executionResumed: state = "running"
        case .executionSuspended: state = "suspended"
        case .executionCompleted, .executionFailed, .executionCancelled: state = ""
        case .nodeStarted(let node):
            if !active.contains(node.nodePath) { active.append(node.nodePath) }
        case .nodeCompleted(let node):
            completed += 1
            active.removeAll { $0 == node.nodePath }
        case .nodeFailed(let node): active.removeAll { $0 == node.nodePath }
        case .nodeCancelled(let node): active.removeAll { $0 == node.nodePath }
        // The others change neither what is at work nor how it stands.
        default: break
        }
    }
}
