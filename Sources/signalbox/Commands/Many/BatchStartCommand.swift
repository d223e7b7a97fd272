internal import ArgumentParser
internal import Foundation
internal import Messages
internal import SignalboxClient

extension BatchCommand {
    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts an execution for each of many workflows.",
            discussion: """
                From files that are read here, from saved workflows (--workflow), or from a folder \
                of the server, beneath one of its --batch-root folders (--folder).
                """)

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Definitions, JSON.", completion: .file(extensions: ["json"]))
        var files: [String] = []
        @Option(help: ArgumentHelp("A saved workflow's id. Repeatable.", valueName: "id"))
        var workflow: [String] = []
        @Option(help: ArgumentHelp("A folder of the server.", valueName: "path"))
        var folder: String?
        @Flag(help: "With --folder: folders within it too.")
        var recursive = false
        @Option(help: ArgumentHelp("With --folder: which files (*.json).", valueName: "pattern"))
        var pattern: String?
        @Option(help: ArgumentHelp("How many run at once (4).", valueName: "number"))
        var workers: Int32 = 0
        @Option(help: ArgumentHelp("-100 to 100; higher runs first.", valueName: "number"))
        var priority: Int32 = 0
        @Option(help: ArgumentHelp("For all of them: JSON, @FILE, or -.", valueName: "json"))
        var input: String?
        @Option(help: ArgumentHelp("A tag for all of them. Repeatable.", valueName: "tag"))
        var tag: [String] = []
        @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
        var requestID: String?
        @Flag(help: "Only check them.")
        var validateOnly = false
        @Flag(help: "Print the counts until it ends.")
        var watch = false

        func validate() throws {
            let sources = [!files.isEmpty || !workflow.isEmpty, folder != nil].filter { $0 }.count
            guard sources == 1 else {
                throw ValidationError("expected files and workflows, or --folder")
            }
        }

        func run() async throws {
            var workflows = try files.map { path in
                BatchWorkflow(
                    definitionJSON: try TextArgument.file(path, flag: path),
                    fileName: URL(fileURLWithPath: path).lastPathComponent)
            }
            workflows += workflow.map { BatchWorkflow(workflowID: $0) }
            let request = StartBatchRequest(
                workspaceID: workspace.id, workflows: workflows,
                folder: folder.map {
                    BatchFolder(path: $0, recursive: recursive, pattern: pattern ?? "")
                }, workers: workers, priority: priority,
                inputJSON: try input.map { try TextArgument.read($0, flag: "--input") } ?? "",
                tags: tag, requestID: requestID ?? "", validateOnly: validateOnly)
            let status: Int32 = try await options.run { client in
                guard let batch = try await client.startBatch(request).batch else { return 70 }
                Output(options).show(batch) { BatchText.details(batch) }
                if validateOnly { return batch.invalid == 0 ? 0 : 65 }
                guard watch else { return 0 }
                return try await Watch.follow(
                    client,
                    WatchBatchRequest(workspaceID: workspace.id, batchID: "batch-\(batch.number)"),
                    options
                )
            }
            if status != 0 { throw ExitCode(status) }
        }
    }
}
