internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox respond`.
struct RespondCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "respond", abstract: "Answers what an execution waits for.")

    @OptionGroup var options: ClientOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Flag(help: "Approve.")
    var approve = false
    @Flag(help: "Reject.")
    var reject = false
    @Option(help: ArgumentHelp("The answer: JSON, @FILE, or -.", valueName: "json"))
    var data: String?
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason: String?
    @Option(help: ArgumentHelp("Which, where several are open.", valueName: "id"))
    var interrupt: String?
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?

    func validate() throws {
        guard !(approve && reject) else {
            throw ValidationError("--approve and --reject: expected one of them")
        }
        guard approve || reject || data != nil else {
            throw ValidationError("expected --approve, --reject or --data")
        }
    }

    func run() async throws {
        let request = RespondRequest(
            executionID: execution, interruptID: interrupt ?? "",
            decision: approve ? .approve : reject ? .reject : .unspecified,
            dataJSON: try data.map { try TextArgument.read($0, flag: "--data") } ?? "",
            reason: reason ?? "", requestID: requestID ?? "")
        try await options.run { client in
            Output(options).show(try await client.respond(request))
        }
    }
}

/// `signalbox cancel`.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels an execution that has not ended.")

    @OptionGroup var options: ClientOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason: String?
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.cancel(
                    CancelExecutionRequest(
                        executionID: execution, reason: reason ?? "", requestID: requestID ?? "")))
        }
    }
}

/// `signalbox replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs an execution that has ended again, as a new one.")

    @OptionGroup var options: ClientOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(
        help: ArgumentHelp("Begin at this node, with the results before it.", valueName: "node"))
    var from: String?
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?
    @Flag(help: "Print its events until it ends.")
    var watch = false
    @Flag(help: "With --watch: end, with status 3, when it needs an answer.")
    var untilSuspended = false

    func run() async throws {
        let status: Int32 = try await options.run { client in
            let new = try await client.replay(
                ReplayRequest(
                    executionID: execution, fromNodeID: from ?? "", requestID: requestID ?? ""))
            guard watch else {
                Output(options).show(new)
                return 0
            }
            let follower = Follower(
                client: client, json: options.json, stopsWhenSuspended: untilSuspended)
            try await follower.follow(WatchRequest(executionID: new.id))
            let now = try await client.getExecution(
                GetExecutionRequest(executionID: new.id, view: .full))
            if !options.json { Output(options).show(now) }
            return now.exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }
}

/// `signalbox delete`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Erases an execution that has ended.")

    @OptionGroup var options: ClientOptions
    @Argument(help: "Its id or number.")
    var execution: String

    func run() async throws {
        try await options.run { client in
            try await client.deleteExecution(DeleteExecutionRequest(executionID: execution))
            if !options.json { Terminal.say("erased \(execution)") }
        }
    }
}
