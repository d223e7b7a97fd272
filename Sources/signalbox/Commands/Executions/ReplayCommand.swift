internal import ArgumentParser
internal import Messages
internal import SignalboxClient

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
            try await new.follow(try await client.replay(request), in: place, client, options)
        }
        if status != 0 { throw ExitCode(status) }
    }
}
