internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox get`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Shows an execution with its input and output.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("basic: without input, output and nodes.", valueName: "view"))
    var view = Choice<ExecutionView>(.full)

    func run() async throws {
        try await options.run { client in
            let found = try await client.getExecution(
                GetExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    view: view.value,
                    redaction: redaction.mode))
            Output(options).show(found)
        }
    }
}
