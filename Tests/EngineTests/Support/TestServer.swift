import Engine
import Expressions
import Foundation
import Logging
import Messages
import Model
import SQLiteStore
import Store
import StoreConformance
import Testing

/// An engine over a real store in a folder of its own, which can be thrown away and made anew.
final class TestServer {
    let folder: URL
    let environment: ManualEnvironment
    var limits = Limits()
    var configuration = EngineConfiguration()
    private(set) var store: FailingStore
    private(set) var committer: Committer
    private(set) var engine: Engine
    private(set) var feed: JournalFeed
    private let evaluator: ExpressionEvaluator
    private var task: Task<Void, Never>?

    init(
        environment: ManualEnvironment = ManualEnvironment(), limits: Limits = Limits(),
        configuration: EngineConfiguration = EngineConfiguration()
    ) async throws {
        self.environment = environment
        self.limits = limits
        self.configuration = configuration
        folder = FileManager.default.temporaryDirectory.appending(
            path: "signalbox-engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let helper = try #require(ExpressionEvaluator.helperPathBesideExecutable())
        // A busy machine may take its time.
        var expressionLimits = ExpressionLimits.standard
        expressionLimits.wallMax = .seconds(60)
        evaluator = ExpressionEvaluator(
            helperPath: helper, limits: expressionLimits, logger: logger)
        (store, committer, engine, feed) = try Self.open(
            folder, evaluator, environment, limits, configuration, logger)
        await start()
    }

    private static func open(
        _ folder: URL, _ evaluator: ExpressionEvaluator, _ environment: ManualEnvironment,
        _ limits: Limits, _ configuration: EngineConfiguration, _ logger: Logger
    ) throws -> (FailingStore, Committer, Engine, JournalFeed) {
        let store = FailingStore(
            try SQLiteStore(path: folder.appending(path: "signalbox.db").path),
            seed: environment.random())
        let feed = JournalFeed(store: store, limits: limits)
        let committer = Committer(store: store, feed: feed, limits: limits, logger: logger)
        committer.run()
        let engine = Engine(
            store: store, committer: committer, evaluator: evaluator, environment: environment,
            limits: limits, configuration: configuration, logger: logger)
        return (store, committer, engine, feed)
    }

    private func start() async {
        let engine = engine
        task = Task {
            do throws(EngineError) {
                try await engine.run()
            } catch {
                Issue.record("the engine did not start: \(error)")
            }
        }
        await engine.started()
    }

    /// Throws the engine away as a crash does (what is decided and not committed is gone), and
    /// starts a new one on the same store.
    /// - Parameter meanwhile: what happens to the store while no engine is there.
    func restart(_ meanwhile: (FailingStore) -> Void = { _ in }) async throws {
        #expect(engine.invariantFaults() == [])
        task?.cancel()
        await task?.value
        await committer.stop()
        await checkWakeUps()
        meanwhile(store)
        store.close()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        (store, committer, engine, feed) = try Self.open(
            folder, evaluator, environment, limits, configuration, logger)
        await start()
    }

    func stop() async {
        #expect(engine.invariantFaults() == [])
        task?.cancel()
        await task?.value
        await committer.stop()
        await checkWakeUps()
        store.close()
        await evaluator.shutDown()
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            Issue.record("cannot remove \(folder.path): \(error)")
        }
    }

    /// Every execution that is not final has a next wake-up, and shows it: at every end and restart,
    /// when nobody writes any more, so that what is read page by page is of one moment.
    private func checkWakeUps() async {
        do {
            #expect(try await store.store.wakeUpFaults(workspaces: ["default"]) == [])
        } catch {
            Issue.record("cannot look for wake-ups: \(error)")
        }
    }

    // MARK: Shorthand

    func put(_ definition: String, id: String = "flow") async throws {
        let row = WorkflowVersionRow(
            workspaceID: "default", podID: "default", workflowID: id, name: id,
            definitionJSON: definition, savedAt: environment.now(), savedBy: "test")
        let outcome = try await committer.commit(
            Commit([.putWorkflow(row, expectedLatest: nil)]), admission: .new)
        guard case .committed = outcome else {
            Issue.record("the workflow was not saved: \(outcome)")
            return
        }
    }

    func trigger(
        _ id: String = "flow", input: String = "", key: String = "", priority: Int32 = 0,
        policy: ConflictPolicy = .unspecified, request: NewExecution.Request? = nil
    ) async throws -> Triggered {
        try await engine.trigger(
            NewExecution(
                workspaceID: "default", workflowID: id, inputJSON: input, key: key,
                conflictPolicy: policy, priority: priority, triggeredBy: "test", request: request))
    }

    /// Waits until the execution is final or suspended, and gives its FULL view.
    func rest(_ execution: Execution) async throws -> Execution {
        let number = ExecutionNumber(rawValue: execution.number)
        await engine.waitForRest(number, until: .now.advanced(by: .seconds(30)))
        return try await get(execution)
    }

    func get(_ execution: Execution) async throws -> Execution {
        let row = try #require(
            await store.execution(
                .number(ExecutionNumber(rawValue: execution.number)), workspaceID: "default"))
        return try await engine.execution(row, view: .full)
    }

    /// Triggers and waits for rest.
    func run(_ definition: String, input: String = "") async throws -> Execution {
        try await put(definition)
        return try await rest(try await trigger(input: input).execution)
    }

    func events(_ execution: Execution) async throws -> [ExecutionEvent] {
        var events: [ExecutionEvent] = []
        let rows = try await store.journal(
            ExecutionNumber(rawValue: execution.number), after: 0, byteLimit: 64 << 20)
        for row in rows {
            let batch = try unsafe row.batch.withUnsafeBytes { bytes in
                try unsafe EventBatch(protobufBytes: bytes)
            }
            events += batch.events
        }
        return events
    }
}

extension TestServer {
    /// Follows the journal until the execution is as `condition` says.
    func until(_ execution: Execution, _ condition: (Execution) -> Bool) async throws -> Execution {
        let number = ExecutionNumber(rawValue: execution.number)
        var sequence: Int64 = 0
        let now = try await get(execution)
        if condition(now) { return now }
        for try await row in feed.watch(number, after: sequence) {
            sequence = row.lastSequence
            let now = try await get(execution)
            if condition(now) { return now }
        }
        return try await get(execution)
    }
}

extension ExecutionStatus {
    var isOver: Bool { [.completed, .failed, .cancelled].contains(self) }
}
