package import Messages

/// Who calls an operation, as the door found out.
package struct Caller: Sendable, Equatable {
    /// nil: the call carried no identity.
    package var principal: Principal?
    /// The W3C trace context that came with the call; empty where there is none.
    package var traceparent: String
    /// From where the call came, for the audit log: `grpc 10.0.0.7:51234`.
    package var origin: String
    /// The only execution the caller may watch, and nothing else: it came with a stream ticket.
    package var onlyExecutionID: String?
    /// The role that the door asks for where the table asks for less; nil: the table decides alone.
    package var roleMin: Role?

    package init(
        _ principal: Principal?, traceparent: String = "", origin: String = "",
        onlyExecutionID: String? = nil
    ) {
        self.principal = principal
        self.traceparent = traceparent
        self.origin = origin
        self.onlyExecutionID = onlyExecutionID
    }
}
