internal import Messages
internal import Model

/// The journal rows of a whole workspace from now on, in order within each execution: see
/// `WorkspaceFeed.listen`. It listens from the moment it is made until it is released.
package struct WorkspaceWatch: AsyncSequence, Sendable {
    package typealias Element = JournalRow
    package typealias Failure = StoreError

    private let feed: WorkspaceFeed
    private let store: any Store
    private let workspaceID: String
    private let subscription: Subscription

    init(feed: WorkspaceFeed, store: any Store, workspaceID: String) {
        self.feed = feed
        self.store = store
        self.workspaceID = workspaceID
        subscription = Subscription(feed: feed, listener: feed.subscribe(workspaceID))
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(
            feed: feed, store: store, workspaceID: workspaceID, subscription: subscription)
    }

    /// To be used by one task. Idle, it holds no rows.
    package struct Iterator: AsyncIteratorProtocol {
        /// Rows of one execution read at a time.
        private static var readBytes: Int { 64 << 10 }

        fileprivate let feed: WorkspaceFeed
        fileprivate let store: any Store
        fileprivate let workspaceID: String
        fileprivate let subscription: Subscription
        /// From the store, newest first.
        private var backlog: [JournalRow] = []

        fileprivate init(
            feed: WorkspaceFeed, store: any Store, workspaceID: String, subscription: Subscription
        ) {
            self.feed = feed
            self.store = store
            self.workspaceID = workspaceID
            self.subscription = subscription
        }

        /// The next row; nil once the task is cancelled.
        /// - Throws: `StoreError.overloaded` where more executions have news than are remembered.
        package mutating func next() async throws(StoreError) -> JournalRow? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation actor: isolated (any Actor)?)
            async throws(StoreError) -> JournalRow?
        {
            while !Task.isCancelled {
                if let row = backlog.popLast() { return row }
                guard !feed.hasFallenBehind(subscription.listener) else {
                    throw StoreError(
                        .overloaded, "more executions have news than a listener may be behind with")
                }
                guard let next = feed.next(subscription.listener) else {
                    await feed.wait(subscription.listener)
                    continue
                }
                try await read(next.number, after: next.position, isOwn: next.isOwn)
            }
            return nil
        }

        private mutating func read(
            _ number: ExecutionNumber, after position: Int64, isOwn: Bool?
        ) async throws(StoreError) {
            guard try await isKnownOwn(number, isOwn) else {
                return feed.change(subscription.listener) { $0.forget(number) }
            }
            let rows = try await store.journal(
                number, after: position, byteLimit: Self.readBytes)
            guard let last = rows.last else {
                return feed.change(subscription.listener) { $0.forget(number) }
            }
            feed.change(subscription.listener) {
                $0.read(number, to: last.lastSequence, isEnd: last.endsExecution)
            }
            backlog = rows.reversed()
        }

        private func isKnownOwn(
            _ number: ExecutionNumber, _ isOwn: Bool?
        ) async throws(StoreError) -> Bool {
            if let isOwn { return isOwn }
            guard let row = try await store.execution(.number(number), workspaceID: nil) else {
                return false
            }
            feed.learned(number, row.execution.workspaceID)
            return row.execution.workspaceID == workspaceID
        }
    }

    /// Ends the listening when the last copy of its watch is gone.
    fileprivate final class Subscription: Sendable {
        let feed: WorkspaceFeed
        let listener: Int

        init(feed: WorkspaceFeed, listener: Int) {
            self.feed = feed
            self.listener = listener
        }

        deinit { feed.unsubscribe(listener) }
    }
}
