package import Engine
package import Logging
package import Model
internal import ProtobufRuntime
package import Store

/// Everything a caller can ask for, one file per operation: authorise → check → act. Every door
/// goes through here and has no logic of its own. Safe to use from any task.
package struct Operations: Sendable {
    let store: any Store
    let committer: Committer
    let feed: JournalFeed
    let engine: Engine
    let environment: any Environment
    let limits: Limits
    let server: ServerIdentity
    /// Wakes who runs bulk operations.
    let bulkSignal = BulkSignal()
    /// Where batches may be started from.
    let batchRoots: BatchRoots
    /// Looks up secrets; revoking a token takes effect in it at once.
    package let tokens: TokenDirectory
    let directory: AccessDirectory
    /// Believes JSON Web Tokens; nil: none are.
    let webTokens: JWTVerifier?
    let rates: RateLimiter
    /// Bounds the deliveries to webhooks that nobody has verified yet.
    let deliveryAttempts: DeliveryAttempts
    /// For the bodies of deliveries, until they verify, of those that have not shown a good one lately.
    let strangersRoom: DeliveryRoom
    /// The same, of those that have.
    let sendersRoom: DeliveryRoom
    /// What each workspace masks, as lately asked for.
    let redactions = ReadThrough<String, WorkspaceRedaction>(capacity: 4_096)
    let exports = ExportPlaces()
    let scheduleSignals = ScheduleSignals()
    /// Webhooks by id.
    let webhookRows = ReadThrough<String, WebhookRow>(capacity: 4_096)
    let serverKeys = ReadThrough<String, [UInt8]>(capacity: 16)
    let logger: Logger

    /// Operations over the parts of one server.
    package init(
        store: any Store, committer: Committer, feed: JournalFeed, engine: Engine,
        environment: any Environment, limits: Limits, server: ServerIdentity,
        webTokens: JWTVerifier? = nil, batchRoots: BatchRoots = BatchRoots(), logger: Logger
    ) {
        self.store = store
        self.committer = committer
        self.feed = feed
        self.engine = engine
        self.environment = environment
        self.limits = limits
        self.server = server
        self.logger = logger
        tokens = TokenDirectory(store: store, committer: committer, environment: environment)
        directory = AccessDirectory(store: store.access)
        self.webTokens = webTokens
        self.batchRoots = batchRoots
        rates = RateLimiter(environment: environment)
        deliveryAttempts = DeliveryAttempts(limits, environment: environment)
        strangersRoom = DeliveryRoom(
            perSenderMax: limits.webhookWaitingBytesPerSourceMax,
            totalMax: limits.webhookWaitingBytesMax)
        sendersRoom = DeliveryRoom(
            perSenderMax: limits.webhookWaitingBytesPerSourceMax,
            totalMax: limits.webhookWaitingBytesMax)
    }
}

/// What a server says of itself.
package struct ServerIdentity: Sendable {
    /// For example `0.1.0`.
    package let version: String
    package let startTime: WallTime
    /// The node kinds it runs.
    package let nodeKinds: [String]
    /// Limits of the transport, to be shown beside those of `Limits`.
    package let transportLimits: [String: Int64]

    package init(
        version: String, startTime: WallTime, nodeKinds: [String],
        transportLimits: [String: Int64] = [:]
    ) {
        self.version = version
        self.startTime = startTime
        self.nodeKinds = nodeKinds
        self.transportLimits = transportLimits
    }
}

extension Operations {
    /// Runs a read or a commit of the store.
    func reading<Result>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(OperationError) -> Result {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw failure(error)
        }
    }

    /// Runs something of the engine.
    func engaging<Result>(
        _ body: () async throws(EngineError) -> Result
    ) async throws(OperationError) -> Result {
        do throws(EngineError) {
            return try await body()
        } catch {
            throw OperationError(error)
        }
    }

    /// Commits; a refusal is returned for the operation to explain.
    func committing(_ changes: [Change]) async throws(OperationError) -> CommitOutcome.Refusal? {
        let outcome = try await reading { () async throws(StoreError) in
            try await committer.commit(Commit(changes), admission: .new)
        }
        switch outcome {
        case .committed: return nil
        case .refused(let refusal): return refusal
        case .failed(let error): throw failure(error)
        }
    }

    private func failure(_ error: StoreError) -> OperationError {
        switch error.code {
        case .io, .corrupt, .tooNew:
            logger.error("the store fails", metadata: ["error": "\(error)"])
        case .overloaded, .unavailable, .badPageToken, .conflict:
            break
        }
        return OperationError(error)
    }
}

extension WallTime {
    /// As the wire has it.
    var timestamp: Timestamp { Timestamp(microsecondsSinceEpoch: microseconds) }
}
