import NIOCore
import Testing

@testable import Transport

@Suite struct SelfSignedCertificateTests {
    @Test func `a server with one is trusted by who trusts it, under its names only`() async throws {
        let made = try SelfSignedCertificate(
            organization: "Signalbox", commonName: "localhost",
            alternativeNames: "DNS:localhost,IP:127.0.0.1", days: 1)
        let folder = try TestFolder()
        let certificate = try folder.write(made.certificatePEM, to: "certificate.pem")
        let key = try folder.write(made.privateKeyPEM, to: "key.pem")
        let server = try await TestServer {
            $0.identity = TLSIdentity(certificateChainFile: certificate, privateKeyFile: key)
        }
        let client = try TLSContext.client(TLSClientConfiguration(caFile: certificate))
        for name in ["localhost", "127.0.0.1"] {
            let connection = try await RawConnection.connect(
                port: server.listener.port, tls: client, serverName: name)
            await connection.close()
        }
        let error = await #expect(throws: TLSError.self) {
            try await RawConnection.connect(
                port: server.listener.port, tls: client, serverName: "elsewhere")
        }
        #expect(error?.code == .verification)
        await server.stop()
    }

    @Test func `no two have the same key`() throws {
        let two = try (0..<2).map { _ in
            try SelfSignedCertificate(
                organization: "o", commonName: "c", alternativeNames: "DNS:c", days: 1)
        }
        #expect(two[0].privateKeyPEM != two[1].privateKeyPEM)
        #expect(two[0].certificatePEM != two[1].certificatePEM)
    }
}
