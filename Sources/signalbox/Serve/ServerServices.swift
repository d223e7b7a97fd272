internal import Engine
internal import Logging
internal import Operations
internal import RPCFoundation
internal import ServiceLifecycle
internal import Store
internal import Transport
internal import UnixSignals

// The parts of a server in the order they start; they end in the opposite order.

/// Ends last: writes what is queued and closes the store.
struct StoreService: Service {
    let store: any Store
    let committer: Committer

    func run() async throws {
        try? await gracefulShutdown()
        await committer.stop()
        store.close()
    }
}

/// Recovers what was under way and advances executions.
struct EngineService: Service {
    let engine: Engine

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            group.addTask {
                try? await gracefulShutdown()
                await engine.drain()
            }
            // The first to end is the drain, or else the engine has failed.
            _ = try await group.next()
            group.cancelAll()
        }
    }
}

/// Goes on with bulk operations once the engine has recovered; they end first of all.
struct BulkOperationsService: Service {
    let engine: Engine
    let operations: Operations

    func run() async throws {
        await engine.started()
        await cancelWhenGracefulShutdown { await operations.runBulkOperations() }
    }
}

/// Fires schedules; ends before the engine takes no more triggers.
struct SchedulerService: Service {
    let scheduler: Scheduler

    func run() async throws {
        await cancelWhenGracefulShutdown { await scheduler.run() }
    }
}

/// Reads the certificates again on SIGHUP; bad ones change nothing.
struct CertificateService: Service {
    let tls: TLSContextStore
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do throws(TLSError) {
                try tls.reload()
                logger.notice("certificates read again")
            } catch {
                logger.error(
                    "certificates not read again; the old ones stay in use",
                    metadata: ["error": "\(error)"])
            }
        }
    }
}

/// Serves operators, if they asked for it.
struct AdminService: Service {
    let address: HostAndPort?
    /// Bound to the address.
    let socket: BoundSocket?
    let pages: AdminPages
    let logger: Logger

    func run() async throws {
        guard let address, let socket else {
            try? await gracefulShutdown()
            return
        }
        let listener = try await AdminListener.listen(on: socket, address, pages: pages)
        if !address.isLoopback {
            logger.warning("the admin listener can be reached from other machines, without TLS")
        }
        Terminal.say("admin on http://\(listener.address)")
        try? await gracefulShutdown()
        await listener.close()
    }
}

/// Takes calls once the engine has recovered; drains them first of all.
struct ListenerService: Service {
    let address: HostAndPort
    /// Bound to the address.
    let socket: BoundSocket
    /// Of the plain-HTTP listener, bound; nil: there is none.
    let local: LocalAddress?
    let configuration: ListenerConfiguration
    let engine: Engine
    let statuses: ServingStatuses
    let pages: AdminPages
    let grace: Duration
    let logger: Logger

    func run() async throws {
        await engine.started()
        let listener = try await Listener.listen(on: socket, configuration)
        let local = try await localListener()
        pages.setReady(true)
        // Scripts wait for this line to learn the port.
        Terminal.say("listening on \(HostAndPort(host: address.host, port: listener.port))")
        try? await gracefulShutdown()
        logger.notice("draining", metadata: ["connections": "\(listener.connectionCount)"])
        pages.setReady(false)
        statuses.drain()
        engine.workers.drain()
        async let localEnd: Void? = local?.shutDown(grace: grace)
        await listener.shutDown(grace: grace)
        await localEnd
    }

    private func localListener() async throws -> LocalListener? {
        guard let local, let http = configuration.http else { return nil }
        let listener = try await LocalListener.listen(
            on: local.socket, http: http, limits: configuration.limits,
            logger: configuration.logger)
        Terminal.say("local HTTP on http://\(HostAndPort(host: local.host, port: listener.port))")
        return listener
    }
}

/// The plain-HTTP listener's address, taken.
struct LocalAddress: Sendable {
    let host: String
    let socket: BoundSocket
}
