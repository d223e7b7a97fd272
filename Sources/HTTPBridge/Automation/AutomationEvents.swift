internal import JSON
internal import Messages
internal import ProtobufRuntime

/// The journals of a workspace's executions in the Socket.IO events of the automation dialect, as a
/// value that takes the events of each execution in order: `execution-update` and `node-execution`, as
/// documented, and `execution-event`, as the product itself has it; and of its batches.
struct AutomationEvents {
    /// One event for a client.
    struct Message: Equatable {
        let name: String
        let data: JSONText
    }

    /// Executions that are remembered; beyond it what was known of a node's kind is forgotten.
    private let executionsMax: Int
    private var runs: [Int64: AutomationRun] = [:]
    /// Batches whose beginning was told, and whose end was not.
    private var batches: Set<Int64> = []

    init(executionsMax: Int = 10_000) {
        self.executionsMax = executionsMax
    }

    /// Whether nothing is known yet of an execution that began earlier.
    func needsHistory(of number: Int64, before sequence: Int64) -> Bool {
        runs[number] == nil && sequence > 1
    }

    /// What happened to an execution before.
    mutating func remember(_ execution: Execution, _ nodes: [NodeExecution]) {
        keep(AutomationRun(execution, nodes), execution.number)
    }

    mutating func messages(_ number: Int64, _ event: ExecutionEvent) -> [Message] {
        var run = runs[number] ?? AutomationRun()
        let messages = run.messages(number, event)
        run.forgetEndedNode(event)
        switch event.kind {
        case .executionCompleted, .executionFailed, .executionCancelled: runs[number] = nil
        default: keep(run, number)
        }
        return messages
    }

    /// The batch that `event` moves on, if it does.
    func batch(of number: Int64, after event: ExecutionEvent) -> Int64? {
        let batchNumber: Int64
        switch event.kind {
        case .executionCreated(let created): batchNumber = created.batchNumber
        case .executionStarted, .executionCompleted, .executionFailed, .executionCancelled:
            batchNumber = runs[number]?.batchNumber ?? 0
        default: return nil
        }
        return batchNumber == 0 ? nil : batchNumber
    }

    /// How a batch stands: `batch-update`, as documented, and `batch-start` and `batch-complete`, as
    /// the product itself has them.
    mutating func messages(_ batch: Batch) -> [Message] {
        var messages: [Message] = []
        let isFinal = batch.status != .running
        if !isFinal, batches.insert(batch.number).inserted {
            if batches.count > executionsMax { batches = [batch.number] }
            messages.append(
                Message(name: "batch-start") { json in
                    json.member("batchId", ExecutionName.batch(batch.number))
                    json.member("totalWorkflows", batch.total)
                    json.member("timestamp", milliseconds: batch.startTime)
                })
        }
        var update = JSONWriter()
        AutomationShapes.write(batch, to: &update)
        messages.append(Message(name: "batch-update", data: update.finish()))
        if isFinal, batches.remove(batch.number) != nil {
            messages.append(
                Message(name: "batch-complete") { json in
                    json.member("batchId", ExecutionName.batch(batch.number))
                    json.member("totalWorkflows", batch.total)
                    json.member("status", AutomationWords.batchStatuses[batch.status])
                    json.member("completed", batch.completed)
                    json.member("failed", batch.failed)
                    json.member("timestamp", milliseconds: batch.endTime)
                })
        }
        return messages
    }

    private mutating func keep(_ run: AutomationRun, _ number: Int64) {
        if runs[number] == nil, runs.count >= executionsMax { runs.removeAll() }
        runs[number] = run
    }
}

extension AutomationEvents.Message {
    init(name: String, _ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object(write)
        self.init(name: name, data: json.finish())
    }
}
