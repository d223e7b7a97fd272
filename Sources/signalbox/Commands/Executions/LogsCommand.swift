internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows an execution's structured log.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var place: PlaceOptions
    @OptionGroup var redaction: RedactionOptions
    @Argument(help: "Its id or number.")
    var execution: String
    @Option(help: ArgumentHelp("At least.", valueName: "level"))
    var level: Choice<LogLevel>?
    @Option(
        help: ArgumentHelp("Lines a page, 1 to 1000; all pages are shown.", valueName: "number"))
    var pageSize: Int32 = 1_000

    func validate() throws { try PageOptions.check(pageSize, "--page-size") }

    func run() async throws {
        try await options.run { client in
            var request = GetLogsRequest(
                workspaceID: place.workspaceID, podID: place.podID, executionID: execution,
                pageSize: pageSize, level: level?.value ?? .unspecified,
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
