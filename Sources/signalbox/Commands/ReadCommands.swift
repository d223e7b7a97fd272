internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox get`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Shows an execution with its input and output.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(
        help: ArgumentHelp("full, or basic: without input, output and nodes.", valueName: "view"))
    var view = "full"

    func validate() throws {
        guard view == "full" || view == "basic" else {
            throw ValidationError("--view: expected 'full' or 'basic', got '\(view)'")
        }
    }

    func run() async throws {
        try await options.run { client in
            let found = try await client.getExecution(
                GetExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    view: view == "full" ? .full : .basic,
                    redaction: redaction.mode))
            Output(options).show(found)
        }
    }
}

/// The filter of `list` and `count`.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "queued, running, waiting, suspended, completed, failed or cancelled. Repeatable.",
            valueName: "state"))
    var status: [String] = []
    @Option(help: ArgumentHelp("A workflow's id. Repeatable.", valueName: "id"))
    var workflow: [String] = []
    @Option(help: ArgumentHelp("manual, api, replay, … Repeatable.", valueName: "kind"))
    var trigger: [String] = []
    @Option(help: ArgumentHelp("Created at or after (RFC 3339).", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("Created before (RFC 3339).", valueName: "time"))
    var before: String?
    @Option(help: ArgumentHelp("What the error says.", valueName: "text"))
    var error: String?
    @Option(help: ArgumentHelp("The caller's own key.", valueName: "key"))
    var key: String?
    @Option(help: ArgumentHelp("The execution it is a replay of.", valueName: "id"))
    var source: String?
    @Option(help: ArgumentHelp("A tag's id or name. Repeatable: all of them.", valueName: "tag"))
    var tag: [String] = []
    @Option(help: ArgumentHelp("The batch it belongs to.", valueName: "batch"))
    var batch: String?

    func filter() throws -> ExecutionFilter {
        ExecutionFilter(
            states: try status.map(Self.state), workflowIDs: workflow,
            createdFrom: try from.map { try TimeArgument.instant($0, "--from") },
            createdBefore: try before.map { try TimeArgument.instant($0, "--before") },
            triggers: try trigger.map(Self.trigger), errorContains: error ?? "",
            sourceID: source ?? "", key: key ?? "", tags: tag, batchID: batch ?? "")
    }

    private static func state(_ word: String) throws -> StateFilter {
        if word.lowercased() == "waiting" { return StateFilter(status: .running, waiting: .yes) }
        guard
            let status = ExecutionStatus(
                protobufName: "EXECUTION_STATUS_\(word.uppercased())"), status != .unspecified
        else { throw ValidationError("--status: '\(word)' is no state") }
        return StateFilter(status: status)
    }

    private static func trigger(_ word: String) throws -> TriggerKind {
        guard let kind = TriggerKind(protobufName: "TRIGGER_KIND_\(word.uppercased())"),
            kind != .unspecified
        else { throw ValidationError("--trigger: '\(word)' is no trigger") }
        return kind
    }
}

/// `signalbox list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists executions, newest first.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @OptionGroup var filter: FilterOptions
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 50
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    func validate() throws {
        guard (1...1_000).contains(limit) else {
            throw ValidationError("--limit: expected 1 to 1000, got \(limit)")
        }
    }

    func run() async throws {
        let request = ListExecutionsRequest(
            workspaceID: place.workspaceID, podID: place.podID, filter: try filter.filter(),
            pageSize: limit, pageToken: pageToken ?? "",
            redaction: redaction.mode)
        try await options.run { client in
            let page = try await client.listExecutions(request)
            Output(options).show(page) { Self.text(page) }
        }
    }

    private static func text(_ page: ListExecutionsResponse) -> String {
        let plain = ExecutionText(isColourful: false)
        var table = Table(["NUMBER", "WORKFLOW", "STATE", "TRIGGER", "CREATED", "ENDED"])
        for execution in page.executions {
            table.add([
                "\(execution.number)", "\(execution.workflowID) v\(execution.workflowVersion)",
                plain.state(execution),
                execution.trigger.shortName.lowercased(),
                ExecutionText.instant(execution.createTime),
                ExecutionText.instant(execution.endTime),
            ])
        }
        let more =
            page.nextPageToken.isEmpty
            ? "" : "\nmore: --page-token \(SafeText.line(page.nextPageToken))"
        return table.text(colourful: Terminal.isColourful()) + more
    }
}

/// `signalbox count`.
struct CountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Counts executions.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var filter: FilterOptions

    func run() async throws {
        let request = CountExecutionsRequest(
            workspaceID: place.workspaceID, podID: place.podID, filter: try filter.filter())
        try await options.run { client in
            let answer = try await client.countExecutions(request)
            Output(options).show(answer) { "\(answer.count)" }
        }
    }
}

/// `signalbox nodes`.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "Lists the node executions of an execution, or shows one.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "The execution's id or number.")
    var execution: String
    @Argument(help: "A node path, to show that one with its input and output.")
    var nodePath: String?
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 100
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    func run() async throws {
        try await options.run { client in
            if let nodePath {
                let found = try await client.getNodeExecution(
                    GetNodeExecutionRequest(
                        workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                        nodePath: nodePath, redaction: redaction.mode))
                return Output(options).show(found) {
                    """
                    \(Self.table([found]))
                    input   \(SafeText.line(found.inputJSON, max: 100_000))
                    output  \(SafeText.line(found.outputJSON, max: 100_000))
                    """
                }
            }
            let page = try await client.listNodeExecutions(
                ListNodeExecutionsRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    pageSize: limit, pageToken: pageToken ?? "",
                    view: options.json ? .full : .basic, redaction: redaction.mode))
            Output(options).show(page) {
                Self.table(page.nodeExecutions)
                    + (page.nextPageToken.isEmpty
                        ? "" : "\nmore: --page-token \(SafeText.line(page.nextPageToken))")
            }
        }
    }

    private static func table(_ nodes: [NodeExecution]) -> String {
        var table = Table(["NODE", "KIND", "STATE", "ATTEMPT", "STARTED", "ENDED", "ERROR"])
        for node in nodes {
            table.add([
                node.nodePath, node.kind,
                node.status.shortName, "\(node.attempt)",
                ExecutionText.instant(node.startTime), ExecutionText.instant(node.endTime),
                node.error.map { "\($0.code): \($0.message)" } ?? "",
            ])
        }
        return table.text(colourful: Terminal.isColourful())
    }
}

/// `signalbox watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Prints an execution's events, live, until it ends.",
        discussion: "The exit status tells how it stands: 0 completed, 1 failed, 2 cancelled.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("Only events after this one.", valueName: "sequence"))
    var after: Int64 = 0
    @Flag(help: "Leave inputs, outputs and answers out.")
    var withoutPayloads = false
    @Flag(help: "End, with status 3, when it needs an answer.")
    var untilSuspended = false

    func run() async throws {
        let status: Int32 = try await options.run { client in
            let follower = Follower(
                client: client, json: options.json, stopsWhenSuspended: untilSuspended)
            try await follower.follow(
                WatchRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                    afterSequence: after, withoutPayloads: withoutPayloads,
                    redaction: redaction.mode))
            return try await client.getExecution(
                GetExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution)
            )
            .exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }
}

/// `signalbox logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows an execution's structured log.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("debug, info, warning or error: at least.", valueName: "level"))
    var level: String?
    @Option(
        help: ArgumentHelp("Lines a page, 1 to 1000; all pages are shown.", valueName: "number"))
    var pageSize: Int32 = 1_000

    func run() async throws {
        var wanted = LogLevel.unspecified
        if let level {
            guard let known = LogLevel(protobufName: "LOG_LEVEL_\(level.uppercased())") else {
                throw ValidationError("--level: '\(level)' is no level")
            }
            wanted = known
        }
        try await options.run { client in
            var request = GetLogsRequest(
                workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                pageSize: pageSize, level: wanted,
                redaction: redaction.mode)
            repeat {
                let page = try await client.getLogs(request)
                for entry in page.entries {
                    Terminal.say(options.json ? entry.protobufJSON : Self.line(entry))
                }
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
        }
    }

    private static func line(_ entry: LogEntry) -> String {
        let level = entry.level.shortName.lowercased()
        return [ExecutionText.instant(entry.time), level, entry.nodePath, entry.message]
            .filter { !$0.isEmpty }.map { SafeText.line($0) }.joined(separator: "  ")
    }
}

/// `signalbox info`.
struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows the server, its limits, and who you are.")

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let info = try await client.getInfo()
            Output(options).show(info) {
                let who =
                    info.principal.map {
                        let role = $0.role.shortName.lowercased()
                        return
                            "\(SafeText.line($0.name)), \(role) of \(SafeText.line($0.workspaceID))"
                    } ?? "nobody: no token was given"
                let limits = info.limits.sorted { $0.key < $1.key }
                    .map { "  \(SafeText.line($0.key)) \($0.value)" }.joined(separator: "\n")
                return """
                    version     \(SafeText.line(info.version))
                    started     \(ExecutionText.instant(info.startTime))
                    you         \(who)
                    node kinds  \(info.nodeKinds.map { SafeText.line($0) }.joined(separator: " "))
                    limits
                    \(limits)
                    """
            }
        }
    }
}
