internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox retry`.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Runs what did not complete of a failed or cancelled execution, as a new one.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @OptionGroup var new: FollowOptions

    func run() async throws {
        let request = RetryRequest(
            workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
            requestID: new.requestID ?? "",
            currentVersion: new.currentVersion)
        let status: Int32 = try await options.run { client in
            try await new.follow(try await client.retry(request), in: place, client, options)
        }
        if status != 0 { throw ExitCode(status) }
    }
}
