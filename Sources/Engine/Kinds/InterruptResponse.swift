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
    /// The groups that the principal is in.
    package var groups: [String]
    /// Whether the principal may answer what is meant for others.
    package var mayAnswerForOthers: Bool

    package init(
        interruptID: String? = nil, decision: Decision = .unspecified, dataJSON: String = "",
        reason: String = "", respondedBy: String = "", groups: [String] = [],
        mayAnswerForOthers: Bool = false
    ) {
        self.interruptID = interruptID
        self.decision = decision
        self.dataJSON = dataJSON
        self.reason = reason
        self.respondedBy = respondedBy
        self.groups = groups
        self.mayAnswerForOthers = mayAnswerForOthers
    }
}
