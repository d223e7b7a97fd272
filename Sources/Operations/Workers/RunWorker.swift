package import Engine
internal import JSON
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// The queue of a worker that names none.
    private static var defaultQueue: String { "default" }

    /// Registers a worker and its kinds, which lasts; the tasks come from the returned session, which the
    /// caller closes. Needs worker.
    package func runWorker(_ request: WorkRequest, by caller: Caller)
        async throws(OperationError) -> WorkSession
    {
        let grant = try await authorise(.work, caller, workspaceID: request.workspaceID)
        try check(request)
        let spec = WorkerSpec(
            workspaceID: grant.workspaceID, id: request.workerID,
            queue: request.queue.isEmpty ? Self.defaultQueue : request.queue,
            kinds: request.kinds.map {
                WorkerSpec.Kind(name: $0.name, concurrency: Int($0.concurrency))
            }, concurrency: max(1, Int(request.concurrency)), principal: grant.principal.name)
        try await register(request.kinds, of: spec)
        return try await engaging { () async throws(EngineError) in
            try engine.workers.connect(spec, held: request.heldTaskIDs)
        }
    }

    /// What a worker is told first.
    package var workStarted: WorkStarted {
        WorkStarted(
            heartbeatInterval: ProtobufDuration(limits.workers.heartbeatTimeout / 3),
            outputBytesMax: Int64(limits.nodeOutputBytesMax))
    }

    private func check(_ request: WorkRequest) throws(OperationError) {
        let limits = limits.workers
        var check = RequestCheck()
        check.name("worker_id", request.workerID, bytesMax: 128)
        if !request.queue.isEmpty { check.name("queue", request.queue, bytesMax: 128) }
        check.range("concurrency", request.concurrency, 0...Int32(limits.concurrencyMax))
        check.range("kinds", request.kinds.count, 1...limits.kindsPerWorkerMax)
        var names: Set<String> = []
        for (index, kind) in request.kinds.prefix(limits.kindsPerWorkerMax).enumerated() {
            let field = "kinds[\(index)]"
            check.name("\(field).name", kind.name, bytesMax: 128)
            if Engine.nodeKinds.contains(kind.name) {
                check.fault(
                    "\(field).name", "expected a kind of the worker's own, got '\(kind.name)'")
            }
            if !names.insert(kind.name).inserted {
                check.fault("\(field).name", "the kind '\(kind.name)' is there twice")
            }
            check.range(
                "\(field).concurrency", kind.concurrency, 0...Int32(limits.concurrencyMax))
            Self.check(kind.dataSchemaJSON, "\(field).data_schema_json", &check, limits)
        }
        check.tasks(
            "held_task_ids", request.heldTaskIDs, countMax: limits.concurrencyMax)
        try check.finish()
    }

    private static func check(
        _ schema: String, _ field: String, _ check: inout RequestCheck, _ limits: WorkerLimits
    ) {
        guard !schema.isEmpty else { return }
        let size = schema.utf8.count
        guard size <= limits.kindSchemaBytesMax else {
            return check.fault(
                field, "expected at most \(limits.kindSchemaBytesMax) bytes, got \(size)")
        }
        do throws(JSONError) {
            let value = try JSONValue(parsing: schema)
            do throws(JSONSchema.CompileError) {
                _ = try JSONSchema(compiling: value)
            } catch {
                for fault in error.faults { check.fault("\(field)\(fault.pointer)", fault.message) }
            }
        } catch {
            check.fault(field, "expected a JSON document: \(error)")
        }
    }

    /// Stores what is new of the worker's kinds.
    private func register(_ kinds: [WorkerKind], of spec: WorkerSpec)
        async throws(OperationError)
    {
        let now = environment.now()
        var changes: [Change] = []
        for kind in kinds {
            let stored = try await reading { () async throws(StoreError) in
                try await store.kind(kind.name, workspaceID: spec.workspaceID)
            }
            if let stored, stored.schemaJSON == kind.dataSchemaJSON { continue }
            changes.append(
                .worker(
                    .putKind(
                        KindRow(
                            workspaceID: spec.workspaceID, name: kind.name,
                            schemaJSON: kind.dataSchemaJSON, registeredBy: spec.principal,
                            createdAt: now, updatedAt: now),
                        limit: limits.workers.kindsPerWorkspaceMax)))
        }
        if changes.isEmpty { return }
        guard try await committing(changes) == nil else {
            throw OperationError(
                .resourceExhausted, reason: "KINDS_MAX",
                "the workspace has \(limits.workers.kindsPerWorkspaceMax) kinds, which is the limit",
                retryAfter: .seconds(60))
        }
        for kind in spec.kinds {
            engine.workers.kindChanged(kind.name, workspaceID: spec.workspaceID)
        }
    }
}

extension RequestCheck {
    /// Names of tasks, at most `countMax`.
    mutating func tasks(_ field: String, _ names: [String], countMax: Int) {
        range(field, names.count, 0...countMax)
        for (index, name) in names.prefix(countMax).enumerated() {
            task("\(field)[\(index)]", name)
        }
    }

    /// One task's name.
    @discardableResult
    mutating func task(_ field: String, _ name: String) -> TaskKey? {
        text(field, name, bytesMax: 4_096, isNeeded: true)
        guard let key = TaskID.key(name) else {
            fault(field, "expected a task's id, got '\(OperationError.shown(name))'")
            return nil
        }
        return key
    }
}
