internal import ArgumentParser
internal import Messages
internal import SignalboxClient

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
                        workspaceID: control.place.workspaceID, podID: control.place.podID,
                        executionID: control.execution, action: action,
                        interruptID: interrupt ?? "", reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}
