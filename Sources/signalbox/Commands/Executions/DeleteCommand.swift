internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox delete`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Erases an execution that has ended.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "Its id or number.")
    var execution: String

    func run() async throws {
        try await options.run { client in
            try await client.deleteExecution(
                DeleteExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution))
            Output(options).done("erased \(execution)")
        }
    }
}
