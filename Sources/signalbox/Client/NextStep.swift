internal import Messages

/// What somebody can do so that an execution goes on, as commands that can be copied.
struct NextStep {
    /// What the commands need to find the workspace: ` --workspace acme`; empty where they need nothing.
    private let workspace: String
    /// What they need to find the execution.
    private let place: String

    /// - Parameters:
    ///   - workspaceID: as the caller named it; empty: the token's own.
    ///   - podID: as the caller named it; empty: any.
    init(workspaceID: String = "", podID: String = "") {
        workspace = workspaceID.isEmpty ? "" : " --workspace \(ShellWord.quoted(workspaceID))"
        place =
            workspace
            + (podID.isEmpty ? "" : " --pod \(ShellWord.quoted(podID))")
    }

    /// A line for each of an execution's open interrupts, in their order:
    /// `answer: signalbox respond 7 --approve   (or --reject)`.
    func lines(_ execution: Execution) -> [String] {
        let isOne = execution.interrupts.count == 1
        return execution.interrupts.map { interrupt in
            let which = isOne ? "" : " --interrupt \(ShellWord.quoted(interrupt.id))"
            return line(interrupt, "\(execution.number)", which)
        }
    }

    private func line(_ interrupt: Interrupt, _ execution: String, _ which: String) -> String {
        switch interrupt.type {
        case .approval:
            let data = interrupt.schemaJSON.isEmpty ? "" : " --data JSON"
            return "answer: signalbox respond \(execution)\(which)\(place) --approve\(data)"
                + "   (or --reject)"
        case .event:
            let key =
                interrupt.correlationKey.isEmpty
                ? "" : " --key \(ShellWord.quoted(interrupt.correlationKey))"
            return "tell it: signalbox event send \(ShellWord.quoted(interrupt.eventName))\(key)"
                + workspace
        case .breakpoint:
            return "go on: signalbox continue \(execution)\(which)\(place)   (or --skip, --stop)"
        case .pause where interrupt.nodePath.isEmpty:
            return "go on: signalbox resume \(execution)\(place)"
        case .pause:
            return "go on: signalbox continue \(execution)\(which)\(place)   (or --stop)"
        case .question, .unspecified, .unrecognized:
            return "answer: signalbox respond \(execution)\(which)\(place) --data JSON"
        }
    }

    /// What to start so that somebody takes a task; nil where one of `workers` does.
    /// - Parameter task: its kind, and behind an `@` the queue it is bound to, if any.
    static func line(task: String, workers: [ConnectedWorker]) -> String? {
        let parts = task.split(separator: "@", maxSplits: 1).map(String.init)
        let (kind, queue) = (parts.first ?? "", parts.count > 1 ? parts[1] : "")
        let isServed = workers.contains { worker in
            worker.kinds.contains { $0.name == kind } && (queue.isEmpty || worker.queue == queue)
        }
        guard !isServed else { return nil }
        let place = queue.isEmpty ? "" : " in the queue '\(queue)'"
        return "no worker that serves '\(kind)'\(place) is connected: start one, with the token of "
            + "'signalbox token create NAME --role worker' (docs/workers.md)"
    }
}
