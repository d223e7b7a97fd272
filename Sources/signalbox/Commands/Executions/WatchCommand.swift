internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Prints an execution's events, live, until it ends.",
        discussion: "The exit status tells how it stands: 0 completed, 1 failed, 2 cancelled.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("Only events after this one.", valueName: "sequence"))
    var after: Int64 = 0
    @Flag(help: "Leave inputs, outputs and answers out.")
    var withoutPayloads = false
    @Flag(help: "End, with status 3, when it needs an answer.")
    var untilSuspended = false

    func run() async throws {
        let status: Int32 = try await options.run { client in
            let follower = Follower(
                client: client, json: options.json, stopsWhenSuspended: untilSuspended)
            try await follower.follow(
                WatchRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    afterSequence: after, withoutPayloads: withoutPayloads,
                    redaction: redaction.mode))
            return try await client.getExecution(
                GetExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution)
            )
            .exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }
}
