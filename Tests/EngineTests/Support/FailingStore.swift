import Messages
import Model
import SQLiteStore
import Store
import Synchronization

/// A real store some of whose writes fail, as a full disk makes them fail: nothing is written.
final class FailingStore: Store {
    let store: SQLiteStore
    private let state: Mutex<(random: SeededRandom, percent: Int, failures: Int)>
    private let wholeReads = Atomic<Int>(0)

    /// How often a journal was read with its payloads.
    var payloadReads: Int { wholeReads.load(ordering: .relaxed) }

    init(_ store: SQLiteStore, seed: UInt64) {
        self.store = store
        state = Mutex((SeededRandom(seed: seed), 0, 0))
    }

    var failures: Int { state.withLock { $0.failures } }

    func fail(percent: Int) { state.withLock { $0.percent = percent } }

    func write(_ commits: [Commit]) -> [CommitOutcome] {
        let fails = state.withLock { state in
            let fails = Int.random(in: 0..<100, using: &state.random) < state.percent
            if fails { state.failures += 1 }
            return fails
        }
        if fails { return commits.map { _ in .failed(StoreError(.io, "the disk is full")) } }
        return store.write(commits)
    }

    var access: any AccessStore { store }

    var many: any ManyStore { store }

    func nextNumber() throws(StoreError) -> ExecutionNumber { try store.nextNumber() }

    func execution(_ reference: ExecutionReference, workspaceID: String?)
        async throws(StoreError) -> ExecutionRow?
    { try await store.execution(reference, workspaceID: workspaceID) }

    func execution(key: String, workspaceID: String) async throws(StoreError) -> ExecutionRow? {
        try await store.execution(key: key, workspaceID: workspaceID)
    }

    func executions(_ query: ExecutionQuery) async throws(StoreError) -> ExecutionPage {
        try await store.executions(query)
    }

    func count(_ query: ExecutionQuery) async throws(StoreError) -> Int64 {
        try await store.count(query)
    }

    func retries(of executionIDs: [String], workspaceID: String) async throws(StoreError)
        -> [String: RetryLinks]
    { try await store.retries(of: executionIDs, workspaceID: workspaceID) }

    func journal(
        _ number: ExecutionNumber, after sequence: Int64, byteLimit: Int, payloads: Bool
    ) async throws(StoreError) -> [JournalRow] {
        if payloads { wholeReads.add(1, ordering: .relaxed) }
        return try await store.journal(
            number, after: sequence, byteLimit: byteLimit, payloads: payloads)
    }

    func unfinished(after number: ExecutionNumber?, limit: Int)
        async throws(StoreError) -> [ExecutionRow]
    { try await store.unfinished(after: number, limit: limit) }

    func wakeUps(before instant: WallTime, limit: Int) async throws(StoreError) -> [WakeUp] {
        try await store.wakeUps(before: instant, limit: limit)
    }

    func inbox(_ recipient: ExecutionNumber, limit: Int) async throws(StoreError) -> [InboxRow] {
        try await store.inbox(recipient, limit: limit)
    }

    func inboxRecipients(after number: ExecutionNumber?, limit: Int)
        async throws(StoreError) -> [ExecutionNumber]
    { try await store.inboxRecipients(after: number, limit: limit) }

    func request(workspaceID: String, method: String, requestID: String)
        async throws(StoreError) -> RequestRecord?
    {
        try await store.request(
            workspaceID: workspaceID, method: method, requestID: requestID)
    }

    func workflow(_ workflowID: String, version: Int32?, workspaceID: String)
        async throws(StoreError) -> Workflow?
    { try await store.workflow(workflowID, version: version, workspaceID: workspaceID) }

    func latestVersion(_ workflowID: String, workspaceID: String) async throws(StoreError) -> Int32
    {
        try await store.latestVersion(workflowID, workspaceID: workspaceID)
    }

    func workflows(workspaceID: String, podID: String?, after workflowID: String?, limit: Int)
        async throws(StoreError) -> [Workflow]
    {
        try await store.workflows(
            workspaceID: workspaceID, podID: podID, after: workflowID, limit: limit)
    }

    func workflowVersions(
        _ workflowID: String, workspaceID: String, before version: Int32?, limit: Int
    ) async throws(StoreError) -> [Workflow] {
        try await store.workflowVersions(
            workflowID, workspaceID: workspaceID, before: version, limit: limit)
    }

    func token(secretHash: [UInt8]) async throws(StoreError) -> TokenRow? {
        try await store.token(secretHash: secretHash)
    }

    func tokens(workspaceID: String, after tokenID: String?, limit: Int)
        async throws(StoreError) -> [Token]
    { try await store.tokens(workspaceID: workspaceID, after: tokenID, limit: limit) }

    func expireRequests(endedBefore instant: WallTime, limit: Int) async throws(StoreError) -> Int {
        try await store.expireRequests(endedBefore: instant, limit: limit)
    }

    func stateCounts() async throws(StoreError) -> [ExecutionState: Int64] {
        try await store.stateCounts()
    }

    func close() { store.close() }
}
