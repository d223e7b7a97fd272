internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox tag`.
struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Makes, lists, renames and deletes tags, and sets them.",
        subcommands: [Create.self, List.self, Rename.self, Delete.self, Set.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a tag.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "A name for people; at most 64 bytes.")
        var name: String
        @Option(help: ArgumentHelp("An id; one is made by default.", valueName: "id"))
        var id: String?

        func run() async throws {
            try await options.run { client in
                let made = try await client.createTag(
                    CreateTagRequest(workspaceID: workspace.id, name: name, tagID: id ?? ""))
                Output(options).show(made) { SafeText.line(made.id) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tags of a workspace.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listTags(
                    ListTagsRequest(
                        workspaceID: workspace.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    var table = Table(["NAME", "ID", "EXECUTIONS", "CREATED"])
                    for tag in list.tags {
                        table.add([
                            tag.name, tag.id, "\(tag.executionCount)",
                            ExecutionText.instant(tag.createTime),
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a tag another name; its id stays.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id or name.")
        var tag: String
        @Argument(help: "The name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                let changed = try await client.renameTag(
                    RenameTagRequest(workspaceID: workspace.id, tag: tag, name: name))
                Output(options).show(changed) {
                    "\(SafeText.line(changed.id)) is named \(SafeText.line(changed.name))"
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a tag and takes it from every execution.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id or name.")
        var tag: String

        func run() async throws {
            try await options.run { client in
                let answer = try await client.deleteTag(
                    DeleteTagRequest(workspaceID: workspace.id, tag: tag))
                Output(options).show(answer) {
                    "deleted \(SafeText.line(tag)), which \(answer.executionCount) executions had"
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes the tags of an execution and shows them.",
            discussion: "Without --add, --remove and --clear it only shows them.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "The execution's id or number.")
        var execution: String
        @Option(help: ArgumentHelp("A tag's id or name. Repeatable.", valueName: "tag"))
        var add: [String] = []
        @Option(help: ArgumentHelp("A tag's id or name. Repeatable.", valueName: "tag"))
        var remove: [String] = []
        @Flag(help: "Take all tags away that are not added.")
        var clear = false

        func run() async throws {
            try await options.run { client in
                let tags: ExecutionTags
                if add.isEmpty, remove.isEmpty, !clear {
                    tags = try await client.executionTags(
                        GetExecutionTagsRequest(
                            workspaceID: workspace.id, executionID: execution))
                } else {
                    tags = try await client.setExecutionTags(
                        SetExecutionTagsRequest(
                            workspaceID: workspace.id, executionID: execution, replace: clear,
                            add: add, remove: remove))
                }
                Output(options).show(tags) {
                    tags.tags.map { SafeText.line($0.name) }.joined(separator: "\n")
                }
            }
        }
    }
}
