package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.ControlService` over the operations.
package struct ControlServiceEdge: ControlServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func pause(_ request: PauseRequest, context: CallContext) async throws -> Execution {
        try await operations.pauseExecution(request, by: context.caller)
    }

    package func resume(_ request: ResumeRequest, context: CallContext) async throws -> Execution {
        try await operations.resumeExecution(request, by: context.caller)
    }

    package func pauseControl(_ request: PauseControlRequest, context: CallContext) async throws
        -> Execution
    {
        try await operations.pauseControl(request, by: context.caller)
    }

    package func setTraceLogs(_ request: SetTraceLogsRequest, context: CallContext) async throws
        -> Execution
    {
        try await operations.setTraceLogs(request, by: context.caller)
    }
}
