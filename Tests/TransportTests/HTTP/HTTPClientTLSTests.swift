import HTTPClient
import Testing

@testable import Transport

/// The HTTP client against our own server, over TLS.
@Suite struct HTTPClientTLSTests {
    private static func send(
        _ client: HTTPClient, _ server: HTTPTestServer, host: String = "localhost",
        _ path: String = "/echo", body: [UInt8]? = nil
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        try await client.send(
            HTTPClientRequest(
                method: body == nil ? "GET" : "POST",
                url: "https://\(host):\(server.listener.port)\(path)", body: body,
                responseBytesMax: 8 << 20),
            at: .init(address: "127.0.0.1", port: server.listener.port),
            until: .now.advanced(by: .seconds(120)))
    }

    private static func with(
        trustFile: String, _ body: (HTTPTestServer, HTTPClient) async throws -> Void
    ) async throws {
        try await HTTPTestServer.with { server in
            let client = HTTPClient(trustFile: trustFile)
            try await body(server, client)
            await client.shutDown()
        }
    }

    @Test func `requests and answers of many sizes go over one HTTP 2 connection`() async throws {
        try await Self.with(trustFile: try TestCertificates.shared.get().authority) {
            server, client in
            // HTTP/2 has no `host` and no `content-length` that curl must send for a GET.
            let head = try await Self.send(client, server, "/head")
            let text = String(decoding: head.body, as: UTF8.self)
            #expect(text == "GET localhost:\(server.listener.port)\n")
            for count in [0, 1, 70_000, 2_000_000] {
                let body = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
                let response = try await Self.send(client, server, body: body)
                #expect(response.status == 200)
                #expect(response.body == body)
                #expect(response.headers.contains { $0 == ("content-type", "text/plain") })
            }
            #expect(try await Self.send(client, server, "/large").body.count == 4 << 20)
            #expect(try await Self.send(client, server, "/missing").status == 404)
        }
    }

    @Test func `many at once over TLS`() async throws {
        try await Self.with(trustFile: try TestCertificates.shared.get().authority) {
            server, client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let body = Array("\(number)".utf8)
                        return try await Self.send(client, server, body: body).body == body
                    }
                }
                for try await isEcho in group { #expect(isEcho) }
            }
        }
    }

    @Test func `a certificate of an authority that is not trusted is refused`() async throws {
        try await Self.with(trustFile: try TestCertificates.shared.get().strangeAuthority) {
            server, client in
            do throws(HTTPClientError) {
                _ = try await Self.send(client, server)
                Issue.record("expected the certificate to be refused")
            } catch {
                #expect(!error.isUnconnected)
                #expect(error.description.contains("certificate"))
            }
        }
    }

    @Test func `a certificate must be for the name in the URL, wherever it leads`() async throws {
        try await Self.with(trustFile: try TestCertificates.shared.get().authority) {
            server, client in
            _ = try await Self.send(client, server, host: "127.0.0.1")
            do throws(HTTPClientError) {
                _ = try await Self.send(client, server, host: "other.example")
                Issue.record("expected the certificate to be refused")
            } catch {
                #expect(error.description.contains("other.example"))
            }
        }
    }

    @Test func `a stream that is cancelled leaves its connection to the others`() async throws {
        try await Self.with(trustFile: try TestCertificates.shared.get().authority) {
            server, client in
            _ = try await Self.send(client, server)
            let task = Task { try await Self.send(client, server, "/wait") }
            await server.handler.events.happened("waiting")
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
            #expect(try await Self.send(client, server).status == 200)
        }
    }
}
