internal import Messages
internal import Model

/// One execution's journal from a sequence number on, live: see `JournalFeed.watch`.
///
/// Each iterator is one watcher; it subscribes with its first `next` and unsubscribes when it ends
/// or is released.
package struct JournalWatch: AsyncSequence, Sendable {
    package typealias Element = JournalRow
    package typealias Failure = StoreError

    let feed: JournalFeed
    let number: ExecutionNumber
    let sequence: Int64
    /// false: large payloads are not read; what is live has them nevertheless.
    let payloads: Bool

    package func makeAsyncIterator() -> Iterator {
        Iterator(feed: feed, number: number, position: sequence, payloads: payloads)
    }

    /// One watcher. Idle, it holds no rows.
    package struct Iterator: AsyncIteratorProtocol {
        /// Rows read from the store at a time.
        private static var readBytes: Int { 8 << 10 }

        private let feed: JournalFeed
        private let number: ExecutionNumber
        private let payloads: Bool
        /// Sequence number of the newest event it delivered.
        private var position: Int64
        private var subscription: Subscription?
        private var hasReadStore = false
        /// From the store, newest first.
        private var backlog: [JournalRow] = []
        private var hasEnded = false

        init(feed: JournalFeed, number: ExecutionNumber, position: Int64, payloads: Bool) {
            self.feed = feed
            self.number = number
            self.payloads = payloads
            self.position = position
        }

        package mutating func next() async throws(StoreError) -> JournalRow? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation actor: isolated (any Actor)?)
            async throws(StoreError) -> JournalRow?
        {
            while !hasEnded, !Task.isCancelled {
                if let row = backlog.popLast() { return delivered(row) }
                let watcher = try subscribed()
                switch feed.next(number, after: position, hasReadStore: hasReadStore) {
                case .row(let row):
                    return delivered(row)
                case .readStore:
                    do throws(StoreError) {
                        try await readStore()
                    } catch {
                        // A cancelled read is no failure of the store.
                        if !Task.isCancelled { throw error }
                    }
                case .wait:
                    await feed.wait(number, watcher: watcher, after: position)
                }
            }
            ended()
            return nil
        }

        private mutating func subscribed() throws(StoreError) -> Int {
            if let subscription { return subscription.watcher }
            let new = Subscription(
                feed: feed, number: number, watcher: try feed.subscribe(number))
            subscription = new
            return new.watcher
        }

        private mutating func delivered(_ row: JournalRow) -> JournalRow {
            position = row.lastSequence
            if row.endsExecution { ended() }
            return row
        }

        private mutating func ended() {
            hasEnded = true
            backlog = []
            subscription = nil
        }

        private mutating func readStore() async throws(StoreError) {
            let rows = try await feed.store.journal(
                number, after: position, byteLimit: Self.readBytes, payloads: payloads)
            guard rows.isEmpty else {
                backlog = rows.reversed()
                return
            }
            // Where the tail says there is more and the store has none, the execution was erased.
            guard !hasReadStore else { return ended() }
            guard
                let row = try await feed.store.execution(.number(number), workspaceID: nil)
            else { return ended() }
            guard row.execution.status.isFinal else {
                hasReadStore = true
                return
            }
            // It may have ended between the two reads; what follows is what it ended with.
            backlog = try await feed.store.journal(
                number, after: position, byteLimit: Self.readBytes, payloads: payloads
            ).reversed()
            if backlog.isEmpty { ended() }
        }
    }

    /// Unsubscribes when the last copy of its iterator is gone.
    private final class Subscription: Sendable {
        let feed: JournalFeed
        let number: ExecutionNumber
        let watcher: Int

        init(feed: JournalFeed, number: ExecutionNumber, watcher: Int) {
            self.feed = feed
            self.number = number
            self.watcher = watcher
        }

        deinit { feed.unsubscribe(number, watcher: watcher) }
    }
}
