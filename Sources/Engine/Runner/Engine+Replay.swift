package import Messages
internal import Model
package import Store
internal import ProtobufRuntime

/// What a replay does differently from its source.
package struct ReplayPlan: Sendable {
    /// nil: from the start.
    package var fromNodeID: String?
    /// In place of the source's; empty: the same.
    package var inputJSON: String
    /// In place of results that are taken over, by node id.
    package var outputs: [NodeOutput]
    /// Runs the newest version and not the source's.
    package var usesCurrentVersion: Bool

    package init(
        fromNodeID: String? = nil, inputJSON: String = "", outputs: [NodeOutput] = [],
        usesCurrentVersion: Bool = false
    ) {
        self.fromNodeID = fromNodeID
        self.inputJSON = inputJSON
        self.outputs = outputs
        self.usesCurrentVersion = usesCurrentVersion
    }
}

/// New executions that go on where others ended.
extension Engine {
    /// Runs a final execution again as a new one, from the start or from a node that was reached.
    package func replay(
        _ source: ExecutionRow, _ plan: ReplayPlan, by principal: String,
        request: NewExecution.Request?
    ) async throws(EngineError) -> Triggered {
        let execution = source.execution
        if let known = try await repeated(request, of: execution) { return known }
        guard execution.status.isFinal else {
            throw EngineError(
                .failedPrecondition, reason: "EXECUTION_NOT_FINAL",
                "execution \(execution.number) is \(execution.status.shortName); only a final one "
                    + "can be replayed")
        }
        let version = try await version(of: execution, isCurrent: plan.usesCurrentVersion)
        let journal = try await replaySource(execution)
        var taken = try journal.taken(from: plan.fromNodeID, in: version.graph)
        try edit(&taken, plan.outputs, version.graph, of: journal)
        var new = Self.rerun(
            execution, version, by: principal, trigger: .replay, request: request)
        new.inputJSON = plan.inputJSON.isEmpty ? journal.inputJSON : plan.inputJSON
        new.fromNodeID = plan.fromNodeID ?? ""
        return try await create(new, version: version, taken: taken).triggered
    }

    /// Runs a final execution that did not complete on, as a new one: what completed is taken over,
    /// everything else runs.
    package func retry(
        _ source: ExecutionRow, usesCurrentVersion: Bool, by principal: String,
        request: NewExecution.Request?
    ) async throws(EngineError) -> Triggered {
        let execution = source.execution
        if let known = try await repeated(request, of: execution) { return known }
        if let refusal = Self.retryRefusal(execution) { throw refusal }
        let version = try await version(of: execution, isCurrent: usesCurrentVersion)
        let journal = try await replaySource(execution)
        let taken = try journal.completed(in: version.graph)
        var new = Self.rerun(execution, version, by: principal, trigger: .retry, request: request)
        new.inputJSON = journal.inputJSON
        return try await create(new, version: version, taken: taken).triggered
    }

    /// Why an execution cannot be retried; nil if it can.
    private static func retryRefusal(_ execution: Execution) -> EngineError? {
        let number = execution.number
        let (reason, message) =
            switch execution.status {
            case .failed, .cancelled:
                if execution.startTime != nil {
                    ("", "")
                } else {
                    (
                        "EXECUTION_NOT_STARTED",
                        "execution \(number) was ended before it started: there is nothing to go on "
                            + "from; replay it"
                    )
                }
            case .completed:
                (
                    "EXECUTION_COMPLETED",
                    "execution \(number) completed: there is nothing to retry; replay it"
                )
            case .queued:
                ("EXECUTION_QUEUED", "execution \(number) is queued and has not started yet")
            default:
                (
                    "EXECUTION_NOT_FINAL",
                    "execution \(number) is \(execution.status.shortName); only a final one can be "
                        + "retried"
                )
            }
        return reason.isEmpty ? nil : EngineError(.failedPrecondition, reason: reason, message)
    }

    private func repeated(_ request: NewExecution.Request?, of execution: Execution)
        async throws(EngineError) -> Triggered?
    {
        guard let request,
            let record = try await self.request(
                execution.workspaceID, method: request.method, id: request.id)
        else { return nil }
        return try await existing(record, hash: request.hash)
    }

    private func version(of execution: Execution, isCurrent: Bool) async throws(EngineError)
        -> GraphCache.Version
    {
        let wanted = isCurrent ? nil : execution.workflowVersion
        if let version = try await parts.graphs.version(
            execution.workflowID, wanted, workspaceID: execution.workspaceID)
        {
            return version
        }
        throw EngineError(
            .failedPrecondition, reason: "WORKFLOW_NOT_FOUND",
            "version \(execution.workflowVersion) of '\(execution.workflowID)' is gone")
    }

    private func replaySource(_ execution: Execution) async throws(EngineError) -> ReplaySource {
        let version = try await version(of: execution, isCurrent: false)
        var source = ReplaySource(graph: version.graph)
        try await parts.forEachBatch(of: ExecutionNumber(rawValue: execution.number)) {
            source.add($0)
        }
        return source
    }

    private static func rerun(
        _ execution: Execution, _ version: GraphCache.Version, by principal: String,
        trigger: TriggerKind, request: NewExecution.Request?
    ) -> NewExecution {
        var new = NewExecution(
            workspaceID: execution.workspaceID, podID: version.podID,
            workflowID: execution.workflowID, version: version.version,
            priority: execution.priority, trigger: trigger, triggeredBy: principal,
            traceparent: execution.traceparent, request: request, sourceID: execution.id)
        new.sourceNumber = execution.number
        return new
    }

    /// Puts what somebody wrote in the place of results that are taken over.
    private func edit(
        _ taken: inout [TakenResult], _ outputs: [NodeOutput], _ graph: WorkflowGraph,
        of source: ReplaySource
    ) throws(EngineError) {
        for (index, output) in outputs.enumerated() {
            let field = "outputs[\(index)]"
            let place = taken.firstIndex { graph.nodes[$0.node].id == output.nodeID }
            guard let place, case .completed(var event) = taken[place].outcome else {
                throw Self.badOutput(
                    "NODE_NOT_TAKEN", "\(field).node_id",
                    "the node '\(output.nodeID)' has no result that is taken over")
            }
            guard !graph.nodes[taken[place].node].holdsDecision,
                !source.holdsDecision(output.nodeID)
            else {
                throw Self.badOutput(
                    "DECISION_NOT_EDITABLE", "\(field).node_id",
                    "people decide at the node '\(output.nodeID)', or in the child it waited for: what "
                        + "they decided can be taken over or, by a replay from it, decided again, but "
                        + "not edited")
            }
            let count = output.outputJSON.utf8.count
            guard count <= parts.limits.nodeOutputBytesMax else {
                throw Self.badOutput(
                    "OUTPUT_TOO_LARGE", "\(field).output_json",
                    "output of \(count) bytes exceeds the limit of "
                        + "\(parts.limits.nodeOutputBytesMax)")
            }
            event.outputJSON = output.outputJSON
            event.edited = true
            taken[place] = TakenResult(node: taken[place].node, outcome: .completed(event))
        }
    }

    private static func badOutput(_ reason: String, _ field: String, _ message: String)
        -> EngineError
    {
        EngineError(
            .invalidArgument, reason: reason, message,
            violations: [EngineError.Violation(field: field, description: message)])
    }
}
