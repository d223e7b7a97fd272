internal import ArgumentParser
internal import Messages
internal import SignalboxClient

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
                        workspaceID: control.place.workspaceID, podID: control.place.podID,
                        executionID: control.execution, reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}
