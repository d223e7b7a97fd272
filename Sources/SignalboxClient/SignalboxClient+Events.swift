public import Messages
public import RPC
internal import Services

/// Named events.
extension SignalboxClient {
    /// Publishes an event for the nodes that wait for it, or to be kept.
    public func publishEvent(_ request: PublishEventRequest, options: CallOptions = CallOptions())
        async throws -> PublishEventResponse
    {
        try await events().publishEvent(request, options: options)
    }

    /// Lists the events that no node took yet, oldest first.
    public func listKeptEvents(
        _ request: ListKeptEventsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListKeptEventsResponse {
        try await events().listKeptEvents(request, options: options)
    }

    private func events() async throws -> EventServiceClient {
        EventServiceClient(channel: try await dialer.connection())
    }
}
