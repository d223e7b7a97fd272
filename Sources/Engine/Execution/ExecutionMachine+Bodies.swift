internal import JSON
internal import Messages
internal import Model

/// Deciding: how bodies begin and end, and what follows for their node.
extension ExecutionMachine {
    mutating func beginLoop(_ node: NodeRef, _ items: [String], _ turn: inout ExecutionTurn) {
        guard !items.isEmpty else {
            complete(node, output: "[]", handle: "", &turn)
            return
        }
        guard items.count <= limits.loopItemsMax else {
            let message = "\(items.count) items exceed the limit of \(limits.loopItemsMax)"
            fail(node, NodeFailure("LOOP_TOO_LARGE", message), &turn)
            return
        }
        let text = "[" + items.joined(separator: ",") + "]"
        guard text.utf8.count <= limits.nodeOutputBytesMax else {
            let message =
                "items of \(text.utf8.count) bytes exceed the limit of \(limits.nodeOutputBytesMax)"
            fail(node, NodeFailure("LOOP_TOO_LARGE", message), &turn)
            return
        }
        emit(
            .loopStarted(
                LoopStarted(
                    nodePath: path(node).description, nodeID: definition(node).id,
                    itemsJSON: text)), &turn)
        beginItems(node, &turn)
    }

    /// As many bodies of a loop as may be at work.
    private mutating func beginItems(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        guard let kind = definition(node).action as? ForeachNode else { return }
        while let loop = nests[node]?.loopProgress, loop.next < loop.itemCount,
            loop.active < kind.concurrency, bodies.count < limits.bodiesMax || loop.active == 0
        {
            beginBody(node, .item, loop.next, &turn)
        }
    }

    mutating func beginBody(
        _ node: NodeRef, _ kind: BodyKind, _ index: Int, _ turn: inout ExecutionTurn
    ) {
        emit(
            .bodyStarted(
                BodyStarted(
                    nodePath: path(node).description, nodeID: definition(node).id, body: kind,
                    index: Int32(index))), &turn)
    }

    /// A failure that its own node does not handle: ends the body that the node belongs to, or the
    /// execution.
    mutating func failFrame(
        of node: NodeRef, _ error: ExecutionError, _ turn: inout ExecutionTurn
    ) {
        guard node.frame != GraphFrame.root else {
            if let rejection = turn.rejection, error.code == "REJECTED" {
                failExecution(
                    .rejected, error, endedBy: rejection.respondedBy, endReason: rejection.reason,
                    &turn)
            } else {
                failExecution(reason(of: error), error, &turn)
            }
            return
        }
        cancelBody(node.frame, &turn)
        endBody(node.frame, .failure(NodeFailure(error)), &turn)
    }

    /// Cancels what goes on in a body.
    private mutating func cancelBody(_ id: Int, _ turn: inout ExecutionTurn) {
        for node in bodies[id]?.live ?? [] { cancelNode(NodeRef(node, in: id), &turn) }
    }

    /// Cancels what goes on in a node's bodies. Nothing says that they end: the node does.
    mutating func cancelBodies(of node: NodeRef, _ turn: inout ExecutionTurn) {
        for id in bodies.keys.sorted() where bodies[id]?.body?.owner == node {
            cancelBody(id, &turn)
        }
    }

    /// A body has ended: nothing goes on in it any more.
    mutating func endBody(
        _ id: Int, _ result: Result<String, NodeFailure>, _ turn: inout ExecutionTurn
    ) {
        guard let body = bodies[id]?.body else { return }
        let node = body.owner
        var event = BodyEnded(
            nodePath: path(node).description, nodeID: definition(node).id, body: body.kind,
            index: Int32(body.index))
        switch result {
        case .success(let output): event.outputJSON = output
        case .failure(let failure):
            event.error = ExecutionError(
                code: failure.code, message: failure.message, nodePath: failure.nodePath,
                detailsJSON: failure.detailsJSON)
        }
        emit(.bodyEnded(event), &turn)
        if let loop = nests[node]?.loopProgress {
            goOn(node, loop, event.error, &turn)
        } else if case .attempt(let attempt)? = nests[node] {
            goOn(node, attempt, body.kind, &turn)
        }
    }

    private mutating func goOn(
        _ node: NodeRef, _ loop: Nest.LoopProgress, _ error: ExecutionError?,
        _ turn: inout ExecutionTurn
    ) {
        guard let kind = definition(node).action as? ForeachNode else { return }
        if let error, !kind.collects {
            failNest(node, NodeFailure(error), &turn)
        } else if loop.outputBytes > limits.nodeOutputBytesMax {
            let message =
                "outputs of more than \(limits.nodeOutputBytesMax) bytes, which is the limit"
            failNest(node, NodeFailure("OUTPUT_TOO_LARGE", message), &turn)
        } else if loop.next == loop.itemCount, loop.active == 0 {
            guard case .loop(let loop)? = nests[node] else { return }
            complete(node, output: loop.output, handle: "", &turn)
        } else {
            beginItems(node, &turn)
        }
    }

    private mutating func goOn(
        _ node: NodeRef, _ attempt: Nest.Attempt, _ ended: BodyKind, _ turn: inout ExecutionTurn
    ) {
        guard let kind = definition(node).action as? TryNode else { return }
        if ended == .try, let error = attempt.error, let clause = kind.clause(for: error.code) {
            beginBody(node, .catch, clause, &turn)
        } else if ended != .finally, kind.hasFinally {
            beginBody(node, .finally, 0, &turn)
        } else if let error = attempt.error {
            fail(node, NodeFailure(error), &turn)
        } else {
            complete(node, output: attempt.output ?? "null", handle: "", &turn)
        }
    }

    /// Fails a node and cancels what goes on in its bodies.
    private mutating func failNest(
        _ node: NodeRef, _ failure: NodeFailure, _ turn: inout ExecutionTurn
    ) {
        cancelBodies(of: node, &turn)
        fail(node, failure, &turn)
    }
}

/// Folding: what the events of bodies do to the state.
extension ExecutionMachine {
    mutating func loopStarted(_ event: LoopStarted) {
        guard let node = ref(of: event.nodePath) else { return }
        journalBytes += event.itemsJSON.utf8.count
        let items = (try? JSONValue(parsing: event.itemsJSON))?.arrayValue ?? []
        nests[node] = .loop(Nest.Loop(items: items.map(\.text)))
        update(node) { $0.phase = .nested }
    }

    mutating func bodyStarted(_ event: BodyStarted) {
        let index = Int(event.index)
        guard let node = ref(of: event.nodePath),
            let graph = (definition(node).action as? any NestingKind)?.body(event.body, index)
        else { return }
        var input = self.input(of: node)
        var caught: String?
        if let loop = nests[node]?.loopProgress {
            guard index < loop.itemCount else { return }
            nests[node]?.changeLoop { loop in
                input = loop.items[index] ?? "null"
                loop.items[index] = nil
                loop.next = index + 1
                loop.active += 1
            }
        } else if case .attempt(let attempt)? = nests[node] {
            caught = attempt.error.map { NodeFailure.output($0) }
            if event.body == .catch { input = caught ?? "null" }
        } else {
            nests[node] = .attempt(Nest.Attempt())
            update(node) { $0.phase = .nested }
        }
        bodyCount += 1
        let id = bodyCount
        let prefix = event.nodePath + BodyName.suffix(event.body, index)
        bodies[id] = GraphFrame(
            graph: graph, id: id, prefix: prefix,
            body: GraphFrame.Body(
                owner: node, kind: event.body, index: index, input: input, error: caught,
                base: state(node).earlier))
        bodyIDs[prefix] = id
        withFrame(id) { $0.begin() }
    }

    mutating func bodyEnded(_ event: BodyEnded) {
        journalBytes += event.outputJSON.utf8.count
        let index = Int(event.index)
        guard let node = ref(of: event.nodePath),
            let id = bodyIDs[event.nodePath + BodyName.suffix(event.body, index)]
        else { return }
        dropBody(id)
        if let kind = definition(node).action as? ForeachNode {
            let output = Self.itemOutput(event, collects: kind.collects)
            nests[node]?.changeLoop { loop in
                loop.active -= 1
                loop.outputs[index] = output
                loop.outputBytes += output.utf8.count + 1
            }
        } else if case .attempt(var attempt)? = nests[node] {
            if let error = event.error {
                attempt.error = error
            } else if event.body != .finally {
                attempt.output = event.outputJSON
                attempt.error = nil
            }
            nests[node] = .attempt(attempt)
        }
    }

    /// What the body of one item adds to the output of its loop.
    private static func itemOutput(_ event: BodyEnded, collects: Bool) -> String {
        guard collects else { return event.outputJSON.isEmpty ? "null" : event.outputJSON }
        if let error = event.error { return #"{"error":\#(NodeFailure.output(error))}"# }
        return #"{"output":\#(event.outputJSON)}"#
    }

    /// A node with bodies has ended: what is left of them is over.
    mutating func endNest(_ node: NodeRef) {
        guard nests.removeValue(forKey: node) != nil else { return }
        for (id, frame) in bodies where frame.body?.owner == node { dropBody(id) }
    }

    /// Forgets a body, and the bodies of its nodes.
    private mutating func dropBody(_ id: Int) {
        guard let frame = bodies.removeValue(forKey: id), let body = frame.body else { return }
        bodyIDs[frame.prefix] = nil
        tally.busy -= frame.tally.busy
        tally.suspended -= frame.tally.suspended
        tally.resting -= frame.tally.resting
        tally.live -= frame.tally.live
        for node in frame.live where !nests.isEmpty { endNest(NodeRef(node, in: id)) }
        let used = frame.used
        update(body.owner) { $0.used.include(used) }
    }
}
