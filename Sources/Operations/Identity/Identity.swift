package import Messages

/// Who a credential belongs to.
package struct Identity: Sendable, Equatable {
    package let principal: Principal
    /// 0: as many as the server allows everybody.
    package let callsPerMinute: Int
    /// The only execution it may watch, and nothing else; nil: no such bound.
    package let onlyExecutionID: String?

    package init(_ principal: Principal, callsPerMinute: Int = 0, onlyExecutionID: String? = nil) {
        self.principal = principal
        self.callsPerMinute = callsPerMinute
        self.onlyExecutionID = onlyExecutionID
    }

    /// As an operation's caller.
    package func caller(traceparent: String = "", origin: String = "") -> Caller {
        Caller(
            principal, traceparent: traceparent, origin: origin, onlyExecutionID: onlyExecutionID)
    }
}
