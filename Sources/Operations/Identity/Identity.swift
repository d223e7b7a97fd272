package import Messages
package import Model

/// Who a credential belongs to.
package struct Identity: Sendable, Equatable {
    package let principal: Principal
    /// 0: as many as the server allows everybody.
    package let callsPerMinute: Int
    /// The only execution it may watch, and nothing else; nil: no such bound.
    package let onlyExecutionID: String?
    /// When the credential ceases to work by itself; nil: never.
    package let expiresAt: WallTime?

    package init(
        _ principal: Principal, callsPerMinute: Int = 0, onlyExecutionID: String? = nil,
        expiresAt: WallTime? = nil
    ) {
        self.principal = principal
        self.callsPerMinute = callsPerMinute
        self.onlyExecutionID = onlyExecutionID
        self.expiresAt = expiresAt
    }

    /// As an operation's caller.
    package func caller(traceparent: String = "", origin: String = "") -> Caller {
        Caller(
            principal, traceparent: traceparent, origin: origin, onlyExecutionID: onlyExecutionID)
    }
}
