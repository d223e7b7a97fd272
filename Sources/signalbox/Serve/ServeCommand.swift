internal import ArgumentParser
internal import Logging
internal import Messages
internal import Metrics
internal import Operations

/// `signalbox serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server.",
        discussion: """
            Without arguments it listens on 127.0.0.1:7443, keeps everything in \
            ./signalbox.sqlite, and uses the certificate in certs/ or makes one of its own. Every \
            flag can also be set in the environment (SIGNALBOX_LISTEN, SIGNALBOX_PRIVATE_KEY, …) \
            or in the JSON file of --config. SIGTERM and SIGINT end it gracefully, SIGHUP reads \
            the certificates again.
            """)

    @Option(help: ArgumentHelp("Where to listen (127.0.0.1:7443).", valueName: "host:port"))
    var listen: String?
    @Option(
        help: ArgumentHelp("The certificate chain, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var certificate: String?
    @Option(
        help: ArgumentHelp("The certificate's key, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var privateKey: String?
    @Option(
        help: ArgumentHelp("Authorities of client certificates, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var clientCa: String?
    @Option(
        help: ArgumentHelp(
            "With --client-ca: 'required' (the default) or 'optional'.", valueName: "how"),
        completion: .list(["required", "optional"]))
    var clientCertificates: String?
    @Option(
        help: ArgumentHelp(
            "The role of client certificates: [COMMON-NAME=][WORKSPACE/]ROLE. Repeatable.",
            valueName: "role"))
    var clientCertificateRole: [String] = []
    @Option(help: ArgumentHelp("Whose JSON Web Tokens to take ('iss').", valueName: "issuer"))
    var jwtIssuer: String?
    @Option(
        help: ArgumentHelp("Whom they must be for ('aud'). Repeatable.", valueName: "audience"))
    var jwtAudience: [String] = []
    @Option(
        help: ArgumentHelp("The issuer's keys, a JWK Set.", valueName: "file or https URL"))
    var jwtJwks: String?
    @Option(
        help: ArgumentHelp(
            "Algorithms to take (all asymmetric ones). Repeatable.", valueName: "name"),
        completion: .list(JWTRules.algorithmsKnown))
    var jwtAlgorithm: [String] = []
    @Option(help: ArgumentHelp("How far clocks may differ (60).", valueName: "seconds"))
    var jwtLeeway: Int?
    @Option(help: ArgumentHelp("The claim that says who it is (sub).", valueName: "claim"))
    var jwtSubjectClaim: String?
    @Option(help: ArgumentHelp("The claim with the workspace.", valueName: "claim"))
    var jwtWorkspaceClaim: String?
    @Option(help: ArgumentHelp("The claim with the role.", valueName: "claim"))
    var jwtRoleClaim: String?
    @Option(help: ArgumentHelp("The claim with the groups.", valueName: "claim"))
    var jwtGroupsClaim: String?
    @Option(
        help: ArgumentHelp(
            "Calls a minute with a token that has no rate of its own (6000000).",
            valueName: "number"))
    var rateLimit: Int?
    @Option(
        help: ArgumentHelp(
            "A limit of 'signalbox info' to change, for example running_max=100. Repeatable.",
            valueName: "name=number"))
    var limit: [String] = []
    @Option(
        help: ArgumentHelp("The database (sqlite:./signalbox.sqlite).", valueName: "sqlite:path"))
    var store: String?
    @Option(
        help: ArgumentHelp(
            "Where to serve /metrics, /healthz and /readyz, in plain HTTP; off by default.",
            valueName: "host:port"))
    var adminHttp: String?
    @Option(
        help: ArgumentHelp(
            "A private address that http nodes may reach. Repeatable.", valueName: "host:port"))
    var httpAllow: [String] = []
    @Option(
        help: ArgumentHelp(
            "A folder from which batches may be started. Repeatable.", valueName: "folder"),
        completion: .directory)
    var batchRoot: [String] = []
    @Option(
        help: ArgumentHelp(
            "The keys that encrypt secrets, NAME:BASE64 a line, newest first (made beside the store).",
            valueName: "file"),
        completion: .file())
    var secretKeyFile: String?
    @Option(
        help: ArgumentHelp(
            "Where to serve the JSON/HTTP bridge in plain HTTP, on a loopback address; off by default.",
            valueName: "host:port"))
    var localHttp: String?
    @Option(
        help: ArgumentHelp(
            "With --local-http: the role of its callers that bring no token; without it they need one.",
            valueName: "role"),
        completion: .list(Choice<Role>.allValueStrings.filter { $0 != "worker" }))
    var localRole: String?
    @Option(
        help: ArgumentHelp(
            "An origin whose web pages may use the bridge, or *. Repeatable.", valueName: "origin"))
    var corsOrigin: [String] = []
    @Option(
        help: ArgumentHelp(
            "\(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) (info).",
            valueName: "level"),
        completion: .list(Logger.Level.allCases.map(\.rawValue)))
    var logLevel: String?
    @Option(
        help: ArgumentHelp("text or json (text).", valueName: "format"),
        completion: .list(ServerSettings.LogFormat.allCases.map(\.rawValue)))
    var logFormat: String?
    @Flag(help: "Do not serve gRPC reflection.")
    var noReflection = false
    @Option(
        help: ArgumentHelp("How long calls may go on after SIGTERM (20).", valueName: "seconds"))
    var grace: Int?
    @Option(
        help: ArgumentHelp("A JSON file with settings, named as the flags.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    func run() async throws {
        var flags: [String: FlagValue] = [:]
        flags.add("listen", listen)
        flags.add("certificate", certificate)
        flags.add("private-key", privateKey)
        flags.add("client-ca", clientCa)
        flags.add("client-certificates", clientCertificates)
        flags.add("client-certificate-role", clientCertificateRole)
        flags.add("jwt-issuer", jwtIssuer)
        flags.add("jwt-audience", jwtAudience)
        flags.add("jwt-jwks", jwtJwks)
        flags.add("jwt-algorithm", jwtAlgorithm)
        flags.add("jwt-leeway", jwtLeeway)
        flags.add("jwt-subject-claim", jwtSubjectClaim)
        flags.add("jwt-workspace-claim", jwtWorkspaceClaim)
        flags.add("jwt-role-claim", jwtRoleClaim)
        flags.add("jwt-groups-claim", jwtGroupsClaim)
        flags.add("rate-limit", rateLimit)
        flags.add("limit", limit)
        flags.add("store", store)
        flags.add("admin-http", adminHttp)
        flags.add("http-allow", httpAllow)
        flags.add("batch-root", batchRoot)
        flags.add("secret-key-file", secretKeyFile)
        flags.add("local-http", localHttp)
        flags.add("local-role", localRole)
        flags.add("cors-origin", corsOrigin)
        flags.add("log-level", logLevel)
        flags.add("log-format", logFormat)
        flags.add("no-reflection", noReflection)
        flags.add("grace", grace)
        let settings = try await ServerSettings(try await Settings(flags: flags, file: config))

        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: settings.logLevel, format: settings.logFormat)
        }
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        do {
            try await Server(settings, metrics).run()
        } catch {
            Terminal.complain("cannot serve: \(ServerFailure.text(of: error))")
            throw ExitCode(69)
        }
    }
}
