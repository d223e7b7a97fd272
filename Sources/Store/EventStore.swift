package import Model

/// Named events that wait for a node, and nodes that wait for an event.
package protocol EventStore: Sendable {
    func event(_ eventID: String, workspaceID: String) async throws(StoreError) -> EventRow?
    func event(number: Int64) async throws(StoreError) -> EventRow?
    /// Those that no node took yet, oldest first, after the one with this number: as many as the room is
    /// for, and one more is read at most.
    func keptEvents(workspaceID: String, after number: Int64, room: PageRoom)
        async throws(StoreError) -> EventPage
}

/// One page of events.
package struct EventPage: Sendable, Equatable {
    package let events: [EventRow]
    package let hasMore: Bool

    package init(events: [EventRow], hasMore: Bool) {
        self.events = events
        self.hasMore = hasMore
    }
}

/// A named event as it was published.
package struct EventRow: Sendable, Equatable {
    /// Grows with each; 0 before it is stored.
    package var number: Int64 = 0
    package let workspaceID: String
    package let name: String
    /// The correlation key; may be empty.
    package let key: String
    /// Unique in its workspace.
    package let eventID: String
    /// SHA-256 of what was published, without the id.
    package let hash: [UInt8]
    /// A JSON document; dropped once a node took it.
    package let dataJSON: String
    package let publishedAt: WallTime
    /// The principal.
    package let publishedBy: String
    /// The executions whose nodes took it.
    package var recipients: [ExecutionNumber] = []

    package init(
        workspaceID: String, name: String, key: String, eventID: String, hash: [UInt8],
        dataJSON: String, publishedAt: WallTime, publishedBy: String
    ) {
        self.workspaceID = workspaceID
        self.name = name
        self.key = key
        self.eventID = eventID
        self.hash = hash
        self.dataJSON = dataJSON
        self.publishedAt = publishedAt
        self.publishedBy = publishedBy
    }
}

/// A node that waits for an event.
package struct EventWait: Sendable, Equatable {
    package let workspaceID: String
    package let name: String
    package let key: String
    package let number: ExecutionNumber
    package let interruptID: String
    package let nodePath: String

    package init(
        workspaceID: String, name: String, key: String, number: ExecutionNumber,
        interruptID: String, nodePath: String
    ) {
        self.workspaceID = workspaceID
        self.name = name
        self.key = key
        self.number = number
        self.interruptID = interruptID
        self.nodePath = nodePath
    }
}

/// Changes of events. Whether an event or its wait comes first is decided by the order of commits, so
/// that neither misses the other.
package enum EventChange: Sendable {
    /// Gives every node that waits for it a message, or keeps it where none does. Refused with
    /// `.nameInUse` if its workspace has an event with that id, and with `.tooMany` if it would be one
    /// more than `keptMax` that is kept, or if more than `deliveriesMax` nodes wait.
    case publish(EventRow, keptMax: Int, deliveriesMax: Int)
    /// Gives the node the oldest event that is kept for it since `since`, or lets it wait.
    case enlist(EventWait, since: WallTime)
    /// The node waits no longer.
    case withdraw(ExecutionNumber, interruptID: String)
    /// An execution to which the event with this number was given does not take it. Where no other does
    /// either, all that wait for it now get it, or it is kept again, its place among others unchanged.
    case giveBack(Int64, from: ExecutionNumber, dataJSON: String)
    /// Forgets events that were published before, at most so many.
    case expire(publishedBefore: WallTime, limit: Int)
}
