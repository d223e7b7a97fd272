internal import ArgumentParser
internal import Messages
internal import SignalboxClient

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
                        workspaceID: control.place.workspaceID, podID: control.place.podID,
                        executionID: control.execution, reason: control.reason ?? "",
                        requestID: control.requestID ?? "")))
        }
    }
}
