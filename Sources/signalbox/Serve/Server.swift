internal import Engine
internal import Expressions
internal import Foundation
internal import HTTPBridge
internal import Logging
internal import Messages
internal import Model
internal import Operations
internal import RPC
internal import RPCFoundation
internal import RPCServices
internal import SQLiteStore
internal import ServiceLifecycle
internal import Services
internal import Store
internal import Transport
internal import UnixSignals

/// One server: opens the store, recovers, listens, and ends all that in the opposite order.
struct Server {
    private let settings: ServerSettings
    private let metrics: PrometheusMetrics
    private let logger = Logger(label: "signalbox")

    init(_ settings: ServerSettings, _ metrics: PrometheusMetrics) {
        self.settings = settings
        self.metrics = metrics
    }

    /// Returns after a graceful end.
    func run() async throws {
        let files = OpenFilesLimit.raise()
        logger.debug("open files", metadata: ["limit": "\(files)"])
        let limits = settings.limits.engine
        let transportLimits = settings.limits.transport
        // First of all: a server that cannot listen leaves no store, token or certificate behind.
        let socket = try await Self.take(settings.listen, flag: "--listen")
        var adminSocket: BoundSocket?
        if let admin = settings.adminHTTP {
            adminSocket = try await Self.take(admin, flag: "--admin-http")
        }
        var local: LocalAddress?
        if let address = settings.localHTTP {
            local = LocalAddress(
                host: address.host, socket: try await Self.take(address, flag: "--local-http"))
        }
        let store = try SQLiteStore(path: settings.storePath)
        let feed = JournalFeed(store: store, limits: limits)
        let committer = Committer(store: store, feed: feed, limits: limits, logger: logger)
        committer.run()
        let tls = try tlsContexts()
        let environment = SystemEnvironment()
        guard let helperPath = ExpressionEvaluator.helperPathBesideExecutable() else {
            throw StartFailure(
                "cannot tell the folder of this program, where signalbox-expression is")
        }
        let evaluator = ExpressionEvaluator(
            helperPath: helperPath, logger: Logger(label: "signalbox.expressions"))
        var engineConfiguration = EngineConfiguration()
        engineConfiguration.httpAllow = settings.httpAllow
        engineConfiguration.secretKeys = try SecretKeyFile.keyring(settings)
        let engine = Engine(
            store: store, committer: committer, evaluator: evaluator, environment: environment,
            limits: limits, configuration: engineConfiguration,
            logger: Logger(label: "signalbox.engine"))
        let issuer = IssuerKeys(settings.webTokens)
        let operations = Operations(
            store: store, committer: committer, feed: feed, engine: engine,
            environment: environment, limits: limits,
            server: ServerIdentity(
                version: Signalbox.version, startTime: environment.now(),
                nodeKinds: Engine.nodeKinds, transportLimits: transportLimits.byName),
            webTokens: issuer?.verifier(environment),
            batchRoots: BatchRoots(settings.batchRoots), logger: logger)
        let rotated =
            try await operations.rotateSecrets() + operations.rotateWebhookKeys()
        if rotated > 0 {
            logger.notice(
                "secrets encrypted with the newest key", metadata: ["count": "\(rotated)"])
        }
        try await writeFirstToken(operations)

        let statuses = ServingStatuses(services: RPCDoor.services(settings))
        let pages = AdminPages(
            metrics: ServerMetrics(
                metrics: metrics, store: store, committer: committer, feed: feed,
                workers: engine.workers))
        let memory = FreeMemory()
        let listener = ListenerService(
            address: settings.listen, socket: socket, local: local,
            configuration: ListenerConfiguration(
                router: RPCDoor.router(operations, statuses, settings), http: bridge(operations),
                tls: tls, limits: transportLimits, logger: Logger(label: "signalbox.transport"),
                connectionClosed: { memory.connectionClosed() }),
            engine: engine, statuses: statuses, pages: pages, grace: settings.grace,
            logger: logger)
        var group = ServiceGroupConfiguration(
            services: [
                Self.named("store", StoreService(store: store, committer: committer)),
                Self.named("engine", EngineService(engine: engine)),
                Self.named("bulk", BulkOperationsService(engine: engine, operations: operations)),
                Self.named(
                    "scheduler",
                    SchedulerService(
                        scheduler: Scheduler(
                            operations, logger: Logger(label: "signalbox.schedules")))),
                Self.named("certificates", CertificateService(tls: tls, logger: logger)),
                Self.named(
                    "admin",
                    AdminService(
                        address: settings.adminHTTP, socket: adminSocket, pages: pages,
                        logger: logger)),
                Self.named("listener", listener),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = settings.grace + .seconds(15)
        try await ServiceGroup(configuration: group).run()
        await evaluator.shutDown()
        await issuer?.shutDown()
        logger.notice("ended")
    }

    private static func take(_ address: HostAndPort, flag: String) async throws -> BoundSocket {
        do {
            return try await BoundSocket(host: address.host, port: address.port)
        } catch {
            throw ListenFailure(address, flag: flag, error)
        }
    }

    private static func named(_ name: String, _ service: any Service)
        -> ServiceGroupConfiguration.ServiceConfiguration
    {
        .init(service: service, serviceName: name)
    }

    private func tlsContexts() throws -> TLSContextStore {
        let identity: TLSIdentity
        if let given = settings.identity {
            identity = given
        } else {
            let folder = URL(fileURLWithPath: settings.storePath).deletingLastPathComponent().path
            let (found, origin) = try DevelopmentCertificate.identity(in: folder)
            identity = found
            switch origin {
            case .found:
                Terminal.say(
                    "using the development certificate in certs/; clients: --ca certs/ca.pem")
            case .made(let authority):
                Terminal.say(
                    "using a self-made development certificate; clients: --ca \(authority)")
            }
        }
        return try TLSContextStore(
            TLSServerConfiguration(
                identity: identity, clientCAFile: settings.clientCAFile,
                clientVerification: settings.clientVerification))
    }

    private func writeFirstToken(_ operations: Operations) async throws {
        let file = AdminTokenFile(storePath: settings.storePath)
        guard let first = try await operations.createFirstToken() else { return }
        try file.write(first.secret)
        Terminal.say("admin token \(first.secret) (also in \(file.path))")
    }

    private func bridge(_ operations: Operations) -> Bridge {
        let certificates = settings.certificateRoles
        return Bridge(
            dialects: Dialects.all(operations),
            identification: Identification(
                operations: operations, localRole: settings.localRole
            ) { certificates.principal($0) },
            version: Signalbox.version, origins: settings.origins)
    }
}
