internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox pod`.
struct PodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pod", abstract: "Makes, lists, renames and deletes pods.",
        subcommands: [Create.self, List.self, Rename.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a pod.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "An id: A-Z a-z 0-9 _ - . and at most 64 of them.")
        var id: String
        @Option(help: "A name for people; the id by default.")
        var name: String?

        func run() async throws {
            try await options.run { client in
                let made = try await client.createPod(
                    CreatePodRequest(workspaceID: workspace.id, podID: id, name: name ?? ""))
                Output(options).show(made) { SafeText.line(made.id) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the pods of a workspace.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listPods(
                    ListPodsRequest(
                        workspaceID: workspace.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    var table = Table(["ID", "NAME", "CREATED", "BY"])
                    for pod in list.pods {
                        table.add([
                            pod.id, pod.name, ExecutionText.instant(pod.createTime), pod.createdBy,
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a pod another name; its id stays.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Argument(help: "The name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                let changed = try await client.renamePod(
                    RenamePodRequest(workspaceID: workspace.id, podID: id, name: name))
                Output(options).show(changed) {
                    "\(SafeText.line(changed.id)) is named \(SafeText.line(changed.name))"
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes an empty pod.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                try await client.deletePod(DeletePodRequest(workspaceID: workspace.id, podID: id))
                Output(options).done("deleted \(id)")
            }
        }
    }
}
