internal import ArgumentParser
internal import Foundation
internal import RPC
internal import SignalboxClient

/// What every command that talks to a server takes.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server (127.0.0.1:7443).", valueName: "host:port"))
    var server: String?
    @Option(
        help: ArgumentHelp("The authority of the server's certificate, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var ca: String?
    @Option(help: ArgumentHelp("The token to use; better: SIGNALBOX_TOKEN.", valueName: "token"))
    var token: String?
    @Option(
        help: ArgumentHelp("A client certificate, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var certificate: String?
    @Option(
        help: ArgumentHelp("The client certificate's key, PEM.", valueName: "file"),
        completion: .file(extensions: ["pem"]))
    var privateKey: String?
    @Option(
        help: ArgumentHelp("Whom the server's certificate must be for.", valueName: "name"))
    var serverName: String?
    @Option(
        help: ArgumentHelp("A JSON file with settings, named as the flags.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?
    @Flag(help: "Print JSON (the proto3 JSON of the messages).")
    var json = false

    /// Connects, runs, closes; an error ends the program with a sentence and a status.
    func run<Result>(_ body: (SignalboxClient) async throws -> Result) async throws -> Result {
        var server = ""
        do {
            let configuration = try await configuration()
            server = configuration.server
            let client = try await SignalboxClient.connect(configuration)
            do {
                let result = try await body(client)
                await client.close()
                return result
            } catch {
                await client.close()
                throw error
            }
        } catch let error as RPCError {
            Terminal.complain(CommandFailure.text(of: error, server: server))
            throw ExitCode(CommandFailure.status(of: error))
        } catch {
            // What the parser knows how to end with; anything else must not look like an execution's end.
            if error is ExitCode || error is ValidationError { throw error }
            Terminal.complain("\(error)")
            throw ExitCode(CommandFailure.internalStatus)
        }
    }

    /// Says what went wrong and goes on.
    func complain(_ error: RPCError) {
        Terminal.complain(CommandFailure.text(of: error, server: server ?? "the server"))
    }

    private func configuration() async throws -> ClientConfiguration {
        var flags: [String: FlagValue] = [:]
        flags.add("server", server)
        flags.add("ca", ca)
        flags.add("token", token)
        flags.add("certificate", certificate)
        flags.add("private-key", privateKey)
        flags.add("server-name", serverName)
        let settings = try await Settings(flags: flags, file: config)
        let server =
            try await settings.string("server") ?? "127.0.0.1:\(ClientConfiguration.defaultPort)"
        var certificate: ClientConfiguration.Certificate?
        switch (
            try await settings.string("certificate"), try await settings.string("private-key")
        ) {
        case (let chain?, let key?):
            certificate = .init(chainFile: chain, privateKeyFile: key)
        case (nil, nil): break
        default:
            throw ValidationError("--certificate and --private-key: expected both or neither")
        }
        let (ca, token) = (try await settings.string("ca"), try await settings.string("token"))
        let serverName = try await settings.string("server-name")
        try settings.finish()
        // A name or address alone means the usual port.
        if server.contains(":"), !server.hasSuffix("]") {
            _ = try HostAndPort(server, flag: "--server")
        }
        for (flag, file) in [
            ("--ca", ca), ("--certificate", certificate?.chainFile),
            ("--private-key", certificate?.privateKeyFile),
        ] {
            guard let file, !FileManager.default.isReadableFile(atPath: file) else { continue }
            throw ValidationError("\(flag): cannot read \(file)")
        }
        // Beside a server of one's own everything is found without being named.
        let isLocal = (try? HostAndPort(server, flag: "--server"))?.isLoopback ?? false
        return ClientConfiguration(
            server: server,
            caFile: ca
                ?? (isLocal ? Self.first(["certs/ca.pem", "signalbox-certificate.pem"]) : nil),
            token: token
                ?? (isLocal && certificate == nil ? Self.localToken() : nil),
            certificate: certificate, serverName: serverName)
    }

    private static func first(_ files: [String]) -> String? {
        files.first { FileManager.default.isReadableFile(atPath: $0) }
    }

    private static func localToken() -> String? {
        guard let text = try? String(contentsOfFile: "admin.token", encoding: .utf8) else {
            return nil
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
