internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox worker`.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Shows the workers that run node kinds, and limits their queues.",
        subcommands: [
            List.self, Kinds.self, DeleteKind.self, Queues.self, LimitQueue.self,
            UnlimitQueue.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the workers that are connected.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listWorkers(
                    ListWorkersRequest(pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) { Self.text(list) }
            }
        }

        private static func text(_ page: ListWorkersResponse) -> String {
            var table = Table(["WORKER", "QUEUE", "KINDS", "TASKS", "CONNECTED", "SEEN", "BY"])
            for worker in page.workers {
                table.add([
                    worker.workerID, worker.queue,
                    worker.kinds.map(\.name).joined(separator: ","),
                    "\(worker.runningCount)/\(worker.concurrency)",
                    ExecutionText.instant(worker.connectTime),
                    ExecutionText.instant(worker.seenTime), worker.principal,
                ])
            }
            return PageOptions.text(table, next: page.nextPageToken)
        }
    }

    struct Kinds: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the node kinds that workers have registered.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listWorkerKinds(
                    ListWorkerKindsRequest(pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) { Self.text(list) }
            }
        }

        private static func text(_ page: ListWorkerKindsResponse) -> String {
            var table = Table(["KIND", "WORKERS", "SCHEMA", "UPDATED", "BY"])
            for kind in page.kinds {
                table.add([
                    kind.name, "\(kind.workerCount)", kind.dataSchemaJSON.isEmpty ? "-" : "yes",
                    ExecutionText.instant(kind.updateTime), kind.registeredBy,
                ])
            }
            return PageOptions.text(table, next: page.nextPageToken)
        }
    }

    struct DeleteKind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete-kind", abstract: "Forgets a registered node kind.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteWorkerKind(DeleteWorkerKindRequest(name: name))
                Output(options).done("deleted \(name)")
            }
        }
    }

    struct Queues: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the queues, their limits, and what is in them.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.run { client in
                let page = try await client.listWorkerQueues(ListWorkerQueuesRequest())
                Output(options).show(page) { Self.text(page) }
            }
        }

        private static func text(_ page: ListWorkerQueuesResponse) -> String {
            var table = Table(["QUEUE", "WAITING", "RUNNING", "CONCURRENCY", "A MINUTE"])
            for queue in page.queues {
                table.add([
                    queue.name.isEmpty ? "(any)" : queue.name, "\(queue.waitingCount)",
                    "\(queue.runningCount)", queue.concurrency == 0 ? "-" : "\(queue.concurrency)",
                    queue.tasksPerMinute == 0 ? "-" : "\(queue.tasksPerMinute)",
                ])
            }
            return table.text(colourful: Terminal.isColourful())
        }
    }

    struct LimitQueue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "limit-queue", abstract: "Sets a queue's limits.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its name.")
        var name: String
        @Option(
            help: ArgumentHelp("Tasks at once over all workers; 0: no limit.", valueName: "number"))
        var concurrency: Int32 = 0
        @Option(help: ArgumentHelp("Tasks handed out a minute; 0: no limit.", valueName: "number"))
        var perMinute: Int32 = 0

        func run() async throws {
            try await options.run { client in
                let queue = try await client.putWorkerQueue(
                    PutWorkerQueueRequest(
                        name: name, concurrency: concurrency, tasksPerMinute: perMinute))
                Output(options).show(queue) { "limited \(queue.name)" }
            }
        }
    }

    struct UnlimitQueue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlimit-queue", abstract: "Takes a queue's limits away.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteWorkerQueue(DeleteWorkerQueueRequest(name: name))
                Output(options).done("unlimited \(name)")
            }
        }
    }
}
