internal import Expressions
internal import JSON
internal import Messages
internal import Model

/// What a node kind is: the fields it reads, the edges it may have, and what it does once its
/// expressions are resolved. Everything here is a pure decision.
protocol NodeKind: Sendable {
    /// As it stands in `type`.
    static var name: String { get }

    /// The templates in which `.secrets` may be used.
    static var secretFields: Set<String> { get }

    /// Reads the fields of `data`; faults go into `fields`.
    init(_ fields: inout NodeFields)

    /// By which handles edges may leave.
    var handles: HandleRule { get }

    /// What to do, given what the node's expressions yielded.
    func step(_ node: NodeContext) -> NodeStep
}

extension NodeKind {
    static var secretFields: Set<String> { [] }
}

/// By which handles edges may leave a node.
struct HandleRule: Sendable {
    /// Whether an edge without a handle is allowed, and which handle it stands for.
    var plain: String? = ""
    /// The named handles, besides `error`.
    var named: [String] = []
    /// Whether `onError: continue` and `bypass` make sense: they leave by the plain edge.
    var canContinue = true

    /// One edge without a handle.
    static let plain = HandleRule()
    /// No edge at all.
    static let none = HandleRule(plain: nil)
}

/// What a step decision sees.
struct NodeContext {
    /// The node's input, a JSON document.
    var input: String
    /// The object of the node's templates, resolved.
    var data: JSONText
    /// When the attempt starts.
    var time: WallTime

    /// The resolved templates.
    var fields: JSONObject { (try? JSONValue(data))?.objectValue ?? JSONObject() }
}

/// What a node does.
enum NodeStep {
    /// It is done; `handle` is empty for kinds that do not choose.
    case complete(output: String, handle: String)
    case fail(NodeFailure)
    case log(LogLevel, String)
    case wait(until: WallTime)
    case interrupt(InterruptDraft)
    /// Something outside, once the start is committed.
    case body(NodeBody)
    /// A body for each of these items, JSON documents.
    case loop(items: [String])
    /// The first of its bodies.
    case attempt
    /// Something that goes on outside by itself; its rows go with the start's commit.
    case delegate(Delegation)
}

/// Why a node failed.
struct NodeFailure: Error, Sendable, Equatable {
    var code: String
    var message: String
    var detailsJSON = ""
    /// The node of a body that it happened in; empty: the node itself.
    var nodePath = ""

    init(_ code: String, _ message: String, detailsJSON: String = "") {
        self.code = code
        self.message = message
        self.detailsJSON = detailsJSON
    }

    /// The error of a body, as the failure of its node.
    init(_ error: ExecutionError) {
        self.init(error.code, error.message, detailsJSON: error.detailsJSON)
        nodePath = error.nodePath
    }

    init(_ error: ExpressionError) {
        self.init(error.code.rawValue, error.message)
    }

    /// As the output of a node that failed: what an `error` edge or `onError: continue` delivers.
    static func output(_ error: ExecutionError) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("code")
        writer.string(error.code)
        writer.key("message")
        writer.string(error.message)
        if !error.detailsJSON.isEmpty {
            writer.key("details")
            writer.raw(JSONText(trusted: error.detailsJSON))
        }
        writer.endObject()
        return writer.finish().text
    }
}

/// An interrupt before it has an id.
struct InterruptDraft {
    var type: InterruptType
    var message = ""
    var assignees: [String] = []
    var groups: [String] = []
    /// How many people have to approve.
    var approvalsNeeded: Int32 = 1
    /// Whoever triggered the execution may not decide.
    var isForOthersOnly = false
    var schemaJSON = ""
    var deadline: WallTime?
    /// When people are reminded, the soonest first.
    var reminders: [WallTime] = []
    /// What it waits for, where that is an event.
    var event: Event?

    /// A named event.
    struct Event {
        var name: String
        var key: String
    }
}

/// What touches the outside.
package enum NodeBody: Sendable, Equatable {
    case noop
    case http(HTTPPlan)
    case child(ChildPlan)
}
