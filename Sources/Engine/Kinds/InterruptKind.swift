internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime

/// A node kind that waits for an answer.
protocol InterruptKind: NodeKind {
    var onDeadline: DeadlineAction { get }

    /// Whether people decide there, so that skipping the node would decide in their place.
    var isDecision: Bool { get }

    /// What an answer means; throws a refusal where it is not one that the node takes.
    /// - Parameter votes: the approvals before it, where several are needed.
    func answered(_ response: InterruptResponse, votes: [Vote]) throws(AnswerRefusal)
        -> InterruptAnswer

    /// What a deadline that approves yields.
    func approvedAtDeadline() -> InterruptAnswer
}

extension InterruptKind {
    var isDecision: Bool { true }
}

/// What happens when nobody answered in time.
enum DeadlineAction: String, CaseIterable {
    case approve, reject, fail, route
}

/// Why an answer cannot be taken.
struct AnswerRefusal: Error, Equatable {
    var reason: String
    var message: String
    var violations: [(field: String, description: String)] = []

    static func == (left: Self, right: Self) -> Bool {
        left.reason == right.reason && left.message == right.message
    }
}

/// What an answer means.
enum InterruptAnswer: Equatable {
    /// The node completes and leaves by `handle`; an empty output is the node's input.
    case accepted(InterruptOutcome, output: String, handle: String)
    /// It follows the `rejected` edge or fails the execution.
    case rejected(output: String)
}

/// The fields that approvals and questions share.
struct InterruptFields {
    private let hasDeadline: Bool
    let onDeadline: DeadlineAction
    private let isForOthersOnly: Bool
    private let reminders: [ReminderRule]

    init(_ fields: inout NodeFields, actions: [DeadlineAction]) {
        fields.template("message", ofType: ["string"])
        Self.readNames("assignees", &fields)
        Self.readNames("groups", &fields)
        isForOthersOnly = fields.bool("noSelfApproval") ?? false
        let deadline = fields.template("deadline", ofType: ["string"])
        hasDeadline = deadline != nil
        if let text = deadline?.stringValue, !NodeFields.isExpression(deadline),
            Self.instant(text, from: WallTime(microseconds: 0)) == nil
        {
            fields.fault(
                .badDuration, "deadline", "expected a duration or an instant, got '\(text)'")
        }
        reminders = ReminderRule.read(&fields, hasDeadline: deadline != nil)
        let action = fields.choice("onDeadline", of: actions.map(\.rawValue))
        if action != nil, deadline == nil {
            fields.fault(.missingField, "deadline", "expected 'deadline' beside 'onDeadline'")
        }
        onDeadline = action.flatMap(DeadlineAction.init(rawValue:)) ?? .fail
    }

    private static func readNames(_ field: String, _ fields: inout NodeFields) {
        guard let value = fields.value(field) else { return }
        guard let elements = value.arrayValue, elements.count <= 100,
            elements.allSatisfy({ $0.stringValue.map { !$0.isEmpty } ?? false })
        else {
            fields.fault(
                .badType, field, "expected an array of at most 100 names, got \(value.text)")
            return
        }
        fields.template(field, value)
    }

    /// The deadline's own handle, where it has one.
    var handles: [String] { onDeadline == .route ? ["deadline"] : [] }

    func draft(
        _ type: InterruptType, _ node: NodeContext, schemaJSON: String
    ) throws(NodeFailure) -> InterruptDraft {
        let fields = node.fields
        var draft = InterruptDraft(type: type)
        draft.message = fields["message"].map { $0.stringValue ?? $0.text } ?? ""
        draft.assignees = Self.names(fields["assignees"])
        draft.groups = Self.names(fields["groups"])
        draft.isForOthersOnly = isForOthersOnly
        draft.schemaJSON = schemaJSON
        if hasDeadline {
            guard let text = fields["deadline"]?.stringValue,
                let deadline = Self.instant(text, from: node.time)
            else {
                throw NodeFailure(
                    "BAD_DEADLINE",
                    "expected a duration or an instant, got \(fields["deadline"]?.text ?? "nothing")"
                )
            }
            draft.deadline = deadline
        }
        draft.reminders = ReminderRule.instants(
            reminders, from: node.time, deadline: draft.deadline)
        return draft
    }

    private static func names(_ value: JSONValue?) -> [String] {
        value?.arrayValue?.map { $0.stringValue ?? $0.text } ?? []
    }

    /// What a schema says to an answer.
    static func check(_ dataJSON: String, _ schema: JSONSchema, _ what: String)
        throws(AnswerRefusal)
    {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: dataJSON)
        } catch {
            throw AnswerRefusal(
                reason: "ANSWER_INVALID", message: "the answer is no JSON: \(error)",
                violations: [("data_json", error.description)])
        }
        let faults = schema.validate(value)
        guard faults.isEmpty else {
            throw AnswerRefusal(
                reason: "ANSWER_INVALID",
                message: "the answer does not satisfy the \(what)'s schema: \(faults[0])",
                violations: faults.map { ("data_json\($0.pointer)", $0.message) })
        }
    }

    private static func instant(_ text: String, from time: WallTime) -> WallTime? {
        if let duration = DurationText.parse(text) { return time.advanced(by: duration) }
        return WallTime(rfc3339: text)
    }

    /// The JSON that a decision becomes.
    /// - Parameter votes: every approval, where several were needed.
    static func output(decision: String, _ response: InterruptResponse, votes: [Vote] = [])
        -> String
    {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("decision")
        writer.string(decision)
        writer.key("respondedBy")
        writer.string(response.respondedBy)
        writer.key("reason")
        writer.string(response.reason)
        writer.key("data")
        writer.raw(JSONText(trusted: response.dataJSON.isEmpty ? "null" : response.dataJSON))
        if !votes.isEmpty {
            writer.key("approvals")
            writer.beginArray()
            for vote in votes { write(vote, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        return writer.finish().text
    }

    /// What an approval takes in the output.
    static func bytes(of vote: Vote) -> Int {
        var writer = JSONWriter()
        write(vote, to: &writer)
        return writer.finish().text.utf8.count
    }

    private static func write(_ vote: Vote, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("respondedBy")
        writer.string(vote.principal)
        writer.key("time")
        writer.string(vote.time?.rfc3339 ?? "")
        writer.key("reason")
        writer.string(vote.reason)
        writer.key("data")
        writer.raw(JSONText(trusted: vote.dataJSON.isEmpty ? "null" : vote.dataJSON))
        writer.endObject()
    }
}
