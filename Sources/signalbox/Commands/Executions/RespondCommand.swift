internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox respond`.
struct RespondCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "respond", abstract: "Answers what an execution waits for.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
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
            workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
            interruptID: interrupt ?? "",
            decision: approve ? .approve : reject ? .reject : .unspecified,
            dataJSON: try data.map { try TextArgument.read($0, flag: "--data") } ?? "",
            reason: reason ?? "", requestID: requestID ?? "")
        try await options.run { client in
            Output(options).show(try await client.respond(request))
        }
    }
}
