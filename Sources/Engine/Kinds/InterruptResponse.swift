package import Messages

/// An answer to an interrupt.
package struct InterruptResponse: Sendable, Equatable {
    /// nil: the only one that is open.
    package var interruptID: String?
    package var decision: Decision
    /// A JSON document; empty where none is given.
    package var dataJSON: String
    /// Why, for the record.
    package var reason: String
    /// The principal.
    package var respondedBy: String

    package init(
        interruptID: String? = nil, decision: Decision = .unspecified, dataJSON: String = "",
        reason: String = "", respondedBy: String = ""
    ) {
        self.interruptID = interruptID
        self.decision = decision
        self.dataJSON = dataJSON
        self.reason = reason
        self.respondedBy = respondedBy
    }
}
