internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox nodes`.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "Lists the node executions of an execution, or shows one.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "The execution's id or number.")
    var execution: String
    @Argument(help: "A node path, to show that one with its input and output.")
    var nodePath: String?
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 100
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    func validate() throws { try PageOptions.check(limit, "--limit") }

    func run() async throws {
        try await options.run { client in
            if let nodePath {
                let found = try await client.getNodeExecution(
                    GetNodeExecutionRequest(
                        workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                        nodePath: nodePath, redaction: redaction.mode))
                return Output(options).show(found) {
                    """
                    \(Self.table([found]).text(colourful: Terminal.isColourful()))
                    input   \(SafeText.line(found.inputJSON, max: 100_000))
                    output  \(SafeText.line(found.outputJSON, max: 100_000))
                    """
                }
            }
            let page = try await client.listNodeExecutions(
                ListNodeExecutionsRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    pageSize: limit, pageToken: pageToken ?? "",
                    view: options.json ? .full : .basic, redaction: redaction.mode))
            Output(options).show(page) {
                PageOptions.text(Self.table(page.nodeExecutions), next: page.nextPageToken)
            }
        }
    }

    private static func table(_ nodes: [NodeExecution]) -> Table {
        var table = Table(["NODE", "KIND", "STATE", "ATTEMPT", "STARTED", "ENDED", "ERROR"])
        for node in nodes {
            table.add([
                node.nodePath, node.kind,
                node.status.shortName, "\(node.attempt)",
                ExecutionText.instant(node.startTime), ExecutionText.instant(node.endTime),
                node.error.map { "\($0.code): \($0.message)" } ?? "",
            ])
        }
        return table
    }
}
