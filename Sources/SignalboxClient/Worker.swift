internal import Messages
internal import ProtobufRuntime
internal import RPC
internal import Services
internal import Synchronization

/// Runs node kinds for a server: work is pushed to it, and it answers.
///
///     let worker = Worker(client) {
///         WorkerKindHandler("resize") { task in try await resize(task.inputJSON) }
///     }
///     try await worker.run()
///
/// It sends heartbeats, connects again when the connection was lost, keeps what it is at work on
/// meanwhile, and repeats results until the server has taken them. The client's token has the role
/// `worker`. Safe to use from any task; `run` once.
public final class Worker: Sendable {
    private struct Running {
        let task: Task<Void, Never>
        let heartbeatTimeout: Duration
    }

    private struct State {
        var running: [String: Running] = [:]
        var interval = Duration.seconds(20)
        var isStopping = false
        /// The stream under way, or the pause before the next.
        var stream: Task<Void, any Error>?
        var pulse: Task<Void, Never>?
        var pulseInterval = Duration.seconds(20)
        var idle: CheckedContinuation<Void, Never>?
    }

    /// Tells it from all other workers.
    public let id: String
    private let client: SignalboxClient
    private let queue: String
    private let concurrency: Int32
    private let kinds: [String: WorkerKindHandler]
    private let order: [WorkerKindHandler]
    private let state = Mutex(State())

    /// How long a result is offered to a server that cannot be reached.
    private static let patience = Duration.seconds(600)
    private static let pauseMin = Duration.milliseconds(50)
    private static let pauseMax = Duration.seconds(2)

    /// - Parameters:
    ///   - id: a name of its own; by default a random one.
    ///   - queue: the queue that it works for.
    ///   - concurrency: how many tasks it takes at once, 1 to 1,000.
    ///   - kinds: what it serves, 1 to 100.
    public init(
        _ client: SignalboxClient, id: String? = nil, queue: String = "default",
        concurrency: Int = 4, @WorkerKinds kinds: () -> [WorkerKindHandler]
    ) {
        self.client = client
        self.id = id ?? "worker-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        self.queue = queue
        self.concurrency = Int32(clamping: concurrency)
        order = kinds()
        self.kinds = Dictionary(order.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Works until `stop`, or until the task is cancelled, which cancels what is at work.
    /// - Throws: `RPCError` that connecting again does not mend: a refused token or kind, or another
    ///   worker of the same name.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.beat() }
                group.addTask { try await self.serve() }
                defer { group.cancelAll() }
                // Heartbeats end only with the group.
                _ = try await group.next()
            }
            await idle()
        } onCancel: {
            stop()
            for running in state.withLock({ Array($0.running.values) }) { running.task.cancel() }
        }
    }

    /// Takes no more tasks; `run` returns when those at work have ended.
    public func stop() {
        let stream = state.withLock { state in
            state.isStopping = true
            return state.stream
        }
        stream?.cancel()
    }

    func service() async throws -> WorkerServiceClient { try await client.workers() }

    // MARK: The stream

    private func serve() async throws {
        var pause = Self.pauseMin
        while !isStopping {
            do {
                try await attempt { try await self.stream() }
                pause = Self.pauseMin
            } catch is CancellationError {
                break
            } catch let error as RPCError {
                if isStopping { break }
                guard Self.isPassing(error) else { throw error }
                let delay = error.retryDelay ?? pause
                try? await attempt { try await Task.sleep(for: delay) }
                pause = min(pause * 2, Self.pauseMax)
            }
        }
        // What is at work goes on, and is the server's to expect.
        pulseNow()
        await idle()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Runs something that `stop` ends.
    private func attempt(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await body() }
        let isStopping = state.withLock { state in
            state.stream = task
            return state.isStopping
        }
        if isStopping { task.cancel() }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private static func isPassing(_ error: RPCError) -> Bool {
        switch error.code {
        case .unavailable, .resourceExhausted, .cancelled, .internal, .unknown: true
        default: false
        }
    }

    private func stream() async throws {
        let held = state.withLock { Array($0.running.keys) }
        let messages = try await service().work(
            WorkRequest(
                workerID: id, queue: queue,
                kinds: order.map {
                    WorkerKind(
                        name: $0.name, dataSchemaJSON: $0.dataSchemaJSON,
                        concurrency: $0.concurrency)
                }, concurrency: concurrency, heldTaskIDs: held))
        for try await message in messages {
            switch message.kind {
            case .started(let started):
                if let interval = started.heartbeatInterval?.duration {
                    state.withLock { $0.interval = interval }
                }
            case .task(let task): begin(task)
            case .cancelled(let cancelled): cancel(cancelled.taskID)
            case nil: break
            }
        }
    }

    // MARK: Tasks

    private func begin(_ task: WorkerTask) {
        let timeout = task.heartbeatTimeout?.duration ?? .seconds(60)
        state.withLock { state in
            guard state.running[task.taskID] == nil else { return }
            state.running[task.taskID] = Running(
                task: Task { await self.work(on: task) }, heartbeatTimeout: timeout)
            // The pulse may have to become faster.
            if timeout / 3 < state.pulseInterval { state.pulse?.cancel() }
        }
    }

    private func cancel(_ taskID: String) {
        state.withLock { $0.running[taskID]?.task }?.cancel()
    }

    private func work(on task: WorkerTask) async {
        let failure: WorkerFailure
        do {
            guard let kind = kinds[task.kind] else {
                throw WorkerFailure(
                    "KIND_UNKNOWN", "this worker does not serve '\(task.kind)'")
            }
            let output = try await kind.body(WorkerTaskContext(task: task, worker: self))
            try await offered {
                _ = try await self.service().completeTask(
                    CompleteTaskRequest(
                        taskID: task.taskID, outputJSON: output, workerID: self.id))
            }
            return ended(task.taskID)
        } catch let error as WorkerFailure {
            failure = error
        } catch let error as RPCError where error.code == .invalidArgument {
            failure = WorkerFailure("OUTPUT_INVALID", error.message, isRetryable: false)
        } catch is CancellationError {
            failure = WorkerFailure("WORKER_STOPPED", "the worker was stopped")
        } catch {
            failure = WorkerFailure("WORKER_FAILED", "\(error)")
        }
        // A failure that cannot be told is a loss, which the server notices by itself.
        try? await offered {
            _ = try await self.service().failTask(
                FailTaskRequest(
                    taskID: task.taskID, code: failure.code,
                    message: failure.message, detailsJSON: failure.detailsJSON,
                    retryable: failure.isRetryable, workerID: self.id))
        }
        ended(task.taskID)
    }

    /// Sends a result, again while the server cannot be reached. That the task is over is no error.
    private func offered(_ send: @escaping @Sendable () async throws -> Void) async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        var pause = Self.pauseMin
        while true {
            do {
                // A task of its own: a cancelled one could not tell how it has ended.
                return try await Task { try await send() }.value
            } catch let error as RPCError where error.code == .failedPrecondition {
                return
            } catch let error as RPCError where error.code == .unavailable {
                guard ContinuousClock.now < deadline else { throw error }
                let delay = pause
                try? await Task { try await Task.sleep(for: delay) }.value
                pause = min(pause * 2, Self.pauseMax)
            }
        }
    }

    private func ended(_ taskID: String) {
        let idle = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running[taskID] = nil
            guard state.running.isEmpty else { return nil }
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    /// Returns when nothing is at work.
    private func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.running.isEmpty { return true }
                state.idle = continuation
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    // MARK: Heartbeats

    private func beat() async {
        while !Task.isCancelled {
            await rest()
            if Task.isCancelled { return }
            let taskIDs = state.withLock { Array($0.running.keys) }
            if taskIDs.isEmpty { continue }
            do {
                let answer = try await service().heartbeat(
                    HeartbeatRequest(workerID: id, taskIDs: taskIDs))
                for cancelled in answer.cancelled { cancel(cancelled.taskID) }
            } catch {
                // The next one may get through; what is lost meanwhile is told on the stream.
                continue
            }
        }
    }

    /// Waits for the next heartbeat; woken where one is due sooner.
    private func rest() async {
        let pulse = state.withLock { state in
            let soonest = state.running.values.map { $0.heartbeatTimeout / 3 }.min()
            let interval = min(soonest ?? state.interval, state.interval)
            let pulse = Task { _ = try? await Task.sleep(for: interval) }
            state.pulse = pulse
            state.pulseInterval = interval
            return pulse
        }
        await withTaskCancellationHandler {
            await pulse.value
        } onCancel: {
            pulse.cancel()
        }
    }

    private func pulseNow() { state.withLock { $0.pulse?.cancel() } }
}
