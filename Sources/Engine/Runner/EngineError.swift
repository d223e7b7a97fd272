internal import Messages
internal import Store
internal import ProtobufRuntime

/// Why the engine refused a call; what a door shows of it is stable.
package struct EngineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of refusal.
    package enum Code: Sendable {
        case permissionDenied, notFound, invalidArgument, failedPrecondition, alreadyExists,
            resourceExhausted
        case unavailable, aborted, `internal`
    }

    /// One field that is wrong.
    package struct Violation: Sendable, Equatable {
        package let field: String
        package let description: String

        package init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    package let code: Code
    /// Stable and upper case, as in the comments of `execution_service.proto`.
    package let reason: String
    /// What was expected and what came, lower case.
    package let message: String
    package let violations: [Violation]
    /// With `.resourceExhausted`: when to try again.
    package let retryAfter: Duration?
    package let metadata: [String: String]

    package init(
        _ code: Code, reason: String, _ message: String, violations: [Violation] = [],
        retryAfter: Duration? = nil, metadata: [String: String] = [:]
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.violations = violations
        self.retryAfter = retryAfter
        self.metadata = metadata
    }

    package var description: String { "\(reason): \(message)" }
}

extension EngineError {
    init(_ error: StoreError) {
        switch error.code {
        case .overloaded:
            self.init(
                .resourceExhausted, reason: "OVERLOADED", error.message, retryAfter: .seconds(1))
        case .unavailable:
            self.init(.unavailable, reason: "STORE_UNAVAILABLE", error.message)
        default:
            self.init(.unavailable, reason: "STORE_FAILED", "the store failed; try again")
        }
    }

    init(_ refusal: ExecutionRefusal) {
        switch refusal {
        case .final(let status):
            self.init(
                .failedPrecondition, reason: "EXECUTION_FINAL",
                "the execution has ended: it is \(status.shortName)")
        case .notSuspended:
            self.init(
                .failedPrecondition, reason: "NOT_SUSPENDED",
                "nothing is to be answered: no interrupt is open")
        case .ambiguous(let ids):
            self.init(
                .failedPrecondition, reason: "INTERRUPT_AMBIGUOUS",
                "\(ids.count) interrupts are open; name one of \(ids.joined(separator: ", "))",
                metadata: ["interrupt_ids": ids.joined(separator: ",")])
        case .interruptClosed(let id):
            self.init(
                .failedPrecondition, reason: "INTERRUPT_CLOSED",
                "the interrupt '\(id)' was answered or closed before")
        case .interruptUnknown(let id):
            self.init(
                .notFound, reason: "INTERRUPT_NOT_FOUND", "there is no interrupt '\(id)'",
                metadata: ["interrupt_id": id])
        case .answer(let refusal):
            self.init(
                .invalidArgument, reason: refusal.reason, refusal.message,
                violations: refusal.violations.map {
                    Violation(field: $0.field, description: $0.description)
                })
        case .notAssigned(let id):
            self.init(
                .permissionDenied, reason: "NOT_ASSIGNED",
                "'\(id)' is meant for others: you are neither among its assignees nor in its groups",
                metadata: ["interrupt_id": id])
        case .selfApproval(let id):
            self.init(
                .permissionDenied, reason: "SELF_APPROVAL",
                "whoever triggered the execution may not decide '\(id)'",
                metadata: ["interrupt_id": id])
        case .votedAlready(let id):
            self.init(
                .failedPrecondition, reason: "ALREADY_VOTED",
                "you approved '\(id)' before; it needs others", metadata: ["interrupt_id": id])
        case .needsContinue(let id):
            self.init(
                .failedPrecondition, reason: "INTERRUPT_NEEDS_CONTINUE",
                "'\(id)' is a breakpoint or a pause: it is continued and not answered",
                metadata: ["interrupt_id": id])
        case .needsAnswer(let id):
            self.init(
                .failedPrecondition, reason: "INTERRUPT_NEEDS_ANSWER",
                "'\(id)' waits for an answer or an event: it is not continued",
                metadata: ["interrupt_id": id])
        case .notPaused(let waiting):
            let others = waiting.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
            self.init(
                .failedPrecondition, reason: "NOT_PAUSED",
                "the execution is not paused"
                    + (waiting.isEmpty ? "" : "; it waits for an answer to \(others)"))
        case .pausedAlready:
            self.init(
                .failedPrecondition, reason: "ALREADY_PAUSED", "the execution is paused already")
        case .skipImpossible(let id):
            self.init(
                .failedPrecondition, reason: "SKIP_IMPOSSIBLE",
                "'\(id)' cannot be skipped: expected a breakpoint before a node that neither chooses "
                    + "its edge nor waits for people or for a child execution",
                metadata: ["interrupt_id": id])
        case .stale:
            self.init(.internal, reason: "STALE", "the attempt is over")
        }
    }

    static let notFound = EngineError(
        .notFound, reason: "EXECUTION_NOT_FOUND", "there is no such execution")

    static let draining = EngineError(
        .unavailable, reason: "DRAINING", "the server is stopping", retryAfter: .seconds(1))

    static let requestMismatch = EngineError(
        .alreadyExists, reason: "REQUEST_MISMATCH",
        "the request id was used before with a different request")
}

extension EngineError {
    static let unavailableWrite = EngineError(
        .unavailable, reason: "STORE_FAILED", "the store failed; try again")

    /// Never leaves the engine: the caller gets the execution of the first request.
    static let requestRepeated = EngineError(
        .alreadyExists, reason: "REQUEST_REPEATED", "the request was taken before")

    /// Whether the store works and only said no.
    var isRefusal: Bool { code == .alreadyExists || code == .notFound }
}
