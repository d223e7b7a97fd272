internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox cancel`.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels an execution that has not ended.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason: String?
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.cancel(
                    CancelExecutionRequest(
                        workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                        reason: reason ?? "", requestID: requestID ?? "")))
        }
    }
}
