package import Messages
package import Model

/// The part of a store about schedules and what became of their nominal times.
package protocol ScheduleStore: Sendable {
    func schedule(_ key: ScheduleKey) async throws(StoreError) -> ScheduleRow?
    /// By id; nil pod or workflow: of all.
    func schedules(
        workspaceID: String, podID: String?, workflowID: String?, after scheduleID: String?,
        room: PageRoom
    ) async throws(StoreError) -> SchedulePage
    /// Those whose `nextAt` has come, soonest first.
    func dueSchedules(at instant: WallTime, limit: Int) async throws(StoreError) -> [ScheduleRow]
    /// The soonest `nextAt` of all.
    func nextScheduleTime() async throws(StoreError) -> WallTime?

    /// Newest nominal time first.
    func fires(_ key: ScheduleKey, before nominal: WallTime?, limit: Int)
        async throws(StoreError) -> [FireRow]
    /// Those of a range, oldest first.
    func fires(_ key: ScheduleKey, from: WallTime, before: WallTime, limit: Int)
        async throws(StoreError) -> [FireRow]
    /// BUFFERED ones, oldest first.
    func bufferedFires(_ key: ScheduleKey, limit: Int) async throws(StoreError) -> [FireRow]
    /// Schedules after `key` that have BUFFERED fires, in order.
    func schedulesWithBufferedFires(after key: ScheduleKey?, limit: Int)
        async throws(StoreError) -> [ScheduleKey]
    /// Executions of the schedule that are not final.
    func activeExecutions(_ key: ScheduleKey, limit: Int) async throws(StoreError)
        -> [ExecutionNumber]
}

/// Schedules of a workspace.
package struct SchedulePage: Sendable {
    package let rows: [ScheduleRow]
    /// Whether there are more after them.
    package let hasMore: Bool

    package init(rows: [ScheduleRow], hasMore: Bool) {
        self.rows = rows
        self.hasMore = hasMore
    }
}

/// A schedule's name in the whole store.
package struct ScheduleKey: Sendable, Hashable {
    package let workspaceID: String
    package let scheduleID: String

    package init(workspaceID: String, scheduleID: String) {
        self.workspaceID = workspaceID
        self.scheduleID = scheduleID
    }
}

/// A schedule as it is stored.
package struct ScheduleRow: Sendable, Equatable {
    package var stored: StoredSchedule
    /// What became of all nominal times up to this one is decided.
    package var decidedThrough: WallTime
    /// When the next nominal time is to be fired; nil while it is paused or has ended.
    package var nextAt: WallTime?

    package init(stored: StoredSchedule, decidedThrough: WallTime, nextAt: WallTime?) {
        self.stored = stored
        self.decidedThrough = decidedThrough
        self.nextAt = nextAt
    }

    package var schedule: Schedule { stored.schedule ?? Schedule() }
    package var spec: ScheduleSpec { schedule.spec ?? ScheduleSpec() }

    package var key: ScheduleKey {
        ScheduleKey(workspaceID: schedule.workspaceID, scheduleID: schedule.id)
    }
}

/// What became of one nominal time.
package struct FireRow: Sendable, Equatable {
    package let key: ScheduleKey
    package var fire: ScheduleFire
    /// While BUFFERED: ALLOW_ALL fires at once, anything else when nothing of the schedule runs.
    package var policy: OverlapPolicy

    package init(key: ScheduleKey, fire: ScheduleFire, policy: OverlapPolicy = .unspecified) {
        self.key = key
        self.fire = fire
        self.policy = policy
    }
}

/// Changes of schedules.
package enum ScheduleChange: Sendable {
    /// Refused with `.nameInUse`, with `.tooMany` if its workspace has `max` already, and with
    /// `.notFound` if its pod was deleted after the caller had been let in.
    case insert(ScheduleRow, max: Int)
    /// Everything of it. Refused with `.notFound`, and with `.changed` if the stored one is another
    /// than `expecting` by now: it was changed, or has fired.
    case replace(ScheduleRow, expecting: ScheduleRow)
    /// With its fires. Refused with `.notFound`.
    case delete(ScheduleKey)
    /// Nominal times up to `through` are decided in this commit. Refused with `.alreadyFired` if the
    /// schedule does not stand at `from` any more, whatever has changed it.
    case advance(ScheduleKey, from: WallTime, through: WallTime, nextAt: WallTime?)
    /// A nominal time that was not decided. Refused with `.alreadyFired` if it was; with
    /// `replacing`, only if it is FIRED or BUFFERED.
    case insertFire(FireRow, replacing: Bool)
    /// A BUFFERED fire is decided. Refused with `.alreadyFired` if it is BUFFERED no more.
    case settleFire(FireRow)
    /// Remembers the `keep` newest fires that are not BUFFERED and of which nothing runs, and which
    /// executions have ended.
    case tidyFires(ScheduleKey, keep: Int)
}
