internal import ArgumentParser
internal import Messages
internal import Operations
internal import SignalboxClient

/// `signalbox member`.
struct MemberCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "Gives users and certificates roles in a workspace.",
        subcommands: [Put.self, List.self, Delete.self])

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a user or certificate a role, or another one than before.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "user:SUBJECT or certificate:CN=NAME.")
        var principal: String
        @Option(help: ArgumentHelp("What it may do.", valueName: "role"))
        var role: Choice<Role>

        func run() async throws {
            try await options.run { client in
                let member = try await client.putMember(
                    PutMemberRequest(
                        workspaceID: workspace.id, principal: principal, role: role.value))
                Output(options).show(member) {
                    "\(SafeText.line(member.principal)) is \(member.role.word) of "
                        + SafeText.line(member.workspaceID)
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the members of a workspace.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listMembers(
                    ListMembersRequest(
                        workspaceID: workspace.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) {
                    var table = Table(["PRINCIPAL", "ROLE", "CREATED", "BY"])
                    for member in list.members {
                        table.add([
                            member.principal, member.role.word,
                            ExecutionText.instant(member.createTime), member.createdBy,
                        ])
                    }
                    return PageOptions.text(table, next: list.nextPageToken)
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a member's role away, with effect on the next call.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "user:SUBJECT or certificate:CN=NAME.")
        var principal: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteMember(
                    DeleteMemberRequest(workspaceID: workspace.id, principal: principal))
                Output(options).done("deleted \(principal)")
            }
        }
    }
}
