public import Messages
public import RPC
internal import Services

extension SignalboxClient {
    /// Erases now what the workspace's retention does not keep.
    public func applyRetention(
        _ request: ApplyRetentionRequest, options: CallOptions = CallOptions()
    ) async throws -> ApplyRetentionResponse {
        try await RetentionServiceClient(channel: try await dialer.connection()).apply(
            request, options: options)
    }
}
