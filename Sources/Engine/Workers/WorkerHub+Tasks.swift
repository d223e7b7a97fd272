internal import JSON
internal import Logging
package import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// What a task's worker reports of it. Every end is refused by the store itself where the attempt is
/// over.
extension WorkerHub {
    /// Ends a task well.
    /// - Parameter outputJSON: a JSON document within the limit, or empty: the node's input.
    /// - Throws: TASK_LOST, TASK_OVER.
    package func complete(
        _ key: TaskKey, workspaceID: String, by workerID: String, outputJSON: String
    ) async throws(EngineError) {
        let row = try await task(key, workspaceID: workspaceID)
        var output = outputJSON
        if let mask = try await mask(row) { output = mask.masked(json: output) }
        try await end(
            TaskEnded(nodePath: key.nodePath, attempt: key.attempt, outputJSON: output), key,
            by: workerID)
    }

    /// Ends a task in an error.
    /// - Throws: TASK_LOST, TASK_OVER.
    package func fail(
        _ key: TaskKey, workspaceID: String, by workerID: String, error: ExecutionError,
        isRetryable: Bool
    ) async throws(EngineError) {
        let row = try await task(key, workspaceID: workspaceID)
        var error = error
        error.nodePath = key.nodePath
        if let mask = try await mask(row) {
            error.message = mask.masked(error.message)
            if !error.detailsJSON.isEmpty {
                error.detailsJSON = mask.masked(json: error.detailsJSON)
            }
        }
        try await end(
            TaskEnded(
                nodePath: key.nodePath, attempt: key.attempt, error: error, retryable: isRetryable),
            key, by: workerID)
    }

    /// Says how far a task is; renews it.
    /// - Throws: TASK_LOST, TASK_OVER, PROGRESS_RATE.
    package func progress(
        _ key: TaskKey, workspaceID: String, dataJSON: String
    ) async throws(EngineError) {
        let row = try await task(key, workspaceID: workspaceID)
        if let pause = progressed(key) {
            throw EngineError(
                .resourceExhausted, reason: "PROGRESS_RATE",
                "progress may be reported every \(limits.workers.progressInterval), and "
                    + "\(limits.workers.progressCountMax) times in one attempt, by who holds the task",
                retryAfter: pause)
        }
        let data = try await mask(row)?.masked(json: dataJSON) ?? dataJSON
        let message = InboxMessage(
            kind: .taskProgressed(
                TaskProgressed(nodePath: key.nodePath, attempt: key.attempt, dataJSON: data)))
        try await commit([.insertInbox(InboxRow(message, to: key.number))], key)
    }

    /// Whose name is not the server's is told what is told of a task that is over, and learns nothing.
    /// - Throws: TASK_OVER.
    package func check(_ name: String) throws(EngineError) {
        guard isOwn(name) else { throw Self.over }
    }

    private func task(_ key: TaskKey, workspaceID: String) async throws(EngineError) -> TaskRow {
        do throws(StoreError) {
            if let row = try await store.task(key), row.head.workspaceID == workspaceID {
                return row
            }
        } catch {
            throw EngineError(error)
        }
        throw over(key)
    }

    private func over(_ key: TaskKey) -> EngineError {
        wasLost(key)
            ? EngineError(
                .failedPrecondition, reason: "TASK_LOST",
                "its worker was not heard of in time, and the task was given to another")
            : Self.over
    }

    private static let over = EngineError(
        .failedPrecondition, reason: "TASK_OVER",
        "the task is over: it ended before, was cancelled, or its time was over")

    private func end(_ message: TaskEnded, _ key: TaskKey, by workerID: String)
        async throws(EngineError)
    {
        ending(key, by: workerID)
        let message = InboxMessage(kind: .taskEnded(message))
        try await commit(
            [.worker(.task(.end(key))), .insertInbox(InboxRow(message, to: key.number))], key)
    }

    private func commit(_ changes: [Change], _ key: TaskKey) async throws(EngineError) {
        let outcome: CommitOutcome
        do throws(StoreError) {
            outcome = try await committer.commit(Commit(changes), admission: .accepted)
        } catch {
            throw EngineError(error)
        }
        switch outcome {
        case .committed: return
        case .refused: throw over(key)
        case .failed(let error): throw EngineError(error)
        }
    }

    // MARK: Handing out

    /// What the worker is sent; nil where the task is over, or cannot be handed out and has failed.
    func handedOut(_ head: TaskHead, to spec: WorkerSpec) async -> WorkerTask? {
        do throws(NodeFailure) {
            guard let task = try await message(head, queue: spec.queue) else {
                // It ended while tasks that were not in memory were read: it keeps no worker waiting.
                ending(head.key, by: spec.id)
                tasksChanged([.end(head.key)])
                return nil
            }
            handedOut()
            return task
        } catch {
            let error = error
            let ended = TaskEnded(
                nodePath: head.key.nodePath, attempt: head.key.attempt,
                error: ExecutionError(
                    code: error.code, message: error.message, nodePath: head.key.nodePath,
                    detailsJSON: error.detailsJSON), retryable: error.code == Self.unreadable)
            do throws(EngineError) {
                try await end(ended, head.key, by: spec.id)
            } catch {
                // It is over, or is handed out again when its worker is not heard of.
                logger.debug("a task was not failed", metadata: ["error": "\(error)"])
            }
            return nil
        }
    }

    private static let unreadable = "SECRET_UNREADABLE"

    private func message(_ head: TaskHead, queue: String) async throws(NodeFailure) -> WorkerTask? {
        let row: TaskRow?
        let schema: JSONSchema?
        do throws(StoreError) {
            row = try await store.task(head.key)
            schema = try await schemas.schema(head.kind, workspaceID: head.workspaceID) {
                () async throws(StoreError) in
                try await store.kind(head.kind, workspaceID: head.workspaceID)
            }
        } catch {
            throw NodeFailure(Self.unreadable, "the task cannot be read now")
        }
        guard let row, let body = row.decodedBody else { return nil }
        if let schema, let data = try? JSONValue(parsing: body.dataJSON),
            let fault = schema.validate(data).first
        {
            throw NodeFailure(
                "DATA_INVALID", "the node's data does not satisfy the kind's schema: \(fault)")
        }
        var task = WorkerTask(
            taskID: name(of: head.key), kind: head.kind, inputJSON: body.inputJSON,
            dataJSON: body.dataJSON, executionID: body.executionID,
            executionNumber: head.key.number.rawValue, workflowID: body.workflowID,
            nodePath: head.key.nodePath, nodeID: body.nodeID, attempt: head.key.attempt,
            idempotencyToken: IdempotencyToken.make(
                executionID: body.executionID, path: head.key.nodePath),
            traceparent: body.traceparent,
            deadline: body.deadline == 0
                ? nil : Timestamp(WallTime(microseconds: body.deadline)),
            heartbeatTimeout: ProtobufDuration(head.heartbeatTimeout), queue: queue,
            priority: head.priority, createTime: Timestamp(head.createdAt))
        if head.hasSecrets {
            let secrets = try await vault.values(
                secretNames(of: body), workspaceID: head.workspaceID,
                executionID: body.executionID)
            shown(secrets.hidden, for: head.key)
            task.inputJSON = secrets.filled(json: task.inputJSON)
            task.dataJSON = secrets.filled(json: task.dataJSON)
        }
        let size = task.inputJSON.utf8.count + task.dataJSON.utf8.count
        guard size <= limits.workers.taskBytesMax else {
            throw NodeFailure(
                "TASK_TOO_LARGE",
                "input and data of \(size) bytes exceed the limit of \(limits.workers.taskBytesMax)"
            )
        }
        return task
    }

    private func secretNames(of body: WorkerTaskBody) -> Set<String> {
        let prefixes = keyring.markPrefixes(executionID: body.executionID)
        return SecretMark.names(in: body.inputJSON, prefixes: prefixes)
            .union(SecretMark.names(in: body.dataJSON, prefixes: prefixes))
    }

    /// What takes the task's secrets out of what its worker sends; nil where it has none. Those that it
    /// was handed, and those of now: the worker may have been handed them before the server was started.
    private func mask(_ row: TaskRow) async throws(EngineError) -> SecretMask? {
        guard row.head.hasSecrets, let body = row.decodedBody else { return nil }
        var hidden = shown(for: row.head.key)
        for name in secretNames(of: body) {
            do throws(NodeFailure) {
                hidden += try await vault.values(
                    [name], workspaceID: row.head.workspaceID, executionID: body.executionID
                ).hidden
            } catch {
                // One that was erased meanwhile has no value of now.
                guard error.code == Self.unreadable else { continue }
                throw EngineError(.unavailable, reason: error.code, error.message)
            }
        }
        return SecretMask(hidden)
    }
}

extension TaskRow {
    var decodedBody: WorkerTaskBody? {
        try? unsafe body.withUnsafeBytes { bytes in try unsafe WorkerTaskBody(protobufBytes: bytes)
        }
    }
}
