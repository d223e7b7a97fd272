internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists executions, newest first.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @OptionGroup var filter: FilterOptions
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 50
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    func validate() throws {
        guard (1...1_000).contains(limit) else {
            throw ValidationError("--limit: expected 1 to 1000, got \(limit)")
        }
    }

    func run() async throws {
        let request = ListExecutionsRequest(
            workspaceID: place.workspaceID, podID: place.podID, filter: try filter.filter(),
            pageSize: limit, pageToken: pageToken ?? "",
            redaction: redaction.mode)
        try await options.run { client in
            let page = try await client.listExecutions(request)
            Output(options).show(page) { Self.text(page) }
        }
    }

    private static func text(_ page: ListExecutionsResponse) -> String {
        let plain = ExecutionText(isColourful: false)
        var table = Table(["NUMBER", "WORKFLOW", "STATE", "TRIGGER", "CREATED", "ENDED"])
        for execution in page.executions {
            table.add([
                "\(execution.number)", "\(execution.workflowID) v\(execution.workflowVersion)",
                plain.state(execution),
                execution.trigger.shortName.lowercased(),
                ExecutionText.instant(execution.createTime),
                ExecutionText.instant(execution.endTime),
            ])
        }
        let more =
            page.nextPageToken.isEmpty
            ? "" : "\nmore: --page-token \(SafeText.line(page.nextPageToken))"
        return table.text(colourful: Terminal.isColourful()) + more
    }
}
