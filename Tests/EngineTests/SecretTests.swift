import Foundation
import JSON
import Messages
import Model
import Store
import Testing

@testable import Engine

/// Secrets in `http` nodes: where they go, and where they never are.
@Suite struct SecretTests {
    private static let value = "s3cr&t \"välue\"/+x"

    private static func server(_ http: TestHTTPServer) async throws -> TestServer {
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        let server = try await TestServer(configuration: configuration)
        try await server.putSecret("TOKEN", value)
        return server
    }

    private static func flow(_ data: String) -> String {
        #"""
        {"nodes":[{"id":"start","type":"start"},{"id":"call","type":"http","data":\#(data)},
        {"id":"end","type":"end"}],"edges":[{"source":"start","target":"call"},
        {"source":"call","target":"end"}]}
        """#
    }

    /// Sends back what it got, in every place that there is.
    private static func echo() async throws -> TestHTTPServer {
        try await TestHTTPServer.start { seen in
            let headers = seen.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
            let text = "\(seen.path)|\(headers)|\(seen.body)"
            return .init(
                headers: [("content-type", "application/json"), ("x-echo", seen.path)],
                body: JSONText(.array([.string(text), .string(value)])).text)
        }
    }

    @Test func `a request carries the secret, and what comes back does not`() async throws {
        let http = try await Self.echo()
        let server = try await Self.server(http)
        let execution = try await server.run(
            Self.flow(
                #"""
                {"method":"POST","url":"http://127.0.0.1:\#(http.port)/${.secrets.TOKEN}/x",
                "query":{"q":"${.secrets.TOKEN}"},"headers":{"x-number":"a ${.secrets.PLAIN}"},
                "auth":{"type":"basic","username":"me","password":"${.secrets.TOKEN}"},
                "body":{"deep":["<${.secrets.TOKEN}>"]}}
                """#))
        // PLAIN is not there yet.
        #expect(execution.error?.code == "SECRET_NOT_FOUND")
        #expect(http.seen.isEmpty)
        try await server.putSecret("PLAIN", "plain-text")
        let ended = try await server.rest(try await server.trigger().execution)
        #expect(ended.status == .completed)
        let seen = try #require(http.seen.first)
        let escaped = "s3cr%26t%20%22v%C3%A4lue%22%2F%2Bx"
        #expect(seen.path == "/\(escaped)/x?q=\(escaped)")
        #expect(seen.header("x-number") == "a plain-text")
        let credentials = Data("me:\(Self.value)".utf8).base64EncodedString()
        #expect(seen.header("authorization") == "Basic \(credentials)")
        #expect(seen.body == #"{"deep":["<s3cr&t \"välue\"/+x>"]}"#)
        let events = try await server.events(ended)
        let written = events.map { "\($0)" }.joined()
        for form in [Self.value, escaped, credentials, "plain-text", "s3cr&t"] {
            #expect(!written.contains(form))
            #expect(!ended.outputJSON.contains(form))
        }
        #expect(ended.outputJSON.contains("/***/x?q=***"))
        await server.stop()
        try await http.stop()
    }

    @Test func `no byte on disk holds the value or the mark`() async throws {
        let http = try await Self.echo()
        let server = try await Self.server(http)
        let execution = try await server.run(
            Self.flow(
                #"""
                {"method":"POST","url":"http://127.0.0.1:\#(http.port)/",
                "body":"${.secrets.TOKEN}"}
                """#))
        #expect(execution.status == .completed)
        for name in try FileManager.default.contentsOfDirectory(atPath: server.folder.path) {
            let bytes = try Data(contentsOf: server.folder.appending(path: name))
            for form in [Self.value, "s3cr&t", "s3cr%26t", SecretMark.head] {
                #expect(bytes.range(of: Data(form.utf8)) == nil, "\(name) holds \(form)")
            }
        }
        await server.stop()
        try await http.stop()
    }

    @Test func `a secret can be the URL itself, and its failure does not show it`() async throws {
        let http = try await Self.echo()
        let server = try await Self.server(http)
        try await server.putSecret("HOOK", "http://127.0.0.1:\(http.port)/hidden-place")
        let execution = try await server.run(Self.flow(#"{"url":"${.secrets.HOOK}"}"#))
        #expect(execution.status == .completed)
        #expect(http.seen.first?.path == "/hidden-place")
        try await server.putSecret("HOOK", "no-url-at-all")
        let failed = try await server.rest(try await server.trigger().execution)
        #expect(failed.error?.code == "HTTP_BAD_URL")
        #expect(failed.error?.message.contains("no-url-at-all") == false)
        await server.stop()
        try await http.stop()
    }

    @Test func `a redirect to another origin takes no secret along`() async throws {
        let other = try await Self.echo()
        let http = try await TestHTTPServer.start { _ in
            .init(status: 307, headers: [("location", "http://127.0.0.1:\(other.port)/")])
        }
        let server = try await Self.server(http)
        try await server.putSecret("KEY", "plain-text")
        let moved = try await server.run(
            Self.flow(
                #"""
                {"url":"http://127.0.0.1:\#(http.port)/","headers":{"x-key":"${.secrets.KEY}"}}
                """#))
        #expect(moved.status == .completed)
        #expect(http.seen.first?.header("x-key") == "plain-text")
        #expect(other.seen.first?.header("x-key") == nil)
        let body = try await server.run(
            Self.flow(
                #"""
                {"method":"POST","url":"http://127.0.0.1:\#(http.port)/",
                "body":"${.secrets.TOKEN}"}
                """#))
        #expect(body.error?.code == "HTTP_SECRET_REDIRECTED")
        await server.stop()
        try await http.stop()
        try await other.stop()
    }

    @Test func `a mark that somebody sends in is only text`() async throws {
        let http = try await Self.echo()
        let server = try await Self.server(http)
        let forged = SecretMark.head + String(repeating: "0", count: 32) + ".TOKEN."
        let execution = try await server.run(
            Self.flow(
                #"""
                {"method":"POST","url":"http://127.0.0.1:\#(http.port)/",
                "headers":{"x-key":"${.secrets.TOKEN}"},"body":{"v":"${.input}"}}
                """#), input: "\"\(forged)\"")
        #expect(execution.status == .completed)
        #expect(http.seen.first?.body == #"{"v":"\#(forged)"}"#)
        await server.stop()
        try await http.stop()
    }

    @Test(arguments: [
        (#"{"value":"${.secrets.TOKEN}"}"#, "set"),
        (#"{"message":"${.secrets.TOKEN}"}"#, "log"),
        (#"{"url":"http://a.example/","body":"${.secrets.TOKEN | ascii_downcase}"}"#, "http"),
        (#"{"url":"http://a.example/","body":"${.secrets}"}"#, "http"),
        (#"{"url":"http://a.example/","body":"${.secrets[\"a-b\"]}"}"#, "http"),
    ])
    func `a definition may use secrets nowhere else`(_ data: String, _ kind: String) async throws {
        let server = try await TestServer()
        let faults = await server.engine.validate(
            Self.flow(data).replacing(#""type":"http""#, with: "\"type\":\"\(kind)\""),
            allowUnregistered: false, workspaceID: "default")
        #expect(faults.contains { $0.code == "BAD_EXPRESSION" })
        await server.stop()
    }
}

extension TestServer {
    func putSecret(_ name: String, _ value: String) async throws {
        var row = SecretRow(
            workspaceID: "default", name: name, keyID: "", box: [],
            createdAt: environment.now(), updatedAt: environment.now(), updatedBy: "test")
        let sealed = try engine.secretKeys.seal(Array(value.utf8), for: row.context)
        row = SecretRow(
            workspaceID: "default", name: name, keyID: sealed.keyID, box: sealed.box,
            createdAt: environment.now(), updatedAt: environment.now(), updatedBy: "test")
        let outcome = try await committer.commit(
            Commit([.secret(.put(row, limit: 10))]), admission: .new)
        guard case .committed = outcome else {
            Issue.record("the secret was not kept: \(outcome)")
            return
        }
    }
}
