import Foundation
import Messages
import ProtobufRuntime
import SignalboxClient
import Testing

/// Who may do what, from the command line to the store of a real server.
struct AccessCommandTests {
    @Test func `a workspace is set up, used and taken down again`() async throws {
        let server = try await ServerProcess()
        let made = try await server.run("workspace", "create", "acme", "--name", "Acme", "--json")
        #expect(made.status == 0, "\(made.complaint)")
        let workspace = try Workspace(protobufJSON: made.output)
        #expect(workspace.name == "Acme")

        let pod = try await server.run("pod", "create", "sales", "--workspace", workspace.uuid)
        #expect(pod.output == "sales\n")
        let pods = try await server.run("pod", "list", "--workspace", "acme", "--json")
        #expect(
            try ListPodsResponse(protobufJSON: pods.output).pods.map(\.id) == ["default", "sales"])

        let token = try await server.run(
            "token", "create", "ci", "--role", "admin", "--kind", "sdk", "--workspace", "acme",
            "--group", "finance", "--rate-limit", "600")
        let secret = token.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(secret.hasPrefix("sdk_"), "\(token.complaint)")
        let client = try await server.client(token: secret)
        let who = try await client.getInfo().principal
        #expect(who?.workspaceID == "acme")
        #expect(who?.groups == ["finance"])
        _ = try await client.deletePod(DeletePodRequest(podID: "sales"))

        let member = try await server.run(
            "member", "put", "user:ada", "--role", "viewer", "--workspace", "acme")
        #expect(member.output == "user:ada is viewer of acme\n", "\(member.complaint)")

        try server.write(
            "settings.json", #"{"maskingRules":[{"name":"card","keys":["card"]}]}"#)
        let settings = try await server.run(
            "workspace", "configure", "settings.json", "--workspace", "acme")
        #expect(settings.status == 0, "\(settings.complaint)")
        #expect(
            try await server.run("workspace", "settings", "--workspace", "acme").output
                == settings.output)

        let rotated = try await server.run("token", "rotate", "ci", "--workspace", "acme")
        #expect(rotated.output.hasPrefix("sdk_") && rotated.output != token.output)
        await #expect(throws: (any Error).self) { try await client.getWorkspace(.init()) }
        await client.close()

        let audit = try await server.run("audit", "--workspace", "acme", "--json")
        let entries = try ListAuditEntriesResponse(protobufJSON: audit.output).entries
        #expect(
            entries.map { "\($0.principal) \($0.operation) \($0.object)" } == [
                "token:default/admin AdminService/RotateToken token ci",
                "token:default/admin AdminService/UpdateSettings settings",
                "token:default/admin AdminService/PutMember member user:ada viewer",
                "token:ci AdminService/DeletePod pod sales",
                "token:default/admin ServerService/CreateToken token ci",
                "token:default/admin AdminService/CreatePod pod sales",
            ])
        #expect(entries.allSatisfy { $0.origin.hasPrefix("ttrpc 127.0.0.1:") })

        #expect(try await server.run("workspace", "delete", "acme").output == "deleted acme\n")
        #expect(try await server.run("workspace", "get", "acme").status == 66)
        #expect(try await server.run("workspace", "create", "acme").status == 4)
        #expect(try await server.run("pod", "delete", "default").status == 4)
        #expect(try await server.run("audit", "--from", "yesterday").status == 64)
    }

    @Test func `workflows and executions are those of the workspace and pod that are named`()
        async throws
    {
        let server = try await ServerProcess()
        _ = try await server.run("workspace", "create", "acme")
        _ = try await server.run("pod", "create", "sales", "--workspace", "acme")
        try server.write(
            "ask.json",
            #"""
            {"id": "ask", "nodes": [{"id": "s", "type": "start", "data": {}},
             {"id": "a", "type": "approval", "data": {"message": "?"}}],
             "edges": [{"source": "s", "target": "a"}]}
            """#)
        let there = ["--workspace", "acme", "--pod", "sales"]
        func run(_ arguments: String..., at place: [String] = there) async throws -> Program.Ended {
            try await Program.run(
                arguments + place, in: server.folder, environment: try server.environment)
        }
        #expect(try await run("workflow", "put", "ask.json").output == "ask version 1\n")
        #expect(try await run("workflow", "deploy", "ask").status == 0)
        #expect(try await run("trigger", "ask", "--wait").status == 3)
        #expect(try await run("count").output == "1\n")
        #expect(try await run("count", at: []).output == "0\n")
        #expect(try await run("get", "1", at: []).status == 66)
        #expect(
            try await run("get", "1", at: ["--workspace", "acme", "--pod", "other"]).status == 66)
        #expect(try await run("nodes", "1").output.contains("a"))
        #expect(try await run("respond", "1", "--approve").status == 0)
        #expect(try await run("watch", "1").status == 0)
        #expect(try await run("logs", "1").output.contains("created"))
        #expect(try await run("replay", "1", "--watch", "--until-suspended").status == 3)
        #expect(try await run("cancel", "2").status == 0)
        #expect(try await run("delete", "2").output == "erased 2\n")
        #expect(try await run("workflow", "list", at: []).output.contains("ask") == false)
        #expect(try await run("workflow", "delete", "ask").status == 0)
    }

    @Test(arguments: [
        ["--jwt-issuer", "i"], ["--jwt-jwks", "f"],
        ["--jwt-issuer", "i", "--jwt-audience", "a"],
        ["--jwt-issuer", "i", "--jwt-audience", "a", "--jwt-jwks", "http://example.com/keys"],
        [
            "--jwt-issuer", "i", "--jwt-audience", "a", "--jwt-jwks", "f", "--jwt-algorithm",
            "HS256",
        ],
        ["--jwt-issuer", "i", "--jwt-audience", "a", "--jwt-jwks", "f", "--jwt-algorithm", "none"],
        ["--rate-limit", "0"], ["--client-certificate-role", "/admin"],
        ["--client-certificate-role", "a=b/c/admin"],
    ])
    func `a server does not start with half of an identity`(arguments: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("signalbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ended = try await Program.run(["serve"] + arguments, in: folder)
        #expect(ended.status == 64, "\(ended.complaint)")
    }
}
