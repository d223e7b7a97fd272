internal import ArgumentParser
internal import Foundation
internal import RPC
internal import RPCFoundation
internal import Transport
internal import UnixSignals

/// `signalbox-interop`: serves `grpc.testing.TestService`, health and reflection on the stack of
/// `signalbox serve`, over gRPC and ttrpc, so that the standard interop clients can test it.
@main
struct Interop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signalbox-interop",
        abstract: "Serves grpc.testing.TestService over gRPC and ttrpc on one TLS port.")

    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    @Option(help: ArgumentHelp("The certificate chain, PEM.", valueName: "file"))
    var certificate: String

    @Option(help: ArgumentHelp("The certificate's key, PEM.", valueName: "file"))
    var privateKey: String

    @Option(help: ArgumentHelp("How long calls may go on after SIGTERM.", valueName: "seconds"))
    var grace = 10

    func run() async throws {
        let (host, port) = try Self.address(listen)
        let statuses = ServingStatuses(services: Self.services)
        let tls = try TLSContextStore(
            TLSServerConfiguration(
                identity: TLSIdentity(
                    certificateChainFile: certificate, privateKeyFile: privateKey)))
        let listener = try await Listener.bind(
            host: host, port: port,
            ListenerConfiguration(router: Self.router(statuses), tls: tls))
        // Scripts wait for this line to learn the port, so it may not stay in a buffer.
        let line = "signalbox-interop listens on \(host):\(listener.port)\n"
        try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        statuses.drain()
        await listener.shutDown(grace: .seconds(grace))
    }

    private static let services = [
        "grpc.testing.TestService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ]

    private static func router(_ statuses: ServingStatuses) -> Router {
        var router = Router()
        router.register(interop: InteropTestService())
        router.register(health: HealthService(statuses))
        let reflection = ReflectionService(
            DescriptorIndex([foundationFileDescriptorSet, interopFileDescriptorSet]),
            services: services)
        router.register(serverReflection: reflection)
        router.register(alphaServerReflection: reflection)
        return router
    }

    /// The parts of `host:port`; an IPv6 host may stand in brackets.
    private static func address(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw ValidationError("expected HOST:PORT, got \(text)") }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        return (String(host), Int(port))
    }
}
