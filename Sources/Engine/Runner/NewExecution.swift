package import Messages
package import Model

/// What a trigger asks for.
package struct NewExecution: Sendable {
    /// Makes a repeat safe.
    package struct Request: Sendable {
        package let method: String
        package let id: String
        /// SHA-256 of the request without its id.
        package let hash: [UInt8]

        package init(method: String, id: String, hash: [UInt8]) {
            self.method = method
            self.id = id
            self.hash = hash
        }
    }

    package var workspaceID: String
    package var podID: String
    package var workflowID: String
    /// nil: the newest.
    package var version: Int32?
    /// A JSON document; empty: `null`, or `{}` where the workflow has an input schema.
    package var inputJSON: String
    package var key: String
    package var conflictPolicy: ConflictPolicy
    package var priority: Int32
    package var trigger: TriggerKind
    package var triggeredBy: String
    package var traceparent: String
    package var request: Request?
    package var sourceID: String
    package var parentID: String
    package var fromNodeID: String
    /// Ids of tags of the workspace.
    package var tagIDs: [String] = []
    /// Not to be started before; nil: at once.
    package var notBefore: WallTime?
    /// Where it stops to be looked at.
    package var breakpoints: Breakpoints?
    package var traceLogs: Bool

    package init(
        workspaceID: String, podID: String = "", workflowID: String, version: Int32? = nil,
        inputJSON: String = "", key: String = "", conflictPolicy: ConflictPolicy = .unspecified,
        priority: Int32 = 0, trigger: TriggerKind = .api, triggeredBy: String = "",
        traceparent: String = "", request: Request? = nil, sourceID: String = "",
        parentID: String = "", fromNodeID: String = "", breakpoints: Breakpoints? = nil,
        traceLogs: Bool = false
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.workflowID = workflowID
        self.version = version
        self.inputJSON = inputJSON
        self.key = key
        self.conflictPolicy = conflictPolicy
        self.priority = priority
        self.trigger = trigger
        self.triggeredBy = triggeredBy
        self.traceparent = traceparent
        self.request = request
        self.sourceID = sourceID
        self.parentID = parentID
        self.fromNodeID = fromNodeID
        self.breakpoints = breakpoints
        self.traceLogs = traceLogs
    }
}

/// What a trigger made or found.
package struct Triggered: Sendable {
    /// BASIC view.
    package let execution: Execution
    /// An earlier request, or the holder of the key, made it.
    package let existing: Bool

    package init(execution: Execution, existing: Bool) {
        self.execution = execution
        self.existing = existing
    }
}
