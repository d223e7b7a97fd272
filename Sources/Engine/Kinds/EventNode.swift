internal import JSON
internal import Messages
internal import Model

/// `event`: waits for a named event with the right correlation key; its data becomes the output.
/// Who may respond may answer in its place.
struct EventNode: InterruptKind {
    static let name = "event"

    /// In bytes.
    static let nameBytesMax = 128
    static let keyBytesMax = 256

    private let fields: InterruptFields

    init(_ fields: inout NodeFields) {
        let name = fields.template("event", isRequired: true, ofType: ["string"])
        if let text = name?.stringValue, !NodeFields.isExpression(name),
            !(1...Self.nameBytesMax).contains(text.utf8.count)
        {
            fields.fault(
                .badValue, "event", "expected a name of 1 to \(Self.nameBytesMax) bytes")
        }
        fields.template("key", ofType: ["string", "number"])
        self.fields = InterruptFields(&fields, actions: [.fail, .route])
    }

    var onDeadline: DeadlineAction { fields.onDeadline }

    var handles: HandleRule { HandleRule(plain: "", named: fields.handles) }

    func step(_ node: NodeContext) -> NodeStep {
        let values = node.fields
        let name = values["event"]?.stringValue ?? ""
        guard (1...Self.nameBytesMax).contains(name.utf8.count) else {
            return .fail(
                NodeFailure(
                    "BAD_EVENT",
                    "expected an event's name of 1 to \(Self.nameBytesMax) bytes, got "
                        + "\(values["event"]?.text.prefix(80) ?? "nothing")"))
        }
        let key = values["key"].map { $0.stringValue ?? $0.text } ?? ""
        guard key.utf8.count <= Self.keyBytesMax else {
            return .fail(
                NodeFailure(
                    "BAD_EVENT",
                    "a key of \(key.utf8.count) bytes exceeds the limit of \(Self.keyBytesMax)"))
        }
        do throws(NodeFailure) {
            var draft = try fields.draft(.event, node, schemaJSON: "")
            draft.event = InterruptDraft.Event(name: name, key: key)
            return .interrupt(draft)
        } catch {
            return .fail(error)
        }
    }

    func answered(_ response: InterruptResponse, votes: [Vote]) throws(AnswerRefusal)
        -> InterruptAnswer
    {
        if response.decision == .reject {
            return .rejected(output: InterruptFields.output(decision: "rejected", response))
        }
        return .accepted(
            .answered, output: response.dataJSON.isEmpty ? "null" : response.dataJSON, handle: "")
    }

    func approvedAtDeadline() -> InterruptAnswer { .rejected(output: "null") }
}
