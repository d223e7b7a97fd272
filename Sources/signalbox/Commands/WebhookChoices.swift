internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime

/// What an author may choose of a webhook on the command line.
struct WebhookChoices: ParsableArguments {
    @Option(help: ArgumentHelp("A name for people.", valueName: "text"))
    var name: String?
    @Option(
        help: ArgumentHelp(
            "signature (the default), github, stripe, slack, shared-secret or none.",
            valueName: "how"))
    var verify: String?
    @Option(help: ArgumentHelp("How old a signed time may be (300).", valueName: "seconds"))
    var replayWindow: Int64?
    @Option(help: ArgumentHelp("accepted (the default) or output.", valueName: "what"))
    var respond: String?
    @Option(
        help: ArgumentHelp("With --respond output: the longest wait (30).", valueName: "seconds"))
    var wait: Int64?
    @Option(help: ArgumentHelp("A header field for the input. Repeatable.", valueName: "name"))
    var inputHeader: [String] = []
    @Flag(inversion: .prefixedNo, help: "Whether the query becomes part of the input.")
    var inputQuery: Bool?
    @Option(help: ArgumentHelp("Deliveries a minute (600).", valueName: "number"))
    var rate: Int32?
    @Option(help: ArgumentHelp("The largest body (1048576).", valueName: "bytes"))
    var bodyMax: Int32?
    @Option(help: ArgumentHelp("-100 to 100; higher runs first.", valueName: "number"))
    var priority: Int32?

    func apply(to spec: inout WebhookSpec) throws {
        if let name { spec.name = name }
        if let verify {
            spec.verification = try Self.value(verify, "--verify", WebhookText.word)
        }
        if let respond { spec.response = try Self.value(respond, "--respond", WebhookText.word) }
        if let replayWindow { spec.replayWindow = ProtobufDuration(seconds: replayWindow) }
        if let wait { spec.wait = ProtobufDuration(seconds: wait) }
        if !inputHeader.isEmpty { spec.inputHeaders = inputHeader }
        if let inputQuery { spec.inputQuery = inputQuery }
        if let rate { spec.callsPerMinute = rate }
        if let bodyMax { spec.bodyBytesMax = bodyMax }
        if let priority { spec.priority = priority }
    }

    private static func value<Value: ProtobufEnum>(
        _ text: String, _ flag: String, _ word: (Value) -> String
    ) throws -> Value {
        let words = Value.allCases.map(word).filter { $0 != "unspecified" }
        guard let value = Value.allCases.first(where: { word($0) == text }), words.contains(text)
        else {
            throw ValidationError(
                "\(flag): expected \(words.joined(separator: ", ")), got '\(text)'")
        }
        return value
    }
}

/// A webhook's secret on the command line: as text, `@FILE`, or `-` for standard input.
enum SecretInput {
    static var help: ArgumentHelp {
        ArgumentHelp(
            "The sender's secret, @FILE, or - for standard input; a new one by default.",
            valueName: "text")
    }

    static func read(_ argument: String?) throws -> String {
        guard let argument else { return "" }
        var text = try TextArgument.read(argument, flag: "--secret")
        if text.last == "\n" { text.removeLast() }
        return text
    }
}

/// Webhooks, for people.
enum WebhookText {
    static func word(_ verification: WebhookVerification) -> String {
        plain(verification)
    }

    static func word(_ response: WebhookResponse) -> String {
        plain(response)
    }

    private static func plain(_ value: some ProtobufEnum) -> String {
        value.shortName.lowercased().replacing("_", with: "-")
    }

    static func table(_ webhooks: [Webhook]) -> Table {
        var table = Table(["ID", "WORKFLOW", "VERIFIED BY", "STATE", "NAME"])
        for webhook in webhooks {
            let spec = webhook.spec ?? WebhookSpec()
            table.add([
                webhook.id, spec.workflowID, verification(spec),
                webhook.disabled ? "disabled" : "enabled", spec.name,
            ])
        }
        return table
    }

    static func table(_ deliveries: [WebhookDelivery]) -> Table {
        var table = Table(["RECEIVED", "EXECUTION", "DELIVERY", "FROM", "WHY"])
        for delivery in deliveries {
            table.add([
                ExecutionText.instant(delivery.time),
                delivery.executionNumber == 0 ? "" : "\(delivery.executionNumber)",
                delivery.deliveryID, delivery.origin,
                delivery.reason.isEmpty ? "" : "\(delivery.reason): \(delivery.message)",
            ])
        }
        return table
    }

    static func withSecret(_ made: WebhookWithSecret) -> String {
        let text = details(made.webhook ?? Webhook())
        return made.secret.isEmpty
            ? text : text + "\nsecret (shown once): \(SafeText.line(made.secret, max: 1_000))"
    }

    /// Everything, a line each.
    static func details(_ webhook: Webhook) -> String {
        let spec = webhook.spec ?? WebhookSpec()
        var lines = [
            "webhook      \(webhook.id)" + (webhook.disabled ? " (disabled)" : ""),
            "workflow     \(spec.workflowID)", "path         \(webhook.path)",
            "verified by  \(verification(spec))", "runs as      \(webhook.runsAs)",
        ]
        if !spec.name.isEmpty { lines.append("name         \(spec.name)") }
        if spec.response == .output { lines.append("answers      the output") }
        let text = lines.map { SafeText.line($0, max: 1_000) }.joined(separator: "\n")
        return webhook.recentDeliveries.isEmpty
            ? text
            : text + "\n\n"
                + table(webhook.recentDeliveries).text(colourful: Terminal.isColourful())
    }

    private static func verification(_ spec: WebhookSpec) -> String {
        spec.verification == .unspecified
            ? word(WebhookVerification.signature) : word(spec.verification)
    }
}
