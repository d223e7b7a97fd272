internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// What the kinds that workers run share: which workers a task is for, and the task itself.
struct WorkerTaskFields {
    /// For people.
    static let nameRule = "1 to 128 of A-Z a-z 0-9 _ - ."

    let kind: String
    /// Empty: any.
    let queue: String
    let heartbeatTimeout: Duration

    init(kind: String, _ fields: inout NodeFields) {
        self.kind = kind
        queue = fields.string("queue") ?? ""
        if !queue.isEmpty, !Self.isName(queue) {
            fields.fault(.badValue, "queue", "expected \(Self.nameRule), got '\(queue)'")
        }
        let limits = WorkerLimits()
        let timeout = fields.duration("heartbeatTimeout") ?? limits.heartbeatTimeout
        heartbeatTimeout = timeout
        if timeout < limits.heartbeatTimeoutMin || timeout > limits.heartbeatTimeoutMax {
            fields.fault(
                .badDuration, "heartbeatTimeout",
                "expected \(limits.heartbeatTimeoutMin) to \(limits.heartbeatTimeoutMax), got \(timeout)"
            )
        }
    }

    static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x30...0x39).contains(byte) || "_-.".utf8.contains(byte)
            }
    }

    /// Hands the node's work to whoever serves the kind.
    func step(inputJSON: String, dataJSON: String) -> NodeStep {
        let size = inputJSON.utf8.count + dataJSON.utf8.count
        let sizeMax = WorkerLimits().taskBytesMax
        guard size <= sizeMax else {
            return .fail(
                NodeFailure(
                    "TASK_TOO_LARGE",
                    "input and data of \(size) bytes exceed the limit of \(sizeMax)"))
        }
        return .delegate(
            Delegation(kind: .task, reference: queue.isEmpty ? kind : "\(kind)@\(queue)") {
                [.worker(.task(.insert(row($0, inputJSON: inputJSON, dataJSON: dataJSON))))]
            })
    }

    private func row(_ attempt: DelegatedAttempt, inputJSON: String, dataJSON: String) -> TaskRow {
        let header = attempt.header
        let body = WorkerTaskBody(
            executionID: header.id, workflowID: header.workflowID, nodeID: attempt.nodeID,
            inputJSON: inputJSON, dataJSON: dataJSON, traceparent: header.traceparent,
            deadline: attempt.deadline?.microseconds ?? 0)
        let head = TaskHead(
            key: Self.key(attempt), workspaceID: header.workspaceID, kind: kind, queue: queue,
            priority: header.priority, createdAt: attempt.startedAt,
            heartbeatTimeout: heartbeatTimeout,
            hasSecrets: inputJSON.contains(SecretMark.head) || dataJSON.contains(SecretMark.head))
        return TaskRow(head: head, body: unsafe body.withProtobufBytes { unsafe [UInt8]($0) })
    }

    static func withdraw(_ attempt: DelegatedAttempt) -> [Change] {
        [.worker(.task(.withdraw(key(attempt))))]
    }

    private static func key(_ attempt: DelegatedAttempt) -> TaskKey {
        TaskKey(
            number: ExecutionNumber(rawValue: attempt.header.number),
            nodePath: attempt.path.description, attempt: attempt.attempt)
    }
}
