internal import ArgumentParser
internal import Messages
internal import SignalboxClient
internal import ProtobufRuntime

/// `signalbox bulk`.
struct BulkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk", abstract: "Cancels, retries, replays, deletes or tags by filter.",
        subcommands: [Start.self, Show.self, List.self, Results.self, Watch.self, Stop.self])

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts an action on every execution that the filter selects.",
            discussion: "Try it with --dry-run first: it counts, and shows the newest.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "What to do to each.")
        var action: Choice<BulkAction>
        @OptionGroup var filter: FilterOptions
        @Flag(help: "Only count, and show the newest 20.")
        var dryRun = false
        @Option(help: ArgumentHelp("Why, for the record of each cancel.", valueName: "text"))
        var reason: String?
        @Option(help: ArgumentHelp("With tag: a tag to add. Repeatable.", valueName: "tag"))
        var add: [String] = []
        @Option(help: ArgumentHelp("With tag: a tag to remove. Repeatable.", valueName: "tag"))
        var remove: [String] = []
        @Option(help: ArgumentHelp("Executions a second (200).", valueName: "number"))
        var rate: Int32 = 0
        @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
        var requestID: String?

        func run() async throws {
            let request = StartBulkOperationRequest(
                workspaceID: workspace.id, action: action.value, filter: try filter.filter(),
                dryRun: dryRun, reason: reason ?? "", addTags: add, removeTags: remove, rate: rate,
                requestID: requestID ?? "")
            try await options.run { client in
                let answer = try await client.startBulkOperation(request)
                let operation = answer.operation ?? BulkOperation()
                Output(options).show(answer) {
                    guard dryRun else { return BulkText.line(operation) }
                    var table = Table(["NUMBER", "WORKFLOW", "STATE", "CREATED"])
                    for sample in answer.samples {
                        table.add([
                            "\(sample.executionNumber)", sample.workflowID,
                            (sample.state?.status ?? .unspecified).shortName,
                            ExecutionText.instant(sample.createTime),
                        ])
                    }
                    return "would take \(operation.total)\n"
                        + table.text(colourful: Terminal.isColourful())
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a bulk operation.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or bulk-NUMBER.")
        var operation: String

        func run() async throws {
            try await options.run { client in
                let found = try await client.getBulkOperation(
                    GetBulkOperationRequest(workspaceID: workspace.id, operationID: operation))
                Output(options).show(found) { BulkText.line(found) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists bulk operations, newest first.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listBulkOperations(
                    ListBulkOperationsRequest(
                        workspaceID: workspace.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    list.operations.map(BulkText.line).joined(separator: "\n")
                        + (list.nextPageToken.isEmpty
                            ? "" : "\nmore: --page-token \(SafeText.line(list.nextPageToken))")
                }
            }
        }
    }

    struct Results: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what became of each execution.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Argument(help: "Its id, number or bulk-NUMBER.")
        var operation: String

        func run() async throws {
            try await options.run { client in
                let list = try await client.listBulkResults(
                    ListBulkResultsRequest(
                        workspaceID: workspace.id, operationID: operation, pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(list) {
                    var table = Table(["EXECUTION", "OUTCOME", "NEW", "REASON", "MESSAGE"])
                    for result in list.results {
                        table.add([
                            "\(result.executionNumber)",
                            result.outcome.shortName,
                            result.newExecutionNumber == 0 ? "" : "\(result.newExecutionNumber)",
                            result.reason, result.message,
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a bulk operation's progress until it ends.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or bulk-NUMBER.")
        var operation: String

        func run() async throws {
            try await options.run { client in
                let request = WatchBulkOperationRequest(
                    workspaceID: workspace.id, operationID: operation)
                try await client.watchBulkOperation(request) { now in
                    Output(options).show(now) { BulkText.line(now) }
                }
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a bulk operation after what it has begun.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or bulk-NUMBER.")
        var operation: String

        func run() async throws {
            try await options.run { client in
                let stopped = try await client.stopBulkOperation(
                    StopBulkOperationRequest(workspaceID: workspace.id, operationID: operation))
                Output(options).show(stopped) { BulkText.line(stopped) }
            }
        }
    }
}
