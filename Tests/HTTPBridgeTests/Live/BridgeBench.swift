import Engine
import Expressions
import Foundation
import HTTPTypes
import Logging
import Messages
import Model
import ProtobufRuntime
import SQLiteStore
import Store
import StoreConformance
import Synchronization
import Testing

@testable import HTTPBridge
@testable import Operations

/// The bridge over a real store and engine, in a folder of their own.
final class BridgeBench: Sendable {
    let operations: Operations
    private let store: SQLiteStore
    private let committer: Committer
    private let engine: Engine
    private let folder: String

    private init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("signalbox-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let limits = Limits()
        let environment = SystemEnvironment()
        store = try SQLiteStore(path: "\(folder)/store.sqlite")
        let feed = JournalFeed(store: store, limits: limits)
        committer = Committer(store: store, feed: feed, limits: limits, logger: logger)
        committer.run()
        let helper = ExpressionEvaluator.helperPathBesideExecutable() ?? "signalbox-expression"
        engine = Engine(
            store: store, committer: committer,
            evaluator: ExpressionEvaluator(helperPath: helper, limits: .standard, logger: logger),
            environment: environment, limits: limits, logger: logger)
        operations = Operations(
            store: store, committer: committer, feed: feed, engine: engine,
            environment: environment, limits: limits,
            server: ServerIdentity(
                version: "0", startTime: WallTime(microseconds: 0), nodeKinds: []),
            logger: logger)
    }

    /// Gives `body` a bench, and cleans up after it.
    static func with(_ body: (BridgeBench) async throws -> Void) async throws {
        let bench = try BridgeBench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bench.engine.run() }
            await bench.engine.started()
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(bench))
            } catch {
                result = .failure(error)
            }
            #expect(bench.engine.invariantFaults() == [])
            await bench.engine.drain()
            group.cancelAll()
            while (try? await group.next()) != nil {}
            await bench.committer.stop()
            // Nobody writes any more: what is read page by page is of one moment.
            #expect(try await bench.store.wakeUpFaults(workspaces: ["default"]) == [])
            bench.store.close()
            try? FileManager.default.removeItem(atPath: bench.folder)
            try result.get()
        }
    }

    /// A bridge for some dialects.
    func bridge(_ dialects: any Dialect...) -> Bridge {
        Bridge(
            dialects: dialects,
            identification: Identification(operations: operations) { _ in nil }, version: "0",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    static let admin = Caller(
        Principal(
            name: "token:root", workspaceID: "default", role: .admin, serverAdmin: true,
            tokenID: "root"), origin: "test")

    /// A token of a viewer.
    func token() async throws -> (id: String, fields: HTTPFields, secret: String) {
        let made = try await operations.createToken(
            CreateTokenRequest(name: "test-\(UUID().uuidString.prefix(8))", role: .viewer),
            by: Self.admin)
        return (
            made.token?.id ?? "", [.authorization: "Bearer \(made.secret)"], made.secret
        )
    }

    func revoke(_ tokenID: String) async throws {
        _ = try await operations.revokeToken(
            RevokeTokenRequest(tokenID: tokenID), by: Self.admin)
    }

    /// Runs a chain of `noops` nodes, and perhaps an approval, until it ends or waits.
    func run(noops: Int, approval: Bool = false) async throws -> Execution {
        var nodes = [#"{"id":"s","type":"start"}"#]
        var edges: [String] = []
        var last = "s"
        for index in 0..<noops {
            nodes.append(#"{"id":"n\#(index)","type":"noop"}"#)
            edges.append(#"{"source":"\#(last)","target":"n\#(index)"}"#)
            last = "n\(index)"
        }
        if approval {
            nodes.append(#"{"id":"a","type":"approval","data":{"message":"?"}}"#)
            edges.append(#"{"source":"\#(last)","target":"a"}"#)
        }
        let id = "chain-\(noops)-\(approval)"
        _ = try await operations.putWorkflow(
            PutWorkflowRequest(
                definitionJSON: #"{"id":"\#(id)","nodes":[\#(nodes.joined(separator: ","))],"#
                    + #""edges":[\#(edges.joined(separator: ","))]}"#), by: Self.admin)
        return try await operations.triggerExecution(
            TriggerRequest(workflowID: id, wait: ProtobufDuration(seconds: 60)), by: Self.admin
        ).execution ?? Execution()
    }
}
