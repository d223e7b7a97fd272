internal import Engine
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Starts an execution; with `wait`, returns once it has ended, suspends or the wait is over.
    /// Cancelling the task ends the wait and nothing else. Needs operator.
    package func triggerExecution(_ request: TriggerRequest, by caller: Caller)
        async throws(OperationError) -> TriggerResponse
    {
        let grant = try await authorise(
            .trigger, caller, workspaceID: request.workspaceID, podID: request.podID)
        let wait = try check(request)
        let showing = try await showing(grant)
        var asked = request
        asked.requestID = ""
        let tags = try await tags(request.tags, grant)
        var new = NewExecution(
            workspaceID: grant.workspaceID, podID: grant.podID ?? "",
            workflowID: request.workflowID,
            version: request.version == 0 ? nil : request.version,
            inputJSON: request.inputJSON, key: request.key,
            conflictPolicy: request.conflictPolicy, priority: request.priority,
            trigger: request.trigger == .unspecified ? .api : request.trigger,
            triggeredBy: grant.principal.name, traceparent: caller.traceparent,
            request: request.requestID.isEmpty
                ? nil
                : NewExecution.Request(
                    method: "Trigger", id: request.requestID, hash: RequestHash.of(asked)),
            breakpoints: request.breakpoints, traceLogs: request.traceLogs)
        new.tagIDs = tags.map(\.id)
        new.notBefore = request.startsAt(environment.now())
        let shown = tags.map { Tag(id: $0.id, name: $0.name) }.sorted { $0.name < $1.name }
        guard wait > .zero else {
            let triggered = try await engaging { () async throws(EngineError) in
                try await engine.trigger(new)
            }
            var execution = triggered.execution
            if !triggered.existing { execution.tags = shown }
            return TriggerResponse(
                execution: showing.shown(execution), existing: triggered.existing)
        }
        let (triggered, rested) = try await engaging { () async throws(EngineError) in
            try await engine.trigger(new, waitUntil: ContinuousClock.now.advanced(by: wait))
        }
        if let rested {
            var execution = engine.execution(rested)
            execution.tags = triggered.existing ? triggered.execution.tags : shown
            return TriggerResponse(
                execution: showing.shown(execution), existing: triggered.existing)
        }
        let number = ExecutionNumber(rawValue: triggered.execution.number)
        let row = try await reading { () async throws(StoreError) in
            try await store.execution(.number(number), workspaceID: grant.workspaceID)
        }
        // Erased while we waited: what it was when it was triggered is the truth we have.
        guard let row else {
            return TriggerResponse(
                execution: showing.shown(triggered.execution), existing: triggered.existing)
        }
        let execution = try await engaging { () async throws(EngineError) in
            try await engine.execution(row, view: row.execution.status.isFinal ? .full : .basic)
        }
        return TriggerResponse(
            execution: showing.shown(execution), existing: triggered.existing)
    }

    /// - Returns: how long to wait.
    private func check(_ request: TriggerRequest) throws(OperationError) -> Duration {
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128, isNeeded: true)
        check.range("version", request.version, 0...Int32.max)
        check.json("input_json", request.inputJSON, bytesMax: limits.inputBytesMax)
        check.text("request_id", request.requestID, bytesMax: 128)
        check.text("key", request.key, bytesMax: 256)
        check.known("conflict_policy", request.conflictPolicy)
        check.range("priority", request.priority, -100...100)
        if let breakpoints = request.breakpoints {
            check.known("breakpoints.at", breakpoints.at)
            check.known("breakpoints.nodes", breakpoints.nodes)
        }
        switch request.trigger {
        case .unspecified, .manual, .api: break
        default:
            check.fault(
                "trigger", "expected MANUAL or API, got \(request.trigger.shortName)")
        }
        check.tags("tags", request.tags, max: limits.tagsPerExecutionMax)
        check.start(request, limits, now: environment.now())
        let wait = request.wait ?? ProtobufDuration()
        let waitMax = ProtobufDuration(limits.triggerWaitMax)
        if !wait.isValid || wait < ProtobufDuration() || wait > waitMax {
            check.fault("wait", "expected 0s to \(waitMax.text), got \(wait.text)")
        }
        try check.finish()
        return wait.duration
    }
}
