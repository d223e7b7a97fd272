import Foundation
import Messages
import ProtobufRuntime
import SignalboxClient
import Testing

/// A real server in a process and a folder of its own.
final class ServerProcess {
    let folder: URL
    private(set) var address = ""
    private var process: ChildProcess?
    private let arguments: [String]
    private let listen: String?
    private let variables: [String: String]
    private let tokenFile: String
    private let ownFolder: TemporaryFolder?

    /// Starts it; returns when it listens.
    /// - Parameters:
    ///   - token: the name of its first token's file.
    ///   - folder: of another server's; nil: its own.
    ///   - listen: what `--listen` says; nil: nothing, and the settings say where.
    ///   - variables: its environment.
    init(
        _ arguments: [String] = [], token: String = "admin.token", in folder: URL? = nil,
        listen: String? = "127.0.0.1:0", variables: [String: String] = [:]
    ) async throws {
        self.arguments = arguments
        self.listen = listen
        self.variables = variables
        tokenFile = token
        let ownFolder = folder == nil ? try TemporaryFolder() : nil
        self.ownFolder = ownFolder
        self.folder = folder ?? ownFolder?.url ?? FileManager.default.temporaryDirectory
        try await start()
    }

    deinit {
        guard let process, process.isRunning else { return }
        checkWakeUps()
        kill(process.identifier, SIGKILL)
    }

    /// Every execution that is not final has a next wake-up, and `list` shows it: at the end of every
    /// test. A server that does not answer at the end, or asks for more than a token, is not asked.
    private func checkWakeUps() {
        do {
            let ended = try Program.runBlocking(
                ["list", "--json", "--limit", "1000"], in: folder, environment: try environment,
                seconds: 10)
            guard let ended, ended.status == 0 else { return }
            let list = try ListExecutionsResponse(protobufJSON: ended.output)
            for execution in list.executions {
                let isFinal = [.completed, .failed, .cancelled].contains(execution.status)
                #expect(
                    isFinal == execution.nextWakeUp.isEmpty,
                    "execution \(execution.number): \(execution.nextWakeUp)")
            }
        } catch {
            Issue.record("cannot look for wake-ups: \(error)")
        }
    }

    var token: String {
        get throws {
            try Program.read(folder.appendingPathComponent(tokenFile))
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    var log: String {
        get throws { try Program.read(folder.appendingPathComponent("server.log")) }
    }

    /// What clients on the command line need.
    var environment: [String: String] {
        get throws {
            [
                "SIGNALBOX_SERVER": address, "SIGNALBOX_CA": caFile, "SIGNALBOX_TOKEN": try token,
            ]
        }
    }

    private var caFile: String { folder.appendingPathComponent("signalbox-certificate.pem").path }

    /// Starts it again on the same folder and, where that is known, the same address.
    func start() async throws {
        let output = Pipe()
        let log = folder.appendingPathComponent("server.log")
        let complaint = try Program.file(log)
        let place = address.isEmpty ? listen : address
        let process = try Program.start(
            ["serve"] + (place.map { ["--listen", $0] } ?? []) + arguments,
            in: folder, environment: variables, output: output.fileHandleForWriting,
            complaint: complaint)
        try output.fileHandleForWriting.close()
        self.process = process
        guard let found = await Self.address(output.fileHandleForReading) else {
            throw Program.Failure(
                description: "the server does not listen: \(try Program.read(log))")
        }
        address = found
    }

    /// Ends it with a signal and returns its status.
    func end(_ signal: Int32) async throws -> Int32 {
        guard let process else { throw Program.Failure(description: "there is no server") }
        kill(process.identifier, signal)
        self.process = nil
        return await process.ended()
    }

    func signal(_ signal: Int32) {
        if let process { kill(process.identifier, signal) }
    }

    func client(token: String? = nil) async throws -> SignalboxClient {
        try await SignalboxClient.connect(
            ClientConfiguration(
                server: address, caFile: caFile, token: try token ?? self.token))
    }

    func run(_ arguments: String...) async throws -> Program.Ended {
        try await Program.run(arguments, in: folder, environment: try environment)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(
            to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    /// Reads lines until it says that it listens; nil if it ends without.
    private static func address(_ output: FileHandle) async -> String? {
        await withCheckedContinuation { continuation in
            // Blocks on the pipe, so it must not be one of the tests' own threads.
            Thread.detachNewThread {
                var text = ""
                while true {
                    let data = output.availableData
                    guard !data.isEmpty else { return continuation.resume(returning: nil) }
                    text += String(decoding: data, as: UTF8.self)
                    for line in text.split(separator: "\n", omittingEmptySubsequences: false)
                        .dropLast()
                    {
                        if line.hasPrefix("listening on ") {
                            return continuation.resume(
                                returning: String(line.dropFirst("listening on ".count)))
                        }
                    }
                }
            }
        }
    }
}

extension SignalboxClient {
    /// Saves the workflows that the tests run.
    func saveWorkflows() async throws {
        for definition in Workflows.all {
            _ = try await putWorkflow(PutWorkflowRequest(definitionJSON: definition))
        }
    }
}

enum Workflows {
    static let all = [noops, approval, failing, echo]

    static let noops = line("noops", [("one", "noop", "{}"), ("two", "noop", "{}")])
    static let approval = line("approval", [("approve", "approval", #"{"message":"Go on?"}"#)])
    static let failing = line(
        "failing", [("fail", "fail", #"{"code":"NO_LUCK","message":"out of luck"}"#)])
    static let echo = line("echo", [("say", "set", #"{"value":"${ .input.text }"}"#)])

    /// A workflow of nodes one after the other.
    static func line(_ id: String, _ nodes: [(id: String, type: String, data: String)]) -> String {
        let all = [("start", "start", "{}")] + nodes + [("end", "end", "{}")]
        let texts = all.map { #"{"id":"\#($0.0)","type":"\#($0.1)","data":\#($0.2)}"# }
        let edges = zip(all, all.dropFirst()).map { left, right in
            let handle = left.1 == "approval" ? #","sourceHandle":"approved""# : ""
            return #"{"source":"\#(left.0)"\#(handle),"target":"\#(right.0)"}"#
        }
        return
            #"{"id":"\#(id)","nodes":[\#(texts.joined(separator: ","))],"#
            + #""edges":[\#(edges.joined(separator: ","))]}"#
    }
}
