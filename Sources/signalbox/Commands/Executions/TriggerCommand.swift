internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox trigger`.
struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Starts an execution.",
        discussion: """
            With --watch its events are printed until it ends, with --wait it is printed once it has \
            ended or needs an answer; the exit status then tells how it stands.
            """)

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @Argument(help: "The workflow's id.")
    var workflow: String
    @Option(help: ArgumentHelp("JSON, @FILE, or - for standard input.", valueName: "json"))
    var input: String?
    @Option(
        help: ArgumentHelp("The same as --input @FILE.", valueName: "file"), completion: .file())
    var inputFile: String?
    @Option(help: ArgumentHelp("The version; the newest by default.", valueName: "number"))
    var version: Int32 = 0
    @Option(help: ArgumentHelp("A key, unique among what has not ended.", valueName: "key"))
    var key: String?
    @Flag(help: "With --key in use: take that execution instead of failing.")
    var attach = false
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?
    @Option(help: ArgumentHelp("-100 to 100; higher runs first.", valueName: "number"))
    var priority: Int32 = 0
    @Option(help: ArgumentHelp("A tag's id or name. Repeatable.", valueName: "tag"))
    var tag: [String] = []
    @Option(help: ArgumentHelp("Not to be started before (RFC 3339).", valueName: "time"))
    var notBefore: String?
    @Option(help: ArgumentHelp("To be started so much later.", valueName: "seconds"))
    var delay: Int64?
    @Option(help: ArgumentHelp("Stop at these nodes.", valueName: "nodes"))
    var breakpoints: Choice<BreakpointScope>?
    @Option(
        help: ArgumentHelp(
            "With --breakpoints: stop before the node, behind it, or both.", valueName: "place"))
    var breakAt: Choice<BreakpointPlace>?
    @Flag(help: "Log what each node gets and gives, at level debug.")
    var traceLogs = false
    @Flag(help: "Print its events until it ends.")
    var watch = false
    @Flag(help: "With --watch: end, with status 3, when it needs an answer.")
    var untilSuspended = false
    @Flag(help: "Return once it has ended or needs an answer.")
    var wait = false
    @Option(help: ArgumentHelp("The longest to --wait (3600).", valueName: "seconds"))
    var waitMax: Int64 = 3_600

    func validate() throws {
        guard input == nil || inputFile == nil else {
            throw ValidationError("--input and --input-file: expected one of them")
        }
        guard breakAt == nil || breakpoints != nil else {
            throw ValidationError("--break-at: expected --breakpoints beside it")
        }
        guard !(watch && wait) else { throw ValidationError("--watch and --wait: expected one") }
    }

    func run() async throws {
        var text = try input.map { try TextArgument.read($0, flag: "--input") } ?? ""
        if let inputFile { text = try TextArgument.file(inputFile, flag: "--input-file") }
        let request = TriggerRequest(
            workspaceID: place.workspaceID, podID: place.podID, workflowID: workflow,
            version: version, inputJSON: text,
            requestID: requestID ?? "", key: key ?? "",
            conflictPolicy: attach ? .attach : .fail,
            wait: wait ? ProtobufDuration(seconds: waitMax) : nil, priority: priority,
            trigger: .manual,
            breakpoints: breakpoints.map {
                Breakpoints(enabled: true, at: breakAt?.value ?? .unspecified, nodes: $0.value)
            }, traceLogs: traceLogs, tags: tag,
            notBefore: try notBefore.map { try TimeArgument.instant($0, "--not-before") },
            delay: delay.map { ProtobufDuration(seconds: $0) })
        let status: Int32 = try await options.run { client in
            let answer = try await client.trigger(request)
            guard var execution = answer.execution else { return 70 }
            guard watch else {
                Output(options).show(execution)
                return wait ? execution.exitStatus : 0
            }
            let follower = Follower(
                client: client, json: options.json, stopsWhenSuspended: untilSuspended)
            try await follower.follow(
                WatchRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution.id))
            execution = try await client.getExecution(
                GetExecutionRequest(
                    workspaceID: place.workspaceID, podID: place.podID, executionID: execution.id,
                    view: .full))
            if !options.json { Output(options).show(execution) }
            return execution.exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }
}
