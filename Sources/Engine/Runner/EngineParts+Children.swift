internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Children: what has to be looked up before one can be made.
extension EngineParts {
    /// Gets the child of a node ready and posts it; nothing of it is written here.
    func prepareChild(
        _ start: BodyStart, _ plan: ChildPlan, of live: LiveExecution, _ shard: Shard
    ) -> Task<Void, Never> {
        let number = live.number
        let parent = live.machine.header
        let id = live.machine.childID(of: start.node)
        return Task {
            var result: Result<ReadyChild, NodeFailure>?
            while result == nil, !Task.isCancelled {
                do throws(EngineError) {
                    result = try await self.child(id, plan, start.path, of: parent)
                } catch let error where error.code == .unavailable {
                    // The store's trouble is not the node's.
                    let environment = self.environment
                    await environment.sleep(until: environment.now().advanced(by: .seconds(1)))
                } catch {
                    result = .failure(NodeFailure(error.reason, error.message))
                }
            }
            guard let result else { return }
            shard.post(
                .result(
                    number, .childReady(node: start.node, attempt: start.attempt, result)))
        }
    }

    private func child(
        _ id: ExecutionID, _ plan: ChildPlan, _ path: NodePath, of parent: ExecutionCreated
    ) async throws(EngineError) -> Result<ReadyChild, NodeFailure> {
        let depth = parent.depth + 1
        guard depth <= Int32(limits.childDepthMax) else {
            return .failure(
                NodeFailure(
                    "CHILD_TOO_DEEP",
                    "a child \(depth) deep exceeds the limit of \(limits.childDepthMax)"))
        }
        guard !isQueueFull else {
            return .failure(
                NodeFailure(
                    "QUEUE_FULL",
                    "\(limits.queuedMax) executions are queued, which is the limit"))
        }
        guard
            let version = try await graphs.version(
                plan.workflowID, plan.version, workspaceID: parent.workspaceID)
        else {
            let which = plan.version.map { "version \($0) of a workflow" } ?? "workflow"
            return .failure(
                NodeFailure("WORKFLOW_NOT_FOUND", "there is no \(which) '\(plan.workflowID)'"))
        }
        let input = try Engine.checkedInput(plan.inputJSON, graph: version.graph, limits: limits)
        let number = try takeNumber(isNew: false)
        let now = environment.now()
        var header = ExecutionCreated(
            id: id.description, number: number.rawValue, workspaceID: parent.workspaceID,
            podID: version.podID, workflowID: plan.workflowID, workflowVersion: version.version,
            workflowName: version.name, trigger: .parent, triggeredBy: parent.triggeredBy,
            inputJSON: input, priority: parent.priority, parentID: parent.id,
            traceparent: parent.traceparent, parentNumber: parent.number,
            parentNodePath: path.description, parentWaits: plan.waits, depth: depth)
        if plan.waits {
            // What waits for it holds places until it ends: it needs none of the same groups.
            header.parentGroups = parent.parentGroups + parent.groups.map(\.name)
        }
        try await join(&header, version.graph.concurrency)
        let (machine, decision) = ExecutionMachine.created(
            header, graph: version.graph, limits: limits, starts: false, at: now)
        var changes: [Change] = [.insertExecution(machine.row)]
        changes += LiveExecution.journalRows(number, decision.events).map { .appendJournal($0) }
        changes += Engine.memberships(number, header, tagIDs: [])
        return .success(ReadyChild(number: number, header: header, changes: changes))
    }
}
