internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime

/// What an author may choose of a webhook on the command line.
struct WebhookChoices: ParsableArguments {
    @Option(help: ArgumentHelp("A name for people.", valueName: "text"))
    var name: String?
    @Option(help: ArgumentHelp("How a sender is known (signature).", valueName: "how"))
    var verify: Choice<WebhookVerification>?
    @Option(help: ArgumentHelp("How old a signed time may be (300).", valueName: "seconds"))
    var replayWindow: Int64?
    @Option(help: ArgumentHelp("What the sender is answered (accepted).", valueName: "what"))
    var respond: Choice<WebhookResponse>?
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

    func apply(to spec: inout WebhookSpec) {
        if let name { spec.name = name }
        if let verify { spec.verification = verify.value }
        if let respond { spec.response = respond.value }
        if let replayWindow { spec.replayWindow = ProtobufDuration(seconds: replayWindow) }
        if let wait { spec.wait = ProtobufDuration(seconds: wait) }
        if !inputHeader.isEmpty { spec.inputHeaders = inputHeader }
        if let inputQuery { spec.inputQuery = inputQuery }
        if let rate { spec.callsPerMinute = rate }
        if let bodyMax { spec.bodyBytesMax = bodyMax }
        if let priority { spec.priority = priority }
    }
}
