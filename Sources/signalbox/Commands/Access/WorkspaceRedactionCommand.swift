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
    @Option(help: ArgumentHelp("nothing, all or non-manual.", valueName: "policy"))
    var policy: String?
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
        let chosen = try policy.map { word in
            let name = word.uppercased().replacing("-", with: "_")
            guard let known = RedactionPolicy(protobufName: "REDACTION_POLICY_\(name)"),
                known != .unspecified
            else { throw ValidationError("--policy: '\(word)' is no policy") }
            return known
        }
        try await options.run { client in
            var settings = try await client.getSettings(
                GetSettingsRequest(workspaceID: workspace.id))
            if let chosen {
                settings.redaction = RedactionSettings(policy: chosen, withoutRules: without)
                settings = try await client.updateSettings(
                    UpdateSettingsRequest(workspaceID: workspace.id, settings: settings))
            }
            let redaction = settings.redaction ?? RedactionSettings(policy: .nothing)
            Output(options).show(redaction) { Self.text(redaction) }
        }
    }

    private static func text(_ redaction: RedactionSettings) -> String {
        let policy = redaction.policy.shortName
        let without = redaction.withoutRules.map { SafeText.line($0) }.joined(separator: " ")
        return "policy   \(policy.lowercased().replacing("_", with: "-"))"
            + (without.isEmpty ? "" : "\nwithout  \(without)")
    }
}
