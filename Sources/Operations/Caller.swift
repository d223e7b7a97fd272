package import Messages

/// Who calls an operation, as the door found out.
package struct Caller: Sendable, Equatable {
    /// nil: the call carried no identity.
    package var principal: Principal?
    /// The W3C trace context that came with the call; empty where there is none.
    package var traceparent: String

    package init(_ principal: Principal?, traceparent: String = "") {
        self.principal = principal
        self.traceparent = traceparent
    }
}
