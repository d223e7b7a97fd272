import Foundation
import Messages
import ProtobufRuntime
import Testing

/// The real binary, as scripts use it.
struct CommandLineTests {
    private static func prepared() async throws -> ServerProcess {
        let server = try await ServerProcess()
        for (index, definition) in Workflows.all.enumerated() {
            try server.write("w\(index).json", definition)
        }
        let saved = try await server.run(
            "workflow", "put", "w0.json", "w1.json", "w2.json", "w3.json")
        #expect(saved.status == 0, "\(saved.complaint)")
        return server
    }

    @Test func `the exit status tells how an execution ended`() async throws {
        let server = try await Self.prepared()
        let rows: [([String], Int32)] = [
            (["trigger", "noops", "--wait"], 0), (["trigger", "noops", "--watch"], 0),
            (["trigger", "noops"], 0), (["trigger", "failing", "--wait"], 1),
            (["trigger", "failing", "--watch"], 1), (["trigger", "approval", "--wait"], 3),
            (["trigger", "approval", "--watch", "--until-suspended"], 3),
            (["get", "4711"], 66), (["cancel", "1"], 4),
            (["trigger", "nobody"], 66), (["trigger", "echo", "--input", "{"], 65),
            (["frobnicate"], 64), (["get"], 64), (["trigger", "a", "--watch", "--wait"], 64),
            (["list", "--status", "odd"], 64), (["list", "--limit", "0"], 64),
            (["list", "--limit", "1001"], 64), (["list", "--token", "sb_wrong"], 77),
            (["list", "--server", "127.0.0.1:1"], 69),
        ]
        for (arguments, status) in rows {
            let ended = try await Program.run(
                arguments, in: server.folder, environment: try server.environment)
            #expect(ended.status == status, "\(arguments): \(ended.output)\(ended.complaint)")
            // What failed is said, and not among the output.
            #expect((status >= 4) == !ended.complaint.isEmpty, "\(arguments): \(ended.complaint)")
        }
    }

    @Test func `a cancelled execution ends a watch with 2`() async throws {
        let server = try await Self.prepared()
        _ = try await server.run("trigger", "approval", "--wait")
        #expect(try await server.run("cancel", "1", "--reason", "enough").status == 0)
        #expect(try await server.run("watch", "1").status == 2)
    }

    @Test func `JSON is the proto3 JSON of the messages`() async throws {
        let server = try await Self.prepared()
        let ended = try await server.run(
            "trigger", "echo", "--input", #"{"text":1.50}"#, "--wait", "--json")
        let execution = try Execution(protobufJSON: ended.output)
        #expect(execution.status == .completed)
        #expect(execution.outputJSON == "1.50")
        let list = try ListExecutionsResponse(
            protobufJSON: try await server.run("list", "--json").output)
        #expect(list.executions.map(\.id) == [execution.id])
        let events = try await server.run("watch", "1", "--json").output
            .split(separator: "\n").map { try ExecutionEvent(protobufJSON: String($0)) }
        #expect(events.map(\.sequence) == Array(1...execution.lastSequence))
        let info = try GetInfoResponse(protobufJSON: try await server.run("info", "--json").output)
        #expect(info.principal?.role == .admin)
        #expect(info.nodeKinds.contains("http"))
    }

    @Test func `what people read is a table without control characters`() async throws {
        let server = try await Self.prepared()
        _ = try await server.run(
            "trigger", "echo", "--input", #"{"text":"a\u001b[31mb"}"#, "--wait", "--key", "k")
        let list = try await server.run("list", "--key", "k").output
        #expect(list.hasPrefix("NUMBER"))
        #expect(list.contains("echo v1"))
        for text in [list, try await server.run("get", "1").output] {
            #expect(!text.unicodeScalars.contains { $0.value == 0x1B })
        }
    }

    @Test func `faults of a definition are all listed`() async throws {
        let server = try await ServerProcess()
        try server.write(
            "bad.json",
            #"{"id":"b","nodes":[{"id":"a","type":"noop","data":{}}],"edges":[{"source":"a","target":"x"}]}"#
        )
        let checked = try await server.run("workflow", "validate", "bad.json")
        #expect(checked.status == 65)
        #expect(checked.output.contains("DANGLING_EDGE"))
        #expect(try await server.run("workflow", "put", "bad.json").status == 65)
    }

    @Test func `settings come from the file, the environment and the flags, the last first`()
        async throws
    {
        let server = try await ServerProcess()
        let ca = try server.environment["SIGNALBOX_CA"] ?? ""
        let token = try server.token
        try server.write(
            "client.json", #"{"server":"\#(server.address)","ca":"\#(ca)","token":"\#(token)"}"#)
        let file = ["info", "--config", "client.json"]
        #expect(try await Program.run(file, in: server.folder).status == 0)
        let overridden = try await Program.run(
            file, in: server.folder, environment: ["SIGNALBOX_TOKEN": "sb_wrong"])
        #expect(overridden.status == 77)
        let flag = try await Program.run(
            file + ["--token", token], in: server.folder,
            environment: ["SIGNALBOX_TOKEN": "sb_wrong"])
        #expect(flag.status == 0)
    }

    @Test func `the program's version and a workflow's are two things`() async throws {
        let folder = try TemporaryFolder()
        let version = try await Program.run(["--version"], in: folder.url)
        #expect(version.status == 0)
        #expect(version.output.split(separator: ".").count == 3)
        let help = try await Program.run(["trigger", "--help"], in: folder.url).output
        #expect(help.components(separatedBy: "--version").count == 2, "\(help)")
        let bare = try await Program.run([], in: folder.url)
        #expect(bare.status == 0)
        #expect(bare.output.contains("serve"))
    }

    @Test func `JSON is one document, also where there is nothing to say`() async throws {
        let server = try await Self.prepared()
        _ = try await server.run("trigger", "noops", "--wait")
        _ = try await server.run("token", "create", "ci", "--role", "viewer")
        let rows = [
            ["delete", "1"], ["workflow", "delete", "noops"], ["token", "revoke", "ci"],
            ["list"], ["count"], ["inbox"], ["workflow", "list"], ["workflow", "get", "echo"],
            ["worker", "list"], ["worker", "kinds"], ["worker", "queues"], ["schedule", "list"],
            ["webhook", "list"], ["event", "list"], ["workspace", "list"], ["pod", "list"],
            ["member", "list"], ["token", "list"], ["tag", "list"], ["batch", "list"],
            ["bulk", "list"], ["secret", "list"], ["audit"], ["workspace", "redaction"],
            ["workspace", "retention"], ["workspace", "settings"], ["export"], ["info"],
        ]
        for row in rows {
            let ended = try await Program.run(
                row + ["--json"], in: server.folder, environment: try server.environment)
            #expect(ended.status == 0, "\(row): \(ended.complaint)")
            #expect(throws: Never.self, "\(row): \(ended.output)") {
                try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
            }
        }
        #expect(try await server.run("export", "--json", "--format", "csv").status == 64)
    }
}
