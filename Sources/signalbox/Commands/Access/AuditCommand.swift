internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Shows who changed what in a workspace, newest first.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var workspace: WorkspaceOption
    @OptionGroup var page: PageOptions
    @Option(help: ArgumentHelp("Only by this one, such as token:ci.", valueName: "principal"))
    var principal: String?
    @Option(help: ArgumentHelp("Only this, such as WorkflowService/Put.", valueName: "operation"))
    var operation: String?
    @Option(help: ArgumentHelp("Only from this instant on (RFC 3339).", valueName: "instant"))
    var from: String?
    @Option(help: ArgumentHelp("Only before this instant (RFC 3339).", valueName: "instant"))
    var before: String?

    func run() async throws {
        let from = try from.map { try TimeArgument.instant($0, "--from") }
        let before = try before.map { try TimeArgument.instant($0, "--before") }
        try await options.run { client in
            let list = try await client.listAuditEntries(
                ListAuditEntriesRequest(
                    workspaceID: workspace.id, principal: principal ?? "",
                    operation: operation ?? "", from: from, before: before, pageSize: page.limit,
                    pageToken: page.token))
            Output(options).show(list) {
                var table = Table(["TIME", "PRINCIPAL", "FROM", "OPERATION", "OBJECT", "OUTCOME"])
                for entry in list.entries {
                    table.add([
                        ExecutionText.instant(entry.time), entry.principal, entry.origin,
                        entry.operation, entry.object, entry.outcome,
                    ])
                }
                return PageOptions.text(table, next: list.nextPageToken)
            }
        }
    }
}
