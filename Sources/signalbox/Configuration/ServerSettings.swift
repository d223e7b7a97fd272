internal import ArgumentParser
internal import Foundation
internal import HTTPBridge
internal import Logging
internal import Messages
internal import Operations
internal import RPCServices
internal import Transport

/// Everything `signalbox serve` was told, checked.
struct ServerSettings: Sendable {
    enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    let listen: HostAndPort
    /// nil: use those in `certs/`, or make one.
    let identity: TLSIdentity?
    let clientCAFile: String?
    let clientVerification: TLSServerConfiguration.ClientVerification
    let certificateRoles: CertificateRoles
    /// nil: JSON Web Tokens are not taken.
    let webTokens: WebTokenSettings?
    let limits: LimitSettings
    /// Path of the SQLite file.
    let storePath: String
    let adminHTTP: HostAndPort?
    /// The keys that encrypt secrets, or the file they are in; neither: a file beside the store.
    let secretKeys: String?
    let secretKeyFile: String?
    let httpAllow: [String]
    /// Folders from which batches may be started.
    let batchRoots: [String]
    /// The plain-HTTP listener; nil: off.
    let localHTTP: HostAndPort?
    /// What its callers may do without a token; nil: nothing.
    let localRole: Role?
    /// Whose web pages may use the bridge.
    let origins: CrossOriginPolicy
    let logLevel: Logger.Level
    let logFormat: LogFormat
    let servesReflection: Bool
    /// How long calls may go on after SIGTERM.
    let grace: Duration

    /// - Throws: `ValidationError` that names the flag, what was expected and what came.
    init(_ settings: Settings) async throws {
        listen = try HostAndPort(
            try await settings.string("listen") ?? "127.0.0.1:7443", flag: "--listen")
        switch (
            try await settings.string("certificate"), try await settings.string("private-key")
        ) {
        case (let certificate?, let key?):
            identity = TLSIdentity(certificateChainFile: certificate, privateKeyFile: key)
        case (nil, nil):
            identity = nil
        default:
            throw ValidationError("--certificate and --private-key: expected both or neither")
        }
        clientCAFile = try await settings.string("client-ca")
        switch try await settings.string("client-certificates") {
        case nil: clientVerification = clientCAFile == nil ? .none : .required
        case "required": clientVerification = .required
        case "optional": clientVerification = .optional
        case let other?:
            throw ValidationError(
                "--client-certificates: expected 'required' or 'optional', got '\(other)'")
        }
        guard clientVerification == .none || clientCAFile != nil else {
            throw ValidationError("--client-certificates needs --client-ca")
        }
        var roles = CertificateRoles()
        for text in try await settings.strings("client-certificate-role") {
            guard roles.add(text) else {
                throw ValidationError(
                    "--client-certificate-role: expected ROLE or COMMON-NAME=ROLE, perhaps with "
                        + "WORKSPACE/ before the role, and a role of viewer, operator, editor, "
                        + "admin or worker, got '\(text)'")
            }
        }
        certificateRoles = roles
        webTokens = try await WebTokenSettings.read(settings)
        limits = try await LimitSettings.read(settings)
        storePath = try Self.storePath(
            try await settings.string("store") ?? "sqlite:./signalbox.sqlite")
        adminHTTP = try await settings.string("admin-http").map {
            try HostAndPort($0, flag: "--admin-http")
        }
        secretKeys = try await settings.string("secret-keys")
        secretKeyFile = try await settings.string("secret-key-file")
        guard secretKeys == nil || secretKeyFile == nil else {
            throw ValidationError(
                "SIGNALBOX_SECRET_KEYS and --secret-key-file: expected one of them, got both")
        }
        httpAllow = try await settings.strings("http-allow")
        for text in httpAllow { _ = try HostAndPort(text, flag: "--http-allow") }
        batchRoots = try await settings.strings("batch-root")
        for folder in batchRoots {
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
                isFolder.boolValue
            else { throw ValidationError("--batch-root: expected a folder, got '\(folder)'") }
        }
        localHTTP = try await settings.string("local-http").map {
            try HostAndPort($0, flag: "--local-http")
        }
        guard localHTTP?.isLoopback != false else {
            throw ValidationError(
                "--local-http: expected a loopback address, got '\(localHTTP?.host ?? "")'")
        }
        localRole = try await settings.string("local-role").map { word in
            guard let role = Role(word: word), role != .worker else {
                throw ValidationError(
                    "--local-role: expected viewer, operator, editor or admin, got '\(word)'")
            }
            return role
        }
        guard localRole == nil || localHTTP != nil else {
            throw ValidationError("--local-role needs --local-http")
        }
        origins = CrossOriginPolicy(
            origins: try await settings.strings("cors-origin").map(Self.origin))
        let level = try await settings.string("log-level") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw ValidationError(
                "--log-level: expected one of "
                    + Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                    + ", got '\(level)'")
        }
        self.logLevel = logLevel
        let format = try await settings.string("log-format") ?? "text"
        guard let logFormat = LogFormat(rawValue: format) else {
            throw ValidationError("--log-format: expected 'text' or 'json', got '\(format)'")
        }
        self.logFormat = logFormat
        servesReflection = try await !settings.bool("no-reflection")
        let grace = try await settings.int("grace") ?? 20
        guard (0...3_600).contains(grace) else {
            throw ValidationError("--grace: expected 0 to 3600 seconds, got \(grace)")
        }
        self.grace = .seconds(grace)
        try settings.finish()
    }

    private static func origin(_ text: String) throws -> String {
        let rest = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let isOrigin =
            rest.count == 2 && ["http", "https"].contains(rest[0]) && !rest[1].isEmpty
            && !rest[1].contains("/")
        guard text == "*" || isOrigin else {
            throw ValidationError(
                "--cors-origin: expected an origin such as https://app.example.com, or *, got "
                    + "'\(text)'")
        }
        return text
    }

    private static func storePath(_ text: String) throws -> String {
        let prefix = "sqlite:"
        guard text.hasPrefix(prefix), text.count > prefix.count else {
            throw ValidationError("--store: expected sqlite:PATH, got '\(text)'")
        }
        return String(text.dropFirst(prefix.count))
    }
}
