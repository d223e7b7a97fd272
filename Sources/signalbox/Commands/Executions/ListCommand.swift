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
    @OptionGroup var page: PageOptions

    func run() async throws {
        let request = ListExecutionsRequest(
            workspaceID: place.workspaceID, podID: place.podID, filter: try filter.filter(),
            pageSize: page.limit, pageToken: page.token,
            redaction: redaction.mode)
        try await options.run { client in
            let list = try await client.listExecutions(request)
            Output(options).show(list) { Self.text(list) }
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
        return PageOptions.text(table, next: page.nextPageToken)
    }
}
