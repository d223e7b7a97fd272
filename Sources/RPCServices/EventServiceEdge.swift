package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.EventService` over the operations.
package struct EventServiceEdge: EventServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func publishEvent(_ request: PublishEventRequest, context: CallContext) async throws
        -> PublishEventResponse
    {
        try await operations.publishEvent(request, by: context.caller)
    }

    package func listKeptEvents(_ request: ListKeptEventsRequest, context: CallContext) async throws
        -> ListKeptEventsResponse
    {
        try await operations.listKeptEvents(request, by: context.caller)
    }
}
