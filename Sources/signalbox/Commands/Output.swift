internal import Messages
internal import ProtobufRuntime

/// Shows messages as the caller asked: for people, or as JSON.
struct Output {
    let json: Bool
    let isColourful: Bool

    init(_ options: ClientOptions) {
        json = options.json
        isColourful = Terminal.isColourful()
    }

    func show(_ execution: Execution) {
        Terminal.say(
            json
                ? execution.protobufJSON
                : ExecutionText(isColourful: isColourful).details(execution))
    }

    /// Says that something without an answer of its own is done; as JSON that is the empty message.
    func done(_ text: String) {
        Terminal.say(json ? "{}" : SafeText.line(text))
    }

    /// The message as JSON, or what `text` makes of it.
    func show(_ message: some ProtobufMessage, text: () -> String) {
        Terminal.say(json ? message.protobufJSON : text())
    }
}
