import Engine
import Expressions
import Foundation
import Logging
import Model
import SQLiteStore
import Store
import Testing

@testable import signalbox

/// What `/readyz` answers over a real store.
struct ReadinessTests {
    @Test func `it is 503 before recovery is done, in a drain, and when the store does not answer`()
        async throws
    {
        let folder = try TemporaryFolder()
        let logger = Logger(label: "test")
        let store = try SQLiteStore(path: folder.url.appendingPathComponent("s.sqlite").path)
        let feed = JournalFeed(store: store, limits: Limits())
        let committer = Committer(store: store, feed: feed, limits: Limits(), logger: logger)
        let evaluator = ExpressionEvaluator(helperPath: "/nonexistent", logger: logger)
        let engine = Engine(
            store: store, committer: committer, evaluator: evaluator,
            environment: SystemEnvironment(), limits: Limits(),
            configuration: EngineConfiguration(), logger: logger)
        let pages = AdminPages(
            metrics: ServerMetrics(
                metrics: PrometheusMetrics(), store: store, committer: committer, feed: feed,
                workers: engine.workers))
        #expect(await pages.page(.readiness) == .plain(503, "not taking calls"))
        pages.setReady(true)
        #expect(await pages.page(.readiness) == .plain(200, "ready"))
        pages.setReady(false)
        #expect(await pages.page(.readiness) == .plain(503, "not taking calls"))
        pages.setReady(true)
        store.close()
        #expect(await pages.page(.readiness) == .plain(503, "the store does not answer"))
        #expect(await pages.page(.health) == .plain(200, "alive"))
        await committer.stop()
        await evaluator.shutDown()
    }
}
