import NIOCore
import RPC
import Testing

@testable import Transport

/// Who may talk to whom, over real sockets with real certificates.
@Suite struct TLSHandshakeTests {
    private func certificates() throws -> TestCertificates {
        try TestCertificates.shared.get()
    }

    @Test(arguments: [(TLSVersion.tls12, "TLSv1.2"), (.tls13, "TLSv1.3")])
    func `both versions are spoken`(version: TLSVersion, name: String) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client { $0.maximumVersion = version })
        #expect(try await connection.handshake()?.version == name)
        await connection.close()
        await server.stop()
    }

    @Test func `a version below the minimum is refused`() async throws {
        let server = try await TestServer { $0.minimumVersion = .tls13 }
        await #expect(throws: RPCError.self) {
            try await server.connect { $0.maximumVersion = .tls12 }
        }
        await server.stop()
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1"])
    func `a server is known by its names`(name: String) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(), serverName: name)
        await connection.close()
        await server.stop()
    }

    @Test(arguments: ["127.0.0.2", "example.org", "local"])
    func `a server by another name is refused`(name: String) async throws {
        let server = try await TestServer()
        let error = await #expect(throws: TLSError.self) {
            try await RawConnection.connect(
                port: server.listener.port, tls: TestServer.client(), serverName: name)
        }
        #expect(error?.code == .verification)
        await server.stop()
    }

    @Test func `a server of another authority is refused with a reason`() async throws {
        let server = try await TestServer()
        let strange = try certificates().strangeAuthority
        let error = await #expect(throws: RPCError.self) {
            try await server.connect { $0.caFile = strange }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("certificate") == true)
        await server.stop()
    }

    @Test func `IPv6 is listened on`() async throws {
        let server = try await TestServer(host: "::1")
        let connection = try await RawConnection.connect(
            host: "::1", port: server.listener.port, tls: TestServer.client(), serverName: "::1")
        await connection.close()
        await server.stop()
    }

    // MARK: Client certificates

    /// What the server asks for, what the client shows, and who it then is; nil: refused.
    static let mutual:
        [(TLSServerConfiguration.ClientVerification, shows: String?, becomes: String?)] = [
            (.none, nil, "nobody"), (.none, "client", "nobody"),
            (.optional, nil, "nobody"), (.optional, "client", "CN=worker-1,O=Signalbox"),
            (.optional, "strange", nil),
            (.required, nil, nil), (.required, "client", "CN=worker-1,O=Signalbox"),
            (.required, "strange", nil),
        ]

    @Test(arguments: mutual, TLSVersion.allCases)
    func `client certificates are verified as asked`(
        rule: (TLSServerConfiguration.ClientVerification, shows: String?, becomes: String?),
        version: TLSVersion
    ) async throws {
        let certificates = try certificates()
        let server = try await TestServer {
            $0.clientVerification = rule.0
            $0.clientCAFile = certificates.authority
        }
        let answer = try? await {
            let client = try await server.connect {
                $0.maximumVersion = version
                if rule.shows == "client" { $0.identity = certificates.client }
                if rule.shows == "strange" { $0.identity = certificates.strangeClient }
            }
            let answer = try await client.unary(
                TestServer.whoAmI, ByteBuffer(), options: CallOptions())
            await client.close()
            return String(buffer: answer)
        }()
        #expect(answer == rule.becomes)
        await server.stop()
    }

    // MARK: Application protocols

    @Test(
        arguments: [
            (["ttrpc"], "ttrpc"), (["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"),
            (["spdy/3", "http/1.1"], "http/1.1"), ([], nil),
        ] as [([String], String?)])
    func `ALPN takes what the server likes best`(offers: [String], chosen: String?) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client { $0.applicationProtocols = offers })
        let handshake = try await connection.handshake()
        #expect(handshake?.applicationProtocol == chosen)
        await connection.close()
        await server.stop()
    }

    @Test func `a client that offers only unknown protocols is refused`() async throws {
        let server = try await TestServer()
        await #expect(throws: TLSError.self) {
            try await RawConnection.connect(
                port: server.listener.port,
                tls: TestServer.client { $0.applicationProtocols = ["gopher"] })
        }
        await server.stop()
    }
}
