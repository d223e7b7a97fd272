internal import Model
internal import Store

/// Which of a workspace's final executions go: a value that is shown them oldest first.
///
/// Of `total` final executions the newest `executionsMax` stay, and of those what ended at or after
/// `endedSince`.
struct RetentionPlan: Sendable {
    /// nil: however old.
    let endedSince: WallTime?
    /// How many of the oldest are too many.
    private let excess: Int64
    private var seen: Int64 = 0

    init(endedSince: WallTime?, executionsMax: Int64, total: Int64) {
        self.endedSince = endedSince
        excess = executionsMax > 0 ? max(0, total - executionsMax) : 0
    }

    enum Decision: Equatable {
        case erase
        /// It would go, but has tags.
        case spare
        case keep
        /// This one stays, and so do all that come after it.
        case stop
    }

    mutating func decide(_ execution: EndedExecution) -> Decision {
        seen += 1
        let isTooMany = seen <= excess
        let isTooOld = endedSince.map { execution.endedAt < $0 } ?? false
        if isTooMany || isTooOld { return execution.isTagged ? .spare : .erase }
        // What was created since then ended since then.
        let mayBeOlder = endedSince.map { execution.position.createdAt < $0 } ?? false
        return mayBeOlder ? .keep : .stop
    }
}
