package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.RetentionService` over the operations.
package struct RetentionServiceEdge: RetentionServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func apply(_ request: ApplyRetentionRequest, context: CallContext) async throws
        -> ApplyRetentionResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.applyRetention(request, by: caller) }
    }
}
