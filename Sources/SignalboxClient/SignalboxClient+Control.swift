public import Messages
public import RPC
internal import Services

/// Pause, step through and look into executions that go on.
extension SignalboxClient {
    /// Pauses a whole execution: no further node starts.
    public func pause(_ request: PauseRequest, options: CallOptions = CallOptions()) async throws
        -> Execution
    {
        try await control().pause(request, options: options)
    }

    /// Ends the pause of a whole execution.
    public func resume(_ request: ResumeRequest, options: CallOptions = CallOptions()) async throws
        -> Execution
    {
        try await control().resume(request, options: options)
    }

    /// Says how an execution goes on at a breakpoint or a pause.
    public func pauseControl(
        _ request: PauseControlRequest, options: CallOptions = CallOptions()
    ) async throws -> Execution {
        try await control().pauseControl(request, options: options)
    }

    /// Turns the trace logs of an execution on or off.
    public func setTraceLogs(
        _ request: SetTraceLogsRequest, options: CallOptions = CallOptions()
    ) async throws -> Execution {
        try await control().setTraceLogs(request, options: options)
    }

    /// Lists the open interrupts of a workspace, newest first.
    public func listInterrupts(
        _ request: ListInterruptsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListInterruptsResponse {
        try await InterruptServiceClient(channel: try await dialer.connection())
            .listInterrupts(request, options: options)
    }

    private func control() async throws -> ControlServiceClient {
        ControlServiceClient(channel: try await dialer.connection())
    }
}
