import Engine
import Foundation
import JSON
import Messages
import Model
import Store
import Testing

/// Runs every example of docs/workflows.md and compares what its comment promises.
@Suite struct DocumentedExampleTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let kind: String
        let promises: [String: String]
        let definition: String

        var testDescription: String { kind }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let examples: [Example] = {
        let url = root.appending(path: "docs/workflows.md")
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        var examples: [Example] = []
        var kind = ""
        var promises: [String: String]?
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("### ") { kind = String(line.dropFirst(4)) }
            if line.hasPrefix("<!-- example: ") {
                var found: [String: String] = [:]
                for word in line.dropFirst(14).dropLast(4).split(separator: " ")
                where word.contains("=") {
                    let parts = word.split(separator: "=", maxSplits: 1)
                    found[String(parts[0])] = String(parts[1])
                }
                // Values with spaces are put together from the whole comment.
                for key in ["answer", "output"] {
                    if let range = line.firstRange(of: "\(key)=") {
                        let rest = line[range.upperBound...].dropLast(4)
                        let end = rest.firstRange(of: " status=")?.lowerBound ?? rest.endIndex
                        found[key] = String(rest[..<end])
                    }
                }
                promises = found
            } else if line == "```json", promises != nil {
                lines = []
            } else if line == "```", let body = lines, let found = promises {
                examples.append(
                    Example(
                        kind: kind, promises: found, definition: body.joined(separator: "\n")))
                lines = nil
                promises = nil
            } else {
                lines?.append(line)
            }
        }
        return examples
    }()

    /// The workflows that examples call, by name.
    static let called: [String: String] = {
        let url = root.appending(path: "docs/workflows.md")
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [:] }
        var called: [String: String] = [:]
        for part in text.components(separatedBy: "<!-- workflow: ").dropFirst() {
            let name = part.prefix { $0 != " " }
            guard let start = part.firstRange(of: "```json\n")?.upperBound,
                let end = part[start...].firstRange(of: "\n```")?.lowerBound
            else { continue }
            called[String(name)] = String(part[start..<end])
        }
        return called
    }()

    @Test func `every kind has an example`() {
        let documented = Set(Self.examples.map(\.kind))
        #expect(Engine.nodeKinds.filter { !documented.contains($0) } == [])
    }

    @Test(arguments: examples)
    func `an example runs as it says`(_ example: Example) async throws {
        let http = try await TestHTTPServer.start { seen in
            seen.path == "/items/lamp"
                ? .init(
                    headers: [("content-type", "application/json")], body: #"{"name":"Lamp"}"#)
                : .init(status: 404)
        }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1:\(http.port)"]
        let server = try await TestServer(configuration: configuration)
        let definition = example.definition.replacing(
            "127.0.0.1:7480", with: "127.0.0.1:\(http.port)")
        let worker = try await server.worker(of: example.promises["worker"])
        defer { worker?.cancel() }
        #expect(
            await server.engine.validate(
                definition, allowUnregistered: false, workspaceID: "default") == [])
        try await server.put(definition)
        if let child = example.promises["child"] {
            try await server.put(try #require(Self.called[child]), id: child)
        }
        let triggered = try await server.trigger(input: example.promises["input"] ?? "")
        if let advance = example.promises["advance"] {
            _ = try await server.until(triggered.execution) {
                $0.status == .suspended || $0.waitingUntil != nil
            }
            server.environment.advance(by: try #require(DurationText.parse(advance)))
            server.environment.advance(by: .seconds(60))
        }
        if let answer = example.promises["answer"] {
            _ = try await server.rest(triggered.execution)
            _ = try await server.engine.respond(
                ExecutionNumber(rawValue: triggered.execution.number),
                InterruptResponse(dataJSON: answer, respondedBy: "test"), request: nil)
        }
        if let name = example.promises["event"] {
            _ = try await server.engine.publish(
                EventRow(
                    workspaceID: "default", name: name, key: example.promises["key"] ?? "",
                    eventID: "e", hash: [], dataJSON: example.promises["data"] ?? "null",
                    publishedAt: server.environment.now(), publishedBy: "test"))
        }
        let ended = try await server.until(triggered.execution) { $0.status.isOver }
        #expect(ended.status.protobufName.lowercased().hasSuffix(example.promises["status"] ?? "?"))
        if let output = example.promises["output"] {
            #expect(try JSONValue(parsing: ended.outputJSON) == JSONValue(parsing: output))
        }
        if let code = example.promises["error"] { #expect(ended.error?.code == code) }
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
        try await http.stop()
    }

    @Test func `the examples that ship are good`() async throws {
        let server = try await TestServer()
        let folder = Self.root.appending(path: "examples")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        let definitions = files.filter {
            $0.pathExtension == "json" && !$0.lastPathComponent.hasSuffix(".input.json")
        }
        #expect(!definitions.isEmpty)
        for file in definitions {
            let text = try String(contentsOf: file, encoding: .utf8)
            let faults = await server.engine.validate(
                text, allowUnregistered: false, workspaceID: "default")
            #expect(faults == [], "\(file.lastPathComponent)")
        }
        await server.stop()
    }
}
