internal import ArgumentParser
internal import Messages
internal import SignalboxClient

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
