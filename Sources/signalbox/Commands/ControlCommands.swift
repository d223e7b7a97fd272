internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// What the commands that hold an execution and let it go on share.
struct ControlOptions: ParsableArguments {
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason: String?
    @Option(help: ArgumentHelp("Makes a repeat of this command safe.", valueName: "id"))
    var requestID: String?
}

/// `signalbox pause`.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Holds a whole execution: nodes at work end, no further one starts.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var control: ControlOptions

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.pause(
                    PauseRequest(
                        executionID: control.execution, reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}

/// `signalbox resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets an execution that was paused go on.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var control: ControlOptions

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.resume(
                    ResumeRequest(
                        executionID: control.execution, reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}

/// `signalbox continue`.
struct ContinueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "continue",
        abstract: "Lets an execution go on at a breakpoint or a pause.", aliases: ["step"])

    @OptionGroup var options: ClientOptions
    @OptionGroup var control: ControlOptions
    @Flag(help: "Bypass the node that a breakpoint holds: its input is its output.")
    var skip = false
    @Flag(help: "Cancel the execution.")
    var stop = false
    @Flag(help: "Stop at no further breakpoint.")
    var withoutBreakpoints = false
    @Option(help: ArgumentHelp("Which, where several are open.", valueName: "id"))
    var interrupt: String?

    func validate() throws {
        guard [skip, stop, withoutBreakpoints].count(where: \.self) <= 1 else {
            throw ValidationError("--skip, --stop and --without-breakpoints: expected one of them")
        }
    }

    private var action: PauseAction {
        if skip { return .skip }
        if stop { return .stop }
        return withoutBreakpoints ? .continueWithoutBreakpoint : .continue
    }

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.pauseControl(
                    PauseControlRequest(
                        executionID: control.execution, action: action,
                        interruptID: interrupt ?? "", reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}

/// `signalbox trace`.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Turns the trace logs of an execution on or off; 'logs --level debug' shows them."
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Argument(help: "on or off.")
    var state: State

    enum State: String, ExpressibleByArgument, CaseIterable { case on, off }

    func run() async throws {
        try await options.run { client in
            Output(options).show(
                try await client.setTraceLogs(
                    SetTraceLogsRequest(executionID: execution, enabled: state == .on)))
        }
    }
}
