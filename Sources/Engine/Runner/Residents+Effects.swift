internal import Messages
internal import Model

/// What follows from a decision once it is committed.
extension Residents {
    mutating func evaluate(_ live: inout LiveExecution, _ shard: Shard) {
        var rest: [ExecutionEffect] = []
        for effect in live.pending.effects {
            guard case .resolve(let node, let attempt) = effect else {
                rest.append(effect)
                continue
            }
            live.work[node] = LiveExecution.Work(
                attempt: attempt, isBody: false,
                task: parts.resolve(node, attempt: attempt, of: live, shard))
        }
        live.pending.effects = rest
    }

    mutating func perform(
        _ effects: [ExecutionEffect], _ live: inout LiveExecution, _ shard: Shard
    ) {
        for effect in effects {
            switch effect {
            case .resolve(let node, let attempt):
                live.work[node] = LiveExecution.Work(
                    attempt: attempt, isBody: false,
                    task: parts.resolve(node, attempt: attempt, of: live, shard))
            case .stop(let node):
                live.work.removeValue(forKey: node)?.task.cancel()
            case .goOn:
                decide(.goOn, &live)
            case .readInbox:
                switch live.inbox {
                case .idle: live.inbox = .due
                case .reading: live.inbox = .readingAndDue
                case .due, .readingAndDue: break
                }
            case .tellRecipients(let event):
                parts.tellRecipients(ofEvent: event)
            case .enqueueChild(let child):
                parts.metrics.started()
                parts.enqueue(child.number, child.header)
            case .enqueue:
                parts.enqueue(live.number, live.machine.header)
            case .startBody(let start):
                if case .noop = start.body {
                    let result = ExecutionCommand.bodyEnded(
                        node: start.node, attempt: start.attempt, .success(""))
                    if decide(result, &live) == nil { live.pending.results.append(result) }
                    continue
                }
                let state = live.machine.state(start.node)
                guard state.phase == .active, state.attempt == start.attempt else { continue }
                live.work[start.node] = LiveExecution.Work(
                    attempt: start.attempt, isBody: true,
                    task: parts.run(start, of: live, shard))
            }
        }
    }
}
