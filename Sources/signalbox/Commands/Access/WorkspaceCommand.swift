internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox workspace`.
struct WorkspaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace",
        abstract: "Makes, shows and deletes workspaces, and changes their settings.",
        subcommands: [
            Create.self, Get.self, List.self, Rename.self, Delete.self, Settings.self,
            Configure.self, WorkspaceRedactionCommand.self, WorkspaceRetentionCommand.self,
        ])

    /// One workspace, a line each.
    static func text(_ workspace: Workspace) -> String {
        [
            "workspace  \(SafeText.line(workspace.id))",
            "name       \(SafeText.line(workspace.name))",
            "uuid       \(SafeText.line(workspace.uuid))",
            "created    \(ExecutionText.instant(workspace.createTime)) by "
                + SafeText.line(workspace.createdBy),
        ].joined(separator: "\n")
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a workspace; needs a server admin's token.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "An id: A-Z a-z 0-9 _ - . and at most 64 of them.")
        var id: String
        @Option(help: "A name for people; the id by default.")
        var name: String?
        @Option(help: "A UUID for doors that name it by one; a new one by default.")
        var uuid: String?

        func run() async throws {
            try await options.run { client in
                let made = try await client.createWorkspace(
                    CreateWorkspaceRequest(workspaceID: id, name: name ?? "", uuid: uuid ?? ""))
                Output(options).show(made) { WorkspaceCommand.text(made) }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a workspace.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its id or UUID; the token's own by default.")
        var id: String?

        func run() async throws {
            try await options.run { client in
                let found = try await client.getWorkspace(
                    GetWorkspaceRequest(workspaceID: id ?? ""))
                Output(options).show(found) { WorkspaceCommand.text(found) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the workspaces the token can work in.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listWorkspaces(
                    ListWorkspacesRequest(pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    var table = Table(["ID", "NAME", "UUID", "CREATED", "BY"])
                    for workspace in list.workspaces {
                        table.add([
                            workspace.id, workspace.name, workspace.uuid,
                            ExecutionText.instant(workspace.createTime), workspace.createdBy,
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a workspace another name; its id stays.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its id or UUID.")
        var id: String
        @Argument(help: "The name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                let changed = try await client.updateWorkspace(
                    UpdateWorkspaceRequest(workspaceID: id, name: name))
                Output(options).show(changed) { WorkspaceCommand.text(changed) }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes an empty workspace; needs a server admin's token.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its id or UUID.")
        var id: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteWorkspace(DeleteWorkspaceRequest(workspaceID: id))
                Output(options).done("deleted \(id)")
            }
        }
    }

    struct Settings: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a workspace's settings as JSON.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption

        func run() async throws {
            try await options.run { client in
                let settings = try await client.getSettings(
                    GetSettingsRequest(workspaceID: workspace.id))
                Terminal.say(settings.protobufJSON)
            }
        }
    }

    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replaces a workspace's settings by those of a JSON file.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(
            help: "A JSON file as 'workspace settings' prints it; - for standard input.",
            completion: .file(extensions: ["json"]))
        var file: String

        func run() async throws {
            let text = try TextArgument.file(file, flag: "FILE")
            let settings: WorkspaceSettings
            do {
                settings = try WorkspaceSettings(protobufJSON: text)
            } catch {
                throw ValidationError("\(file): \(error)")
            }
            try await options.run { client in
                let saved = try await client.updateSettings(
                    UpdateSettingsRequest(workspaceID: workspace.id, settings: settings))
                Terminal.say(saved.protobufJSON)
            }
        }
    }
}
