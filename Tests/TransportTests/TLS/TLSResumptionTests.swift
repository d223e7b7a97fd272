import NIOCore
import RPC
import Synchronization
import Testing

@testable import Transport

@Suite struct TLSResumptionTests {
    private static let versions = TLSVersion.allCases

    /// Connects, makes a call so that the ticket has come, and closes.
    private func visit(_ server: TestServer, _ tls: TLSContext) async throws -> Bool? {
        let connection = try await RawConnection.connect(port: server.listener.port, tls: tls)
        try await connection.send(try ByteBuffer(request: TestServer.echo, "x", streamID: 1))
        _ = try await connection.nextFrame()
        let wasResumed = try await connection.handshake()?.wasResumed
        await connection.close()
        return wasResumed
    }

    @Test(arguments: versions, TLSServerConfiguration.ClientVerification.allCases)
    func `a session is resumed, also over a reload of the certificate`(
        version: TLSVersion, verification: TLSServerConfiguration.ClientVerification
    ) async throws {
        let certificates = try TestCertificates.shared.get()
        let server = try await TestServer {
            $0.clientVerification = verification
            $0.clientCAFile = certificates.authority
        }
        let tls = try TestServer.client {
            $0.maximumVersion = version
            if verification != .none { $0.identity = certificates.client }
        }
        #expect(try await visit(server, tls) == false)
        #expect(try await visit(server, tls) == true)
        try server.tls.reload()
        #expect(try await visit(server, tls) == true)
        await server.stop()
    }

    @Test(arguments: versions)
    func `a resumed session keeps its client certificate`(version: TLSVersion) async throws {
        let certificates = try TestCertificates.shared.get()
        let server = try await TestServer {
            $0.clientVerification = .required
            $0.clientCAFile = certificates.authority
        }
        let tls = try TestServer.client {
            $0.maximumVersion = version
            $0.identity = certificates.client
        }
        for _ in 0..<2 {
            let client = try await TTRPCClientConnection.connect(
                host: "127.0.0.1", port: server.listener.port, tls: tls)
            let subject = try await client.unary(
                TestServer.whoAmI, ByteBuffer(), options: CallOptions())
            #expect(String(buffer: subject) == "CN=worker-1,O=Signalbox")
            await client.close()
        }
        await server.stop()
    }

    @Test(arguments: versions)
    func `a session outlives one change of the ticket keys, and not two`(version: TLSVersion)
        async throws
    {
        let certificates = try TestCertificates.shared.get()
        let clock = Mutex(ContinuousClock.now)
        let store = try TLSContextStore(
            TLSServerConfiguration(identity: certificates.server),
            tickets: TLSTicketKeys { clock.withLock { $0 } })
        let server = try await TestServer(limits: .patient, tls: store)
        let tls = try TestServer.client { $0.maximumVersion = version }
        #expect(try await visit(server, tls) == false)
        clock.withLock { $0 += TLSTicketKeyRing.period }
        #expect(try await visit(server, tls) == true)
        clock.withLock { $0 += TLSTicketKeyRing.period * 2 }
        #expect(try await visit(server, tls) == false)
        await server.stop()
    }

    @Test(arguments: versions)
    func `a session under other rules is not resumed`(version: TLSVersion) async throws {
        let folder = try TestFolder()
        let certificates = try TestCertificates.shared.get()
        let authority = try folder.copy(certificates.authority, to: "ca.pem")
        let server = try await TestServer {
            $0.clientVerification = .optional
            $0.clientCAFile = authority
        }
        let tls = try TestServer.client {
            $0.maximumVersion = version
            $0.identity = certificates.client
        }
        #expect(try await visit(server, tls) == false)
        #expect(try await visit(server, tls) == true)
        try folder.append(certificates.strangeAuthority, to: "ca.pem")
        try server.tls.reload()
        #expect(try await visit(server, tls) == false)
        await server.stop()
    }
}
