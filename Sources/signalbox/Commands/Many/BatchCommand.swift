internal import ArgumentParser
internal import Messages
internal import SignalboxClient
internal import ProtobufRuntime

/// `signalbox batch`.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Starts, watches, lists and stops batches.",
        subcommands: [
            Start.self, Show.self, List.self, Items.self, Watch.self, Stop.self, StopAll.self,
            Clear.self,
        ])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a batch.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or batch-NUMBER.")
        var batch: String

        func run() async throws {
            try await options.run { client in
                let found = try await client.getBatch(
                    GetBatchRequest(workspaceID: workspace.id, batchID: batch))
                Output(options).show(found) { BatchText.details(found) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists batches, newest first.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Option(help: ArgumentHelp("How it stands. Repeatable.", valueName: "status"))
        var status: [Choice<BatchStatus>] = []

        func run() async throws {
            try await options.run { client in
                let list = try await client.listBatches(
                    ListBatchesRequest(
                        workspaceID: workspace.id, statuses: status.map(\.value),
                        pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    var table = Table([
                        "BATCH", "STATUS", "TOTAL", "DONE", "FAILED", "STOPPED", "STARTED", "ENDED",
                    ])
                    for batch in list.batches {
                        table.add([
                            "\(batch.number)", BatchText.status(batch), "\(batch.total)",
                            "\(batch.completed)", "\(batch.failed)", "\(batch.stopped)",
                            ExecutionText.instant(batch.startTime),
                            ExecutionText.instant(batch.endTime),
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists a batch's executions.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Argument(help: "Its id, number or batch-NUMBER.")
        var batch: String

        func run() async throws {
            try await options.run { client in
                let list = try await client.listBatchItems(
                    ListBatchItemsRequest(
                        workspaceID: workspace.id, batchID: batch, pageSize: page.limit,
                        pageToken: page.token, withCurrentNode: true))
                Output(options).show(list) {
                    var table = Table(["EXECUTION", "NAME", "FILE", "STATE", "NODE", "ERROR"])
                    for item in list.items {
                        table.add([
                            "\(item.executionNumber)", item.workflowName,
                            item.path.isEmpty ? item.fileName : item.path,
                            item.status.shortName,
                            item.currentNodeID, item.error?.message ?? "",
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a batch's counts until it ends.",
            discussion: """
                It names the executions that are held, and the commands that let them go on. The exit \
                status tells how it ended: 0 completed, 1 one failed, 2 stopped.
                """)

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or batch-NUMBER.")
        var batch: String

        func run() async throws {
            let status = try await options.run { client in
                try await Self.follow(
                    client, WatchBatchRequest(workspaceID: workspace.id, batchID: batch), options)
            }
            if status != 0 { throw ExitCode(status) }
        }

        /// - Returns: the exit status.
        static func follow(
            _ client: SignalboxClient, _ request: WatchBatchRequest, _ options: ClientOptions
        ) async throws -> Int32 {
            var status: Int32 = 3
            let held = HeldMembers(
                client: client, workspaceID: request.workspaceID, batchID: request.batchID)
            let telling = options.json ? nil : Task { await held.tell() }
            defer { telling?.cancel() }
            var last: Batch?
            try await client.watchBatch(request) { batch in
                held.saw(batch)
                status = batch.exitStatus
                // Where one was held in the place of another, the counts say nothing new.
                guard batch != last else { return }
                last = batch
                Output(options).show(batch) { BatchText.line(batch) }
            }
            return status
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancels what has not ended of a batch.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id, number or batch-NUMBER.")
        var batch: String
        @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
        var reason: String?

        func run() async throws {
            try await options.run { client in
                let answer = try await client.stopBatch(
                    StopBatchRequest(
                        workspaceID: workspace.id, batchID: batch, reason: reason ?? ""))
                Output(options).show(answer) {
                    "stopped \(answer.runningStopped) running and \(answer.queuedStopped) queued"
                }
            }
        }
    }

    struct StopAll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop-all", abstract: "Stops every batch of a workspace.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
        var reason: String?
        @Flag(help: "Executions that belong to no batch too.")
        var allExecutions = false

        func run() async throws {
            try await options.run { client in
                let answer = try await client.stopAllBatches(
                    StopAllBatchesRequest(
                        workspaceID: workspace.id, reason: reason ?? "",
                        allExecutions: allExecutions))
                Output(options).show(answer) {
                    "stopped \(answer.batchCount) batches: \(answer.runningStopped) running and "
                        + "\(answer.queuedStopped) queued executions"
                }
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases every batch and every execution of a workspace.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Flag(help: "Stop first what has not ended.")
        var force = false
        @Flag(help: "Really.")
        var yes = false

        func validate() throws {
            guard yes else {
                throw ValidationError(
                    "this erases every execution of the workspace; say so with --yes")
            }
        }

        func run() async throws {
            try await options.run { client in
                let answer = try await client.clearBatches(
                    ClearBatchesRequest(workspaceID: workspace.id, force: force))
                Output(options).show(answer) {
                    "erased \(answer.batchCount) batches and \(answer.executionCount) executions"
                }
            }
        }
    }
}
