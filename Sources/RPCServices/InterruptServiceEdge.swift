package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.InterruptService` over the operations.
package struct InterruptServiceEdge: InterruptServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func listInterrupts(_ request: ListInterruptsRequest, context: CallContext) async throws
        -> ListInterruptsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listInterrupts(request, by: caller)
        }
    }
}
