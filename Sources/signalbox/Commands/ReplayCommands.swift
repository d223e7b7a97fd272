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
    func follow(_ new: Execution, _ client: SignalboxClient, _ options: ClientOptions)
        async throws -> Int32
    {
        guard watch else {
            Output(options).show(new)
            return 0
        }
        let follower = Follower(
            client: client, json: options.json, stopsWhenSuspended: untilSuspended)
        try await follower.follow(WatchRequest(workspaceID: new.workspaceID, executionID: new.id))
        let now = try await client.getExecution(
            GetExecutionRequest(workspaceID: new.workspaceID, executionID: new.id, view: .full))
        if !options.json { Output(options).show(now) }
        return now.exitStatus
    }
}

/// `signalbox replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs an execution that has ended again, as a new one.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(
        help: ArgumentHelp("Begin at this node, with the results before it.", valueName: "node"))
    var from: String?
    @Option(help: ArgumentHelp("Another input: JSON, @FILE, or -.", valueName: "json"))
    var input: String?
    @Option(
        help: ArgumentHelp(
            "With --from, another result of a node before it: JSON or @FILE. Repeatable.",
            valueName: "node=json"))
    var output: [String] = []
    @OptionGroup var new: FollowOptions

    func run() async throws {
        let outputs = try output.map { text in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("--output: expected NODE=JSON, got '\(text)'")
            }
            return NodeOutput(
                nodeID: String(text[..<equals]),
                outputJSON: try TextArgument.read(
                    String(text[text.index(after: equals)...]), flag: "--output"))
        }
        let request = ReplayRequest(
            workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
            fromNodeID: from ?? "", requestID: new.requestID ?? "",
            inputJSON: try input.map { try TextArgument.read($0, flag: "--input") } ?? "",
            outputs: outputs, currentVersion: new.currentVersion)
        let status: Int32 = try await options.run { client in
            try await new.follow(try await client.replay(request), client, options)
        }
        if status != 0 { throw ExitCode(status) }
    }
}

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
            try await new.follow(try await client.retry(request), client, options)
        }
        if status != 0 { throw ExitCode(status) }
    }
}
