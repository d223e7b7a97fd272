internal import JSON
internal import Logging
package import Messages
package import Model
internal import ProtobufRuntime
internal import Store
internal import Synchronization

/// What a batch is to start.
package struct NewBatch: Sendable {
    /// One workflow that was found good.
    package struct Item: Sendable {
        /// Its place in the request.
        package var index: Int32
        /// A saved workflow, or the id that is made of the definition.
        package var workflowID: String
        /// nil: the newest.
        package var version: Int32?
        /// A definition given inline; it was validated.
        package var definitionJSON: String?
        /// For people; empty: as the workflow says.
        package var name: String
        package var fileName: String
        package var path: String
        package var inputJSON: String

        package init(
            index: Int32, workflowID: String, version: Int32? = nil, definitionJSON: String? = nil,
            name: String = "", fileName: String = "", path: String = "", inputJSON: String = ""
        ) {
            self.index = index
            self.workflowID = workflowID
            self.version = version
            self.definitionJSON = definitionJSON
            self.name = name
            self.fileName = fileName
            self.path = path
            self.inputJSON = inputJSON
        }
    }

    /// Workspace, pod, source, workers, priority, who starts it, and the faults found so far.
    package var batch: Batch
    package var items: [Item]
    package var tagIDs: [String]
    package var traceparent: String
    package var requestID: String
    package var requestHash: [UInt8]

    package init(
        batch: Batch, items: [Item], tagIDs: [String] = [], traceparent: String = "",
        requestID: String = "", requestHash: [UInt8] = []
    ) {
        self.batch = batch
        self.items = items
        self.tagIDs = tagIDs
        self.traceparent = traceparent
        self.requestID = requestID
        self.requestHash = requestHash
    }
}

/// Batches: a set of executions started and stopped together.
///
/// A batch is a group of as many places as it has workers. All its executions are committed with it,
/// QUEUED, so that neither a crash nor a slow batch leaves one half made.
extension Engine {
    /// The group of a batch's executions.
    static func group(ofBatch number: Int64) -> String { "batch-\(number)" }

    /// Starts those items that are good; it is committed when this returns.
    /// - Returns: the batch with all faults, without an id where no item is good or `startsNothing`.
    package func startBatch(_ new: NewBatch, startsNothing: Bool) async throws(EngineError) -> Batch
    {
        let number = try takeBatchNumber()
        let now = parts.environment.now()
        var batch = new.batch
        var changes: [Change] = []
        var items: [BatchItem] = []
        var waiting: [(ExecutionNumber, ExecutionCreated)] = []
        for item in new.items {
            do throws(EngineError) {
                let (machine, events) = try await begin(item, of: new, number: number, at: now)
                let header = machine.header
                let execution = ExecutionNumber(rawValue: header.number)
                items.append(
                    BatchItem(
                        position: Int32(items.count), executionID: header.id,
                        executionNumber: header.number, workflowID: header.workflowID,
                        workflowVersion: header.workflowVersion, workflowName: header.workflowName,
                        fileName: item.fileName, path: item.path, status: .queued))
                guard !startsNothing else { continue }
                if let text = item.definitionJSON {
                    changes.append(
                        .many(
                            .keepInline(
                                WorkflowVersionRow(
                                    workspaceID: batch.workspaceID, podID: batch.podID,
                                    workflowID: item.workflowID, name: header.workflowName,
                                    definitionJSON: text, savedAt: now, savedBy: batch.startedBy))))
                }
                changes.append(.insertExecution(machine.row))
                changes += LiveExecution.journalRows(execution, events).map { .appendJournal($0) }
                changes += Self.memberships(execution, header, tagIDs: new.tagIDs)
                waiting.append((execution, header))
            } catch {
                guard error.isAboutItem else { throw error }
                batch.add(
                    BatchFault(
                        index: item.index, fileName: item.fileName, path: item.path,
                        errors: ["\(error.reason): \(error.message)"]))
            }
        }
        batch.faults.sort { $0.index < $1.index }
        batch.total = Int32(items.count)
        batch.queued = batch.total
        batch.status = .running
        guard !items.isEmpty, !startsNothing else { return batch }
        batch.number = number
        batch.id = newID(at: now)
        batch.startTime = Timestamp(now)
        let row = BatchRow(
            batch: batch, items: items, requestID: new.requestID, requestHash: new.requestHash)
        changes.insert(.many(.batch(.insert(row))), at: 0)
        try await commit(changes, waiting)
        return batch
    }

    private func begin(
        _ item: NewBatch.Item, of new: NewBatch, number: Int64, at now: WallTime
    ) async throws(EngineError) -> (machine: ExecutionMachine, events: [ExecutionEvent]) {
        let version = try await version(of: item, in: new.batch)
        var execution = NewExecution(
            workspaceID: new.batch.workspaceID, podID: version.podID, workflowID: item.workflowID,
            version: version.version, inputJSON: item.inputJSON, priority: new.batch.priority,
            trigger: .batch, triggeredBy: new.batch.startedBy, traceparent: new.traceparent)
        execution.inputJSON = try checkedInput(execution, graph: version.graph)
        var header = header(
            of: execution, try takeNumber(), version, input: execution.inputJSON, at: now)
        if !item.name.isEmpty { header.workflowName = item.name }
        header.batchNumber = number
        try await parts.join(&header, version.graph.concurrency)
        // What was started together is not to cancel itself.
        for index in header.groups.indices { header.groups[index].policy = .queue }
        header.groups.insert(
            ConcurrencyGroup(name: Self.group(ofBatch: number), limit: new.batch.workers), at: 0)
        let (machine, decision) = ExecutionMachine.created(
            header, graph: version.graph, limits: parts.limits, starts: false, at: now)
        return (machine, decision.events)
    }

    private func version(of item: NewBatch.Item, in batch: Batch) async throws(EngineError)
        -> GraphCache.Version
    {
        guard let text = item.definitionJSON else {
            guard
                let version = try await parts.graphs.version(
                    item.workflowID, item.version, workspaceID: batch.workspaceID)
            else {
                throw EngineError(
                    .notFound, reason: "WORKFLOW_NOT_FOUND",
                    item.version.map {
                        "there is no version \($0) of a workflow '\(item.workflowID)'"
                    } ?? "there is no workflow '\(item.workflowID)'")
            }
            return version
        }
        let result = WorkflowCompiler.compile(text, limits: parts.limits, allowsUnregistered: true)
        guard let graph = result.graph else {
            throw EngineError(
                .invalidArgument, reason: "WORKFLOW_INVALID",
                result.faults.first?.message ?? "the definition is not good")
        }
        return GraphCache.Version(graph: graph, podID: batch.podID, version: 1, name: item.name)
    }

    private func takeBatchNumber() throws(EngineError) -> Int64 {
        let number = nextBatchNumber.withLock { next -> Int64? in
            guard let number = next else { return nil }
            next = number + 1
            return number
        }
        guard let number else {
            throw EngineError(
                .unavailable, reason: "STARTING", "the server is starting", retryAfter: .seconds(1))
        }
        return number
    }

    /// Commits a batch and has its executions wait for their turn.
    private func commit(
        _ changes: [Change], _ waiting: [(ExecutionNumber, ExecutionCreated)]
    ) async throws(EngineError) {
        guard parts.withSlots({ $0.hasRoom(for: waiting.count) }) else {
            throw EngineError(
                .resourceExhausted, reason: "QUEUE_FULL",
                "\(parts.limits.queuedMax) executions may be queued, and \(waiting.count) more "
                    + "do not fit",
                // More than ever fit are not worth another try.
                retryAfter: waiting.count <= parts.limits.queuedMax ? .seconds(1) : nil)
        }
        let parts = parts
        let result: Result<CommitOutcome, StoreError> = await withCheckedContinuation {
            continuation in
            do throws(StoreError) {
                try parts.committer.submit(Commit(changes), admission: .new) { outcome in
                    if case .committed = outcome {
                        for (number, header) in waiting {
                            parts.metrics.started()
                            parts.enqueue(number, header)
                        }
                    }
                    continuation.resume(returning: .success(outcome))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        switch result {
        case .success(.committed): return
        case .success(.refused(.nameInUse)): throw .requestRepeated
        case .success(.refused(.notFound)):
            throw EngineError(
                .notFound, reason: "WORKFLOW_NOT_FOUND",
                "a workflow, a tag or the pod was erased meanwhile")
        case .success(.refused(let refusal)):
            throw EngineError(.internal, reason: "STORE_FAILED", "the store refused it: \(refusal)")
        case .success(.failed(let error)), .failure(let error): throw EngineError(error)
        }
    }

    // MARK: Stopping

    /// Executions that are cancelled at the same time.
    private static var cancelsMax: Int { 32 }

    /// Cancels what is not final of a batch; all of it is when this returns, and no more of it starts
    /// once it was called. It goes on after a restart.
    /// - Returns: how many were running (or suspended) and queued.
    package func stopBatch(_ number: Int64, by principal: String, reason: String)
        async throws(EngineError) -> (running: Int, queued: Int)
    {
        do throws(StoreError) {
            let stop = Change.many(.batch(.stop(number, by: principal, reason: reason)))
            let outcome = try await parts.committer.commit(Commit([stop]), admission: .accepted)
            if case .failed(let error) = outcome { throw error }
        } catch {
            throw EngineError(error)
        }
        parts.withSlots { $0.close(Self.group(ofBatch: number)) }
        var stopped = (running: 0, queued: 0)
        // Those that are queued first, so that none of them starts in the place of another.
        for statuses in [[ExecutionStatus.queued], [.queued, .running, .suspended]] {
            var position: Int32?
            while true {
                let items: [BatchItem]
                do throws(StoreError) {
                    items = try await parts.store.many.batchItems(
                        number, after: position, statuses: statuses,
                        room: PageRoom(rows: Self.cancelsMax, bytes: .max)
                    ).items
                } catch {
                    throw EngineError(error)
                }
                guard let last = items.last else { break }
                position = last.position
                let counts = try await cancel(items, by: principal, reason: reason)
                stopped.running += counts.running
                stopped.queued += counts.queued
            }
        }
        parts.withSlots { $0.forget(Self.group(ofBatch: number)) }
        return stopped
    }

    private func cancel(_ items: [BatchItem], by principal: String, reason: String)
        async throws(EngineError) -> (running: Int, queued: Int)
    {
        let results = await withTaskGroup(of: (Bool, EngineError?).self) { group in
            for item in items {
                group.addTask {
                    do throws(EngineError) {
                        let number = ExecutionNumber(rawValue: item.executionNumber)
                        let ended = try await self.cancel(
                            number, by: principal,
                            reason: reason.isEmpty ? "its batch was stopped" : reason, request: nil)
                        return (ended.startTime == nil, nil)
                    } catch {
                        return (false, error)
                    }
                }
            }
            var results: [(Bool, EngineError?)] = []
            for await result in group { results.append(result) }
            return results
        }
        var counts = (running: 0, queued: 0)
        for (wasQueued, error) in results {
            // It ended by itself, or was erased, meanwhile.
            if let error {
                guard error.isRefusal || error.code == .failedPrecondition else { throw error }
                continue
            }
            if wasQueued { counts.queued += 1 } else { counts.running += 1 }
        }
        return counts
    }

    /// Goes on stopping the batches that somebody began to stop before the last restart.
    func stopBatchesOn() async {
        do {
            for batch in try await parts.store.many.stoppingBatches(limit: 1_000) {
                _ = try await stopBatch(batch.number, by: batch.stoppedBy, reason: batch.stopReason)
            }
        } catch {
            parts.logger.error("cannot go on stopping batches", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Looking in

    /// The newest node that was started of an execution; empty where none was.
    package func currentNodeID(_ number: ExecutionNumber) async throws(EngineError) -> String {
        var node = ""
        try await parts.forEachBatch(of: number, payloads: false) { batch in
            for event in batch.events {
                if case .nodeStarted(let started) = event.kind { node = started.nodeID }
            }
        }
        return node
    }
}

extension Batch {
    /// Faults that are kept of one batch.
    package static let faultsMax = 100

    /// Counts a workflow that is not good, and keeps what is wrong with it.
    package mutating func add(_ fault: BatchFault) {
        invalid += 1
        if faults.count < Self.faultsMax { faults.append(fault) }
    }
}

extension EngineError {
    /// Whether it concerns one workflow, and the others may start.
    var isAboutItem: Bool {
        switch code {
        case .notFound, .invalidArgument, .failedPrecondition: true
        case .permissionDenied, .alreadyExists, .resourceExhausted, .unavailable, .aborted,
            .internal:
            false
        }
    }
}
