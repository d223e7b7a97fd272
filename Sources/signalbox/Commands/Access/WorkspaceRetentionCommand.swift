internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox workspace retention`.
struct WorkspaceRetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Shows, changes or applies which final executions a workspace keeps.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var workspace: WorkspaceOption
    @Option(
        help: ArgumentHelp("Keep what ended in the last so many days; 0: all.", valueName: "number")
    )
    var days: Int32?
    @Option(help: ArgumentHelp("Keep the newest so many; 0: all.", valueName: "number"))
    var max: Int64?
    @Flag(help: "Erase now what is not kept.")
    var apply = false
    @Flag(help: "Erase nothing, and say how many --apply would erase.")
    var dryRun = false

    func validate() throws {
        guard !(apply && dryRun) else {
            throw ValidationError("--apply and --dry-run: expected one of them")
        }
    }

    func run() async throws {
        try await options.run { client in
            var settings = try await client.getSettings(
                GetSettingsRequest(workspaceID: workspace.id))
            if days != nil || max != nil {
                var retention = settings.retention ?? RetentionSettings()
                retention.days = days ?? retention.days
                retention.executionsMax = max ?? retention.executionsMax
                settings.retention = retention
                settings = try await client.updateSettings(
                    UpdateSettingsRequest(workspaceID: workspace.id, settings: settings))
            }
            guard apply || dryRun else {
                let retention = settings.retention ?? RetentionSettings()
                return Output(options).show(retention) { Self.text(retention) }
            }
            try await applied(client)
        }
    }

    private func applied(_ client: SignalboxClient) async throws {
        var sum = ApplyRetentionResponse()
        repeat {
            let answer = try await client.applyRetention(
                ApplyRetentionRequest(workspaceID: workspace.id, dryRun: dryRun))
            sum.erased += answer.erased
            sum.spared += answer.spared
            // A dry run would see the same again; and where nothing goes, nothing further is seen.
            sum.more = answer.more
            if dryRun || answer.erased == 0 { break }
        } while sum.more
        Output(options).show(sum) {
            "\(sum.erased) executions \(dryRun ? "would be " : "")erased, \(sum.spared) spared"
                + (sum.more ? ", and there are more" : "")
        }
    }

    private static func text(_ retention: RetentionSettings) -> String {
        let days = retention.days == 0 ? "all" : "\(retention.days)"
        let count = retention.executionsMax == 0 ? "all" : "\(retention.executionsMax)"
        return "days  \(days)\nmax   \(count)"
    }
}
