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
    @Option(help: "approval, question, breakpoint, pause or event; may be repeated.")
    var type: [Kind] = []
    @Option(help: ArgumentHelp("Of executions of this workflow.", valueName: "id"))
    var workflow: String?
    @Option(help: ArgumentHelp("How many, 1 to 1,000.", valueName: "number"))
    var limit: Int32 = 50
    @Option(help: ArgumentHelp("Where the page before ended.", valueName: "token"))
    var pageToken: String?

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case approval, question, breakpoint, pause, event

        var type: InterruptType {
            switch self {
            case .approval: .approval
            case .question: .question
            case .breakpoint: .breakpoint
            case .pause: .pause
            case .event: .event
            }
        }
    }

    func validate() throws {
        guard [mine, assignee != nil, group != nil].count(where: \.self) <= 1 else {
            throw ValidationError("--mine, --assignee and --group: expected one of them")
        }
        guard (1...1_000).contains(limit) else {
            throw ValidationError("--limit: expected 1 to 1000, got \(limit)")
        }
    }

    func run() async throws {
        let request = ListInterruptsRequest(
            filter: InterruptFilter(
                assignee: assignee ?? "", group: group ?? "", mine: mine,
                types: type.map(\.type), workflowID: workflow ?? ""),
            pageSize: limit, pageToken: pageToken ?? "")
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
        let more =
            list.nextPageToken.isEmpty
            ? "" : "\nmore: --page-token \(SafeText.line(list.nextPageToken))"
        return table.text(colourful: Terminal.isColourful()) + more
    }
}
