package import Messages

/// What a person asks of an execution that goes on, beside answering it and cancelling it.
package struct ControlCommand: Sendable, Equatable {
    /// What is asked.
    package enum Action: Sendable, Equatable {
        /// Hold the whole execution.
        case pause
        /// End that.
        case resume
        /// Go on at a breakpoint or a pause; nil: the only one that is open.
        case pauseControl(PauseAction, interruptID: String?)
        case traceLogs(Bool)
    }

    package var action: Action
    /// The principal.
    package var by: String
    /// Why, for the record.
    package var reason: String

    package init(_ action: Action, by: String, reason: String = "") {
        self.action = action
        self.by = by
        self.reason = reason
    }
}
