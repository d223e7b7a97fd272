internal import ArgumentParser
internal import Messages
internal import SignalboxClient
internal import ProtobufRuntime

/// `signalbox workspace redaction`.
struct WorkspaceRedactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redaction",
        abstract: "Shows or changes what a workspace masks for those who do not ask to reveal.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var workspace: WorkspaceOption
    @Option(help: ArgumentHelp("Of which executions to mask.", valueName: "policy"))
    var policy: Choice<RedactionPolicy>?
    @Option(
        help: ArgumentHelp(
            "With --policy, a built-in rule to leave out: keys, email, card, ssn, phone, api_key, "
                + "jwt or bearer. Repeatable.", valueName: "rule"))
    var without: [String] = []

    func validate() throws {
        guard policy != nil || without.isEmpty else {
            throw ValidationError("--without: expected only with --policy")
        }
    }

    func run() async throws {
        try await options.run { client in
            var settings = try await client.getSettings(
                GetSettingsRequest(workspaceID: workspace.id))
            if let policy {
                settings.redaction = RedactionSettings(policy: policy.value, withoutRules: without)
                settings = try await client.updateSettings(
                    UpdateSettingsRequest(workspaceID: workspace.id, settings: settings))
            }
            let redaction = settings.redaction ?? RedactionSettings(policy: .nothing)
            Output(options).show(redaction) { Self.text(redaction) }
        }
    }

    private static func text(_ redaction: RedactionSettings) -> String {
        let without = redaction.withoutRules.map { SafeText.line($0) }.joined(separator: " ")
        return "policy   \(Choice.word(redaction.policy))"
            + (without.isEmpty ? "" : "\nwithout  \(without)")
    }
}
