internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox inbox`.
struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Lists what waits for people, newest first.",
        discussion: "Answer with 'signalbox respond EXECUTION --interrupt ID'.")

    @OptionGroup var options: ClientOptions
    @Flag(help: "Meant for you, for one of your groups, or for anybody.")
    var mine = false
    @Option(help: ArgumentHelp("Meant for this principal.", valueName: "principal"))
    var assignee: String?
    @Option(help: ArgumentHelp("Meant for this group.", valueName: "group"))
    var group: String?
    @Option(help: ArgumentHelp("Of this type. Repeatable.", valueName: "type"))
    var type: [Choice<InterruptType>] = []
    @Option(help: ArgumentHelp("Of executions of this workflow.", valueName: "id"))
    var workflow: String?
    @OptionGroup var page: PageOptions

    func validate() throws {
        guard [mine, assignee != nil, group != nil].count(where: \.self) <= 1 else {
            throw ValidationError("--mine, --assignee and --group: expected one of them")
        }
    }

    func run() async throws {
        let request = ListInterruptsRequest(
            filter: InterruptFilter(
                assignee: assignee ?? "", group: group ?? "", mine: mine,
                types: type.map(\.value), workflowID: workflow ?? ""),
            pageSize: page.limit, pageToken: page.token)
        try await options.run { client in
            let list = try await client.listInterrupts(request)
            Output(options).show(list) { Self.text(list) }
        }
    }

    private static func text(_ list: ListInterruptsResponse) -> String {
        var table = Table(["EXECUTION", "WORKFLOW", "INTERRUPT", "SINCE", "DEADLINE", "FOR"])
        for open in list.interrupts {
            guard let interrupt = open.interrupt else { continue }
            let whom = (interrupt.assignees + interrupt.groups).joined(separator: ", ")
            table.add([
                String(open.executionNumber), open.workflowID, ExecutionText.interrupt(interrupt),
                ExecutionText.instant(interrupt.createTime),
                ExecutionText.instant(interrupt.deadline), whom.isEmpty ? "anybody" : whom,
            ])
        }
        return PageOptions.text(table, next: list.nextPageToken)
    }
}
