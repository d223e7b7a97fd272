internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox info`.
struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows the server, its limits, and who you are.")

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let info = try await client.getInfo()
            Output(options).show(info) {
                let who =
                    info.principal.map {
                        let role = $0.role.shortName.lowercased()
                        return
                            "\(SafeText.line($0.name)), \(role) of \(SafeText.line($0.workspaceID))"
                    } ?? "nobody: no token was given"
                let limits = info.limits.sorted { $0.key < $1.key }
                    .map { "  \(SafeText.line($0.key)) \($0.value)" }.joined(separator: "\n")
                return """
                    version     \(SafeText.line(info.version))
                    started     \(ExecutionText.instant(info.startTime))
                    you         \(who)
                    node kinds  \(info.nodeKinds.map { SafeText.line($0) }.joined(separator: " "))
                    limits
                    \(limits)
                    """
            }
        }
    }
}
