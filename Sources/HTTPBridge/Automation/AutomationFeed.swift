internal import JSON
internal import Messages
internal import Model
internal import Operations
internal import Store

/// Tells a Socket.IO client what happens in its workspace, as fast as it takes it.
struct AutomationFeed: Sendable {
    let operations: Operations

    /// Runs until the client has gone.
    /// - Throws: `Operations.tokenRefused` once its credential works no more.
    func run(_ identity: Identity, _ session: SocketIOSession) async throws {
        let watch = try await operations.watchWorkspace(by: identity.caller)
        session.admitted()
        try await operations.whileIdentified(by: identity.credential) {
            try await tell(watch, identity.caller, session)
        }
    }

    private func tell(
        _ watch: WorkspaceEvents, _ caller: Caller, _ session: SocketIOSession
    ) async throws {
        var rendering = AutomationEvents()
        var watch = watch
        for try await row in watch.rows {
            let number = row.number.rawValue
            if rendering.needsHistory(of: number, before: row.firstSequence) {
                try await remember(number, caller, &rendering)
            }
            for event in try await watch.events(row) {
                let batchNumber = rendering.batch(of: number, after: event)
                for message in rendering.messages(number, event) {
                    try await send(message, session)
                }
                if let batchNumber {
                    try await tell(batchNumber, caller, &rendering, session)
                }
            }
        }
    }

    private func send(
        _ message: AutomationEvents.Message, _ session: SocketIOSession
    ) async throws {
        try await session.send(SocketIOPacket.event(message.name, message.data))
    }

    /// What the client did not hear, for what it hears next.
    private func remember(
        _ number: Int64, _ caller: Caller, _ rendering: inout AutomationEvents
    ) async throws {
        do {
            let execution = try await operations.getExecution(
                GetExecutionRequest(executionID: "\(number)"), by: caller)
            let nodes = try await operations.listNodeExecutions(
                ListNodeExecutionsRequest(executionID: "\(number)", pageSize: 1_000), by: caller)
            rendering.remember(execution, nodes.nodeExecutions)
        } catch {
            // It may have been erased meanwhile.
            guard error.code == .notFound else { throw error }
        }
    }

    /// An execution of a batch began or ended: how the batch stands.
    private func tell(
        _ batchNumber: Int64, _ caller: Caller, _ rendering: inout AutomationEvents,
        _ session: SocketIOSession
    ) async throws {
        let messages: [AutomationEvents.Message]
        do {
            let batch = try await operations.getBatch(
                GetBatchRequest(batchID: "\(batchNumber)"), by: caller)
            messages = rendering.messages(batch)
        } catch {
            // It may have been erased meanwhile.
            guard error.code == .notFound else { throw error }
            return
        }
        for message in messages { try await send(message, session) }
    }
}
