import NIOCore
import Testing

@testable import Transport

@Suite struct TLSContextStoreTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates.shared.get()
    }

    private func failure(
        _ change: (inout TLSServerConfiguration) throws -> Void
    ) throws -> TLSError? {
        var configuration = TLSServerConfiguration(identity: certificates.server)
        try change(&configuration)
        let changed = configuration
        return #expect(throws: TLSError.self) { _ = try TLSContextStore(changed) }
    }

    @Test func `a missing certificate is named`() throws {
        let error = try failure { $0.identity.certificateChainFile = "/nowhere.pem" }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("/nowhere.pem") == true)
    }

    @Test func `a missing key is named`() throws {
        let error = try failure { $0.identity.privateKeyFile = "/nowhere.key" }
        #expect(error?.message.contains("/nowhere.key") == true)
    }

    @Test func `the key of another certificate is refused`() throws {
        let other = certificates.otherServer.privateKeyFile
        let error = try failure { $0.identity.privateKeyFile = other }
        #expect(error?.code == .configuration)
    }

    @Test func `client verification needs an authority`() throws {
        let error = try failure { $0.clientVerification = .optional }
        #expect(error?.message.contains("client CA") == true)
    }

    @Test func `versions out of order are refused`() throws {
        let error = try failure {
            $0.minimumVersion = .tls13
            $0.maximumVersion = .tls12
        }
        #expect(error?.code == .configuration)
    }

    @Test(arguments: ["", String(repeating: "x", count: 256)])
    func `an impossible protocol name is refused`(name: String) throws {
        let error = try failure { $0.applicationProtocols = [name] }
        #expect(error?.code == .configuration)
    }

    @Test func `a reload shows the new certificate, a bad one keeps the old`() async throws {
        let folder = try TestFolder()
        let chain = try folder.copy(certificates.server.certificateChainFile, to: "server.pem")
        let key = try folder.copy(certificates.server.privateKeyFile, to: "server.key")
        let store = try TLSContextStore(
            TLSServerConfiguration(
                identity: TLSIdentity(certificateChainFile: chain, privateKeyFile: key)))
        let first = store.current

        _ = try folder.write("not a certificate", to: "server.pem")
        #expect(throws: TLSError.self) { try store.reload() }
        #expect(store.current === first)

        _ = try folder.copy(certificates.otherServer.certificateChainFile, to: "server.pem")
        _ = try folder.copy(certificates.otherServer.privateKeyFile, to: "server.key")
        try store.reload()
        #expect(store.current !== first)
        let server = try await TestServer(limits: TransportLimits(), tls: store)
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        await connection.close()
        await server.stop()
    }
}
