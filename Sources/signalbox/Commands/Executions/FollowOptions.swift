internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// What becomes of an execution that a command made.
struct FollowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?
    @Flag(help: "Run the workflow's newest version and not the source's.")
    var currentVersion = false
    @Flag(help: "Print its events until it ends.")
    var watch = false
    @Flag(help: "With --watch: end, with status 3, when it needs an answer.")
    var untilSuspended = false

    /// Shows the new execution, with `--watch` until it ends.
    /// - Parameter place: as the command named it.
    func follow(
        _ new: Execution, in place: PlaceOptions, _ client: SignalboxClient,
        _ options: ClientOptions
    ) async throws -> Int32 {
        guard watch else {
            Output(options).show(new)
            return 0
        }
        let follower = Follower(
            client: client, json: options.json, stopsWhenSuspended: untilSuspended)
        try await follower.follow(
            WatchRequest(
                workspaceID: place.workspaceID, podID: place.podID, executionID: new.id))
        let now = try await client.getExecution(
            GetExecutionRequest(
                workspaceID: place.workspaceID, podID: place.podID, executionID: new.id,
                view: .full))
        if !options.json { Output(options).show(now) }
        return now.exitStatus
    }
}
