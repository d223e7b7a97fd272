internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox trace`.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Turns the trace logs of an execution on or off; 'logs --level debug' shows them."
    )

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Argument(help: "on or off.")
    var state: State

    enum State: String, ExpressibleByArgument, CaseIterable { case on, off }

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.setTraceLogs(
                    SetTraceLogsRequest(
                        workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                        enabled: state == .on)))
        }
    }
}
