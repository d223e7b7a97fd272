import Foundation
import Messages
import SignalboxClient
import Testing

/// `signalbox serve` as a process.
struct ServeTests {
    @Test func `a second server on the same store is refused and says why`() async throws {
        let server = try await ServerProcess()
        let second = try await Program.run(
            ["serve", "--listen", "127.0.0.1:0"], in: server.folder)
        #expect(second.status == 69)
        #expect(second.complaint.contains("open in another server"))
    }

    @Test(arguments: ["--listen", "--admin-http", "--local-http"])
    func `an occupied address is refused before anything is made`(flag: String) async throws {
        let server = try await ServerProcess()
        let folder = try TemporaryFolder()
        let rest = flag == "--listen" ? [] : ["--listen", "127.0.0.1:0"]
        let second = try await Program.run(
            ["serve", flag, server.address] + rest, in: folder.url)
        #expect(second.status == 69)
        #expect(second.complaint.contains("\(server.address) is in use"), "\(second.complaint)")
        #expect(second.complaint.contains("\(flag) HOST:PORT"), "\(second.complaint)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(left.filter { !$0.hasSuffix(".out") && !$0.hasSuffix(".err") } == [])
    }

    @Test func `it needs no arguments`() async throws {
        let server = try await ServerProcess(
            listen: nil, variables: ["SIGNALBOX_LISTEN": "127.0.0.1:0"])
        let made = try FileManager.default.contentsOfDirectory(atPath: server.folder.path)
        #expect(
            Set(made).isSuperset(of: [
                "signalbox.sqlite", "admin.token", "signalbox-certificate.pem",
                "signalbox-private-key.pem",
            ]), "\(made)")
        let client = try await server.client()
        #expect(try await client.getInfo().version.isEmpty == false)
        await client.close()
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test func `the command line comes before the environment, and that before the file`()
        async throws
    {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("settings.json")
        try #"""
        {"listen": "nowhere", "store": "sqlite:file.sqlite", "rate-limit": 4321,
        "limit": ["running_max=5", "queued_max=6"]}
        """#.write(to: file, atomically: true, encoding: .utf8)
        let server = try await ServerProcess(
            ["--config", "settings.json"], token: "environment.admin.token", in: folder.url,
            variables: [
                "SIGNALBOX_STORE": "sqlite:environment.sqlite", "SIGNALBOX_LISTEN": "nowhere",
            ])
        let client = try await server.client()
        let limits = try await client.getInfo().limits
        #expect(limits["calls_per_minute_max"] == 4_321)
        #expect(limits["running_max"] == 5)
        #expect(limits["queued_max"] == 6)
        await client.close()
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test func `two stores in one folder keep their own first tokens`() async throws {
        let server = try await ServerProcess(
            ["--store", "sqlite:one.sqlite"], token: "one.admin.token")
        let first = try server.token
        _ = try await server.end(SIGTERM)
        let other = try await ServerProcess(
            ["--store", "sqlite:two.sqlite"], token: "two.admin.token", in: server.folder)
        #expect(try other.token != first)
        #expect(try server.token == first)
        _ = try await other.end(SIGTERM)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `it drains: watchers are let go, and it ends with 0`(signal: Int32) async throws {
        let server = try await ServerProcess(["--grace", "0"])
        let client = try await server.client()
        try await client.saveWorkflows()
        let made = try #require(
            try await client.trigger(TriggerRequest(workflowID: "approval")).execution)
        var events = client.watch(
            WatchRequest(executionID: made.id), patience: .zero
        ).makeAsyncIterator()
        #expect(try await events.next()?.sequence == 1)
        #expect(try await server.end(signal) == 0)
        await client.close()
    }

    @Test func `what was acknowledged is there after kill -9`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        try await client.saveWorkflows()
        var ids: Set<String> = []
        for _ in 0..<20 {
            let answer = try await client.trigger(TriggerRequest(workflowID: "noops"))
            ids.insert(try #require(answer.execution).id)
        }
        _ = try await server.end(SIGKILL)
        try await server.start()
        let page = try await client.listExecutions(ListExecutionsRequest(pageSize: 100))
        #expect(Set(page.executions.map(\.id)) == ids)
        for id in ids {
            for try await _ in client.watch(WatchRequest(executionID: id)) {}
            let execution = try await client.getExecution(GetExecutionRequest(executionID: id))
            #expect(execution.status == .completed)
        }
        await client.close()
    }

    @Test func `the first token is its owner's alone, and stays the same`() async throws {
        let server = try await ServerProcess()
        let file = server.folder.appendingPathComponent("admin.token").path
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let token = try server.token
        #expect(try await server.end(SIGTERM) == 0)
        try await server.start()
        #expect(try server.token == token)
    }

    @Test func `certificates are read again on SIGHUP, and bad ones change nothing`() async throws {
        let server = try await ServerProcess()
        let key = server.folder.appendingPathComponent("signalbox-private-key.pem")
        let good = try Program.read(key)
        try server.write("signalbox-private-key.pem", "no key")
        server.signal(SIGHUP)
        // Its own signal is waited for, so that the call meets what came of it.
        while try !server.log.contains("error certificates") { await Task.yield() }
        let client = try await server.client()
        _ = try await client.getInfo()
        await client.close()
        try server.write("signalbox-private-key.pem", good)
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test(
        arguments: [
            (["SIGNALBOX_GRACE": "abc"], "", "--grace"),
            (["SIGNALBOX_GRACE": "1.5"], "", "--grace"),
            (["SIGNALBOX_NO_REFLECTION": "maybe"], "", "--no-reflection"),
            (["SIGNALBOX_LIMIT": "queued_max=9,running_max=x"], "", "running_max of 1 to 100000"),
            ([:], #"{"limit": ["queued_max"]}"#, "NAME=NUMBER"),
            ([:], #"{"grace": "abc"}"#, "--grace"), ([:], #"{"listen": 7443}"#, "--listen"),
            ([:], #"{"lissten": "127.0.0.1:0"}"#, "'lissten'"), ([:], "{", "settings.json"),
            ([:], #"{"listen": "nonsense", "log": {"level": "debug"}}"#, "--listen"),
            ([:], #"{"log": {"level": "debug"}}"#, "'log'"),
        ] as [([String: String], String, String)])
    func `a setting that cannot be read or is not known is refused`(
        environment: [String: String], file: String, name: String
    ) async throws {
        let folder = try TemporaryFolder()
        var arguments = ["serve"]
        if !file.isEmpty {
            let path = folder.url.appendingPathComponent("settings.json")
            try file.write(to: path, atomically: true, encoding: .utf8)
            arguments += ["--config", "settings.json"]
        }
        let ended = try await Program.run(arguments, in: folder.url, environment: environment)
        #expect(ended.status == 64)
        #expect(ended.complaint.contains(name), "\(ended.complaint)")
    }

    @Test(arguments: [
        (["--listen", "nonsense"], "--listen"), (["--store", "mysql:x"], "--store"),
        (["--certificate", "a.pem"], "--private-key"), (["--grace", "99999"], "--grace"),
        (["--log-level", "loud"], "--log-level"), (["--log-format", "xml"], "--log-format"),
        (["--client-certificate-role", "king"], "--client-certificate-role"),
        (["--client-certificates", "optional"], "--client-ca"),
        (["--http-allow", "nowhere"], "--http-allow"),
        (["--limit", "walking_max=1"], "expected one of answer_bytes_max, "),
        (["--limit", "body_depth_max=1"], "none that can be set"),
        (["--limit", "running_max=0"], "running_max of 1 to 100000, got '0'"),
        (["--limit", "running_max=1", "--limit", "running_max=2"], "once"),
        (["--limit", "calls_per_minute_max=1", "--rate-limit", "2"], "--rate-limit"),
        (["--local-http", "127.0.0.1:0", "--local-role", "worker"], "--local-role"),
    ])
    func `a bad setting is refused by its name`(arguments: [String], name: String) async throws {
        let folder = try TemporaryFolder()
        let ended = try await Program.run(["serve"] + arguments, in: folder.url)
        #expect(ended.status == 64)
        #expect(ended.complaint.contains(name))
    }
}
