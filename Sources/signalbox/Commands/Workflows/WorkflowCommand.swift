internal import ArgumentParser
internal import Messages
internal import RPC
internal import SignalboxClient

/// `signalbox workflow`.
struct WorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow", abstract: "Saves, shows, checks and deploys workflows.",
        subcommands: [
            Put.self, Get.self, List.self, Versions.self, Validate.self, Deploy.self, Delete.self,
        ])

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Saves definitions, each as a new version unless nothing changed.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(
            help: "JSON files; - for standard input.", completion: .file(extensions: ["json"]))
        var files: [String]
        @Option(help: ArgumentHelp("Another id than the definition's own.", valueName: "id"))
        var id: String?
        @Option(help: ArgumentHelp("Fail unless this is the newest version.", valueName: "number"))
        var expectedVersion: Int32 = 0
        @Flag(help: "Accept node kinds that no worker has registered.")
        var allowUnregistered = false

        func validate() throws {
            guard files.count == 1 || (id == nil && expectedVersion == 0) else {
                throw ValidationError("--id and --expected-version: expected one file with them")
            }
        }

        func run() async throws {
            let definitions = try files.map { ($0, try TextArgument.file($0, flag: "FILE")) }
            try await options.run { client in
                var failure: RPCError?
                for (file, definition) in definitions {
                    do {
                        let saved = try await client.putWorkflow(
                            PutWorkflowRequest(
                                workspaceID: place.workspaceID, podID: place.podID,
                                workflowID: id ?? "", definitionJSON: definition,
                                expectedVersion: expectedVersion,
                                allowUnregistered: allowUnregistered))
                        Output(options).show(saved) {
                            "\(SafeText.line(saved.id)) version \(saved.version)"
                        }
                    } catch var error as RPCError {
                        // The others are saved nevertheless; the last failure ends the command.
                        error.message = "\(file): \(error.message)"
                        if let failure { options.complain(failure) }
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a definition as it was saved.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(help: "The workflow's id.")
        var id: String
        @Option(help: ArgumentHelp("The version; the newest by default.", valueName: "number"))
        var version: Int32 = 0

        func run() async throws {
            try await options.run { client in
                let found = try await client.getWorkflow(
                    GetWorkflowRequest(
                        workspaceID: place.workspaceID, podID: place.podID, workflowID: id,
                        version: version))
                Output(options).show(found) { found.definitionJSON }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists workflows.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listWorkflows(
                    ListWorkflowsRequest(
                        workspaceID: place.workspaceID, podID: place.podID, pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(list) {
                    WorkflowCommand.table(list.workflows, list.nextPageToken)
                }
            }
        }
    }

    struct Versions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the versions of a workflow.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(help: "The workflow's id.")
        var id: String
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listWorkflowVersions(
                    ListWorkflowVersionsRequest(
                        workspaceID: place.workspaceID, podID: place.podID, workflowID: id,
                        pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    WorkflowCommand.table(list.versions, list.nextPageToken)
                }
            }
        }
    }

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every fault of definitions; saves nothing.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(
            help: "JSON files; - for standard input.", completion: .file(extensions: ["json"]))
        var files: [String]
        @Flag(help: "Accept node kinds that no worker has registered.")
        var allowUnregistered = false

        func run() async throws {
            let definitions = try files.map { ($0, try TextArgument.file($0, flag: "FILE")) }
            let isGood = try await options.run { client in
                var isGood = true
                for (file, definition) in definitions {
                    let answer = try await client.validateWorkflow(
                        ValidateWorkflowRequest(
                            workspaceID: place.workspaceID, podID: place.podID,
                            definitionJSON: definition, allowUnregistered: allowUnregistered))
                    isGood = isGood && answer.faults.isEmpty
                    Output(options).show(answer) { Self.text(file, answer.faults) }
                }
                return isGood
            }
            guard isGood else { throw ExitCode(65) }
        }

        private static func text(_ file: String, _ faults: [WorkflowFault]) -> String {
            guard !faults.isEmpty else { return "\(file): good" }
            var lines = faults.map {
                SafeText.line("\(file)\($0.pointer): \($0.code): \($0.message)")
            }
            if faults.contains(where: { WayOut.isUnknownKind($0.code) }) {
                lines.append(WayOut.ofUnknownKind)
            }
            return lines.joined(separator: "\n")
        }
    }

    struct Deploy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes one version the one that schedules and webhooks fire.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(help: "The workflow's id.")
        var id: String
        @Option(help: ArgumentHelp("The version; the newest by default.", valueName: "number"))
        var version: Int32 = 0

        func run() async throws {
            try await options.run { client in
                let deployed = try await client.deployWorkflow(
                    DeployWorkflowRequest(
                        workspaceID: place.workspaceID, podID: place.podID, workflowID: id,
                        version: version))
                Output(options).show(deployed) {
                    "\(SafeText.line(deployed.id)) version \(deployed.deployedVersion) is deployed"
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases a workflow; its executions stay.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: PlaceOptions
        @Argument(help: "The workflow's id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteWorkflow(
                    DeleteWorkflowRequest(
                        workspaceID: place.workspaceID, podID: place.podID, workflowID: id))
                Output(options).done("erased \(id)")
            }
        }
    }

    private static func table(_ workflows: [Workflow], _ nextPageToken: String) -> String {
        var table = Table(["ID", "VERSION", "DEPLOYED", "NAME", "SAVED", "BY"])
        for workflow in workflows {
            table.add([
                workflow.id, "\(workflow.version)",
                workflow.deployedVersion == 0 ? "-" : "\(workflow.deployedVersion)",
                workflow.name, ExecutionText.instant(workflow.updateTime), workflow.updatedBy,
            ])
        }
        return PageOptions.text(table, next: nextPageToken)
    }
}
