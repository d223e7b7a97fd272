internal import Dispatch
internal import Foundation
package import Logging
package import Model
internal import Synchronization

/// The one writer of a store: takes commits from anywhere and puts all that wait into one durable
/// transaction, on its own thread.
///
/// Outcomes are reported in the order of the commits, after the watchers were told. A commit that
/// is refused or bad concerns nobody else in its group. When the store itself fails, every commit of
/// the group gets `.failed` and the next group tries again.
package final class Committer: Sendable {
    /// Whether a commit brings new work, which may be refused when too much waits, or belongs to
    /// work that was accepted before, which never is.
    package enum Admission: Sendable {
        case new
        case accepted
    }

    /// What the committer did since its start.
    package struct Statistics: Sendable, Equatable {
        /// Transactions.
        package var groups: Int64 = 0
        package var committed: Int64 = 0
        package var refused: Int64 = 0
        package var failed: Int64 = 0
        /// Commits in the largest transaction.
        package var groupCommitsMax = 0
        /// Time spent in the store.
        package var writeTime = Duration.zero

        package init() {}
    }

    private struct Submission: Sendable {
        let commit: Commit
        let completion: @Sendable (CommitOutcome) -> Void
    }

    private struct State {
        var queue: CommitQueue<Submission>
        var statistics = Statistics()
        var workflowGeneration: Int64 = 0
        var isRunning = false
        var hasEnded = false
        var ends: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any Store
    private let feed: JournalFeed
    private let logger: Logger
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)

    /// A committer over `store` that tells `feed` what it wrote; `run` starts it.
    package init(store: any Store, feed: JournalFeed, limits: Limits, logger: Logger) {
        self.store = store
        self.feed = feed
        self.logger = logger
        state = Mutex(State(queue: CommitQueue(waitingMax: limits.waitingCommitsMax)))
    }

    /// Tells of batches that were changed.
    package let batches = NumberFeed()
    /// Tells of bulk operations that were changed.
    package let bulks = NumberFeed()
    private let lastGroupCount = Atomic<Int>(0)
    private let inboxObserver = Mutex<(@Sendable ([ExecutionNumber]) -> Void)?>(nil)

    /// Has `observer` told for whom messages were committed, on the committer's thread, after the
    /// completions of their commits; it must not block. There is one observer.
    package func observeInbox(_ observer: @escaping @Sendable ([ExecutionNumber]) -> Void) {
        inboxObserver.withLock { $0 = observer }
    }

    private let taskObserver = Mutex<(@Sendable ([TaskChange]) -> Void)?>(nil)

    /// Has `observer` told what became of workers' tasks, in the order of the commits, on the
    /// committer's thread, after the completions of their commits; it must not block. There is one
    /// observer.
    package func observeTasks(_ observer: @escaping @Sendable ([TaskChange]) -> Void) {
        taskObserver.withLock { $0 = observer }
    }

    /// Commits of the group whose completions run now, or ran last.
    package var groupCommitCount: Int { lastGroupCount.load(ordering: .relaxed) }

    /// Commits that wait for the next transaction.
    package var waitingCount: Int { state.withLock { $0.queue.waiting.count } }

    /// Grows with every commit that changed a workflow, before its completion runs: who caches
    /// which version is the newest compares it.
    package var workflowGeneration: Int64 { state.withLock { $0.workflowGeneration } }

    /// What it did so far.
    package var statistics: Statistics { state.withLock { $0.statistics } }

    /// Queues a commit.
    /// - Parameter completion: runs on the committer's thread, in commit order, once the feed was
    ///   told; it must not block.
    /// - Throws: `StoreError.overloaded` for new work while `Limits.waitingCommitsMax` commits wait;
    ///   `StoreError.unavailable` once stopped. `completion` is not called then.
    package func submit(
        _ commit: Commit, admission: Admission,
        completion: @escaping @Sendable (CommitOutcome) -> Void
    ) throws(StoreError) {
        let submission = Submission(commit: commit, completion: completion)
        let (onSubmit, waitingMax, isHalfFull) = state.withLock {
            (
                $0.queue.submitted(submission, isNew: admission == .new), $0.queue.waitingMax,
                $0.queue.takeWarning()
            )
        }
        if isHalfFull {
            logger.warning(
                "the queue of commits is more than half full",
                metadata: ["limit": "waiting_commits_max", "max": "\(waitingMax)"])
        }
        switch onSubmit {
        case .queued(let mustWake):
            if mustWake { wake.signal() }
        case .overloaded:
            throw StoreError(
                .overloaded,
                "\(waitingMax) commits wait already, which is the limit; try again later")
        case .stopped:
            throw StoreError(
                .unavailable, "the store takes no more commits: the server is stopping")
        }
    }

    /// Queues a commit and returns what became of it. A cancelled task still gets the outcome.
    /// - Throws: as `submit` does.
    package func commit(_ commit: Commit, admission: Admission) async throws(StoreError)
        -> CommitOutcome
    {
        let result: Result<CommitOutcome, StoreError> = await withCheckedContinuation {
            continuation in
            do throws(StoreError) {
                try submit(commit, admission: admission) { outcome in
                    continuation.resume(returning: .success(outcome))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Starts its thread; a second call does nothing. Commits may be queued before.
    package func run() {
        let starts = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        let thread = Thread { self.serve() }
        thread.name = "committer"
        thread.start()
    }

    /// Refuses further commits, writes what is queued and returns when the thread has ended.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let (mustWake, isOver) = state.withLock { state in
                let mustWake = state.queue.stopped()
                let isOver = state.hasEnded || !state.isRunning
                if !isOver { state.ends.append(continuation) }
                return (mustWake, isOver)
            }
            if mustWake { wake.signal() }
            if isOver { continuation.resume() }
        }
    }

    // MARK: - On the committer's thread

    private func serve() {
        var isHealthy = true
        while true {
            switch state.withLock({ $0.queue.threadReady() }) {
            case .write(let group):
                let error = write(group)
                // Once per outage, not once per group.
                if let error, isHealthy {
                    logger.error("the store fails", metadata: ["error": "\(error)"])
                } else if error == nil, !isHealthy {
                    logger.notice("the store works again")
                }
                isHealthy = error == nil
            case .sleep:
                wake.wait()
            case .end:
                let ends = state.withLock { state in
                    state.hasEnded = true
                    return state.ends
                }
                for end in ends { end.resume() }
                return
            }
        }
    }

    /// - Returns: the store's failure, if it failed.
    private func write(_ group: [Submission]) -> StoreError? {
        let start = ContinuousClock.now
        let outcomes = store.write(group.map(\.commit))
        let duration = start.duration(to: .now)
        precondition(outcomes.count == group.count, "a store gives one outcome per commit")

        var rows: [JournalRow] = []
        var failure: StoreError?
        var recipients: [ExecutionNumber] = []
        var changedBatches: Set<Int64> = []
        var changedBulks: Set<Int64> = []
        var tasks: [TaskChange] = []
        var workflowChanges: Int64 = 0
        var refused: Int64 = 0
        var failed: Int64 = 0
        for (submission, outcome) in zip(group, outcomes) {
            switch outcome {
            case .committed:
                feed.workspaces.published(submission.commit)
                for change in submission.commit.changes {
                    if let number = change.batchNumber { changedBatches.insert(number) }
                    if let number = change.bulkNumber { changedBulks.insert(number) }
                    switch change {
                    case .appendJournal(let row): rows.append(row)
                    case .insertInbox(let row): recipients.append(row.recipient)
                    case .worker(.task(let change)): tasks.append(change)
                    case .putWorkflow, .deployWorkflow, .deleteWorkflow: workflowChanges += 1
                    default: break
                    }
                }
            case .refused:
                refused += 1
            case .failed(let error):
                failed += 1
                // A conflict is its author's failure, not the store's.
                if error.code != .conflict { failure = error }
            }
        }
        state.withLock { state in
            state.workflowGeneration += workflowChanges
            state.statistics.groups += 1
            state.statistics.refused += refused
            state.statistics.failed += failed
            state.statistics.committed += Int64(group.count) - refused - failed
            state.statistics.groupCommitsMax = max(state.statistics.groupCommitsMax, group.count)
            state.statistics.writeTime += duration
        }
        feed.published(rows)
        lastGroupCount.store(group.count, ordering: .relaxed)
        for (submission, outcome) in zip(group, outcomes) { submission.completion(outcome) }
        batches.changed(changedBatches)
        bulks.changed(changedBulks)
        if !tasks.isEmpty { taskObserver.withLock { $0 }?(tasks) }
        if !recipients.isEmpty { inboxObserver.withLock { $0 }?(recipients) }
        return failure
    }
}
