import Engine
import Expressions
import Foundation
import Logging
import Messages
import Model
import ProtobufRuntime
import SQLiteStore
import Store
import Testing
import StoreConformance

@testable import Operations

/// Operations over a real store and engine, in a folder of their own.
final class Desk: Sendable {
    let operations: Operations
    private let store: SQLiteStore
    private let committer: Committer
    private let engine: Engine
    private let folder: String

    private init(_ limits: Limits, _ webTokens: JWTVerifier?, _ environment: any Environment) throws
    {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("signalbox-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        store = try SQLiteStore(path: "\(folder)/store.sqlite")
        let feed = JournalFeed(store: store, limits: limits)
        committer = Committer(store: store, feed: feed, limits: limits, logger: logger)
        committer.run()
        let helper = ExpressionEvaluator.helperPathBesideExecutable() ?? "signalbox-expression"
        // A busy machine may take its time.
        var expressionLimits = ExpressionLimits.standard
        expressionLimits.wallMax = .seconds(60)
        engine = Engine(
            store: store, committer: committer,
            evaluator: ExpressionEvaluator(
                helperPath: helper, limits: expressionLimits, logger: logger),
            environment: environment, limits: limits, logger: logger)
        operations = Operations(
            store: store, committer: committer, feed: feed, engine: engine,
            environment: environment, limits: limits,
            server: ServerIdentity(
                version: "0", startTime: WallTime(microseconds: 0), nodeKinds: []),
            webTokens: webTokens, logger: logger)
    }

    /// Gives `body` a desk with the workflows `noops` and `approval`, and cleans up after it.
    static func with(
        limits: Limits = Limits(), webTokens: JWTVerifier? = nil,
        environment: any Environment = SystemEnvironment(), _ body: (Desk) async throws -> Void
    ) async throws {
        let desk = try Desk(limits, webTokens, environment)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.engine.run() }
            await desk.engine.started()
            let result: Result<Void, any Error>
            do {
                _ = try await desk.operations.createWorkspace(
                    CreateWorkspaceRequest(workspaceID: "other"), by: serverAdmin)
                for definition in [noops, approval] {
                    _ = try await desk.operations.putWorkflow(
                        PutWorkflowRequest(definitionJSON: definition), by: caller(.editor))
                }
                result = .success(try await body(desk))
            } catch {
                result = .failure(error)
            }
            #expect(desk.engine.invariantFaults() == [])
            await desk.engine.drain()
            group.cancelAll()
            while (try? await group.next()) != nil {}
            await desk.committer.stop()
            // Nobody writes any more: what is read page by page is of one moment.
            #expect(try await desk.store.wakeUpFaults(workspaces: ["default", "other"]) == [])
            desk.store.close()
            try? FileManager.default.removeItem(atPath: desk.folder)
            try result.get()
        }
    }

    static func caller(_ role: Role, workspaceID: String = "default") -> Caller {
        Caller(
            Principal(name: "token:\(role.word)", workspaceID: workspaceID, role: role))
    }

    /// One who may make workspaces.
    static let serverAdmin = Caller(
        Principal(
            name: "token:root", workspaceID: "default", role: .admin, serverAdmin: true,
            tokenID: "root"), origin: "grpc 127.0.0.1:1")

    /// One that has ended.
    func finished() async throws -> Execution {
        try await operations.triggerExecution(
            TriggerRequest(workflowID: "noops", wait: ProtobufDuration(seconds: 60)),
            by: Self.caller(.operator)
        ).execution ?? Execution()
    }

    /// One that failed.
    func failed() async throws -> Execution {
        _ = try await operations.putWorkflow(
            PutWorkflowRequest(definitionJSON: Self.failing), by: Self.caller(.editor))
        return try await operations.triggerExecution(
            TriggerRequest(workflowID: "failing", wait: ProtobufDuration(seconds: 60)),
            by: Self.caller(.operator)
        ).execution ?? Execution()
    }

    /// One that waits for an approval.
    func suspended() async throws -> Execution {
        try await operations.triggerExecution(
            TriggerRequest(workflowID: "approval", wait: ProtobufDuration(seconds: 60)),
            by: Self.caller(.operator)
        ).execution ?? Execution()
    }

    static let noops =
        #"{"id":"noops","nodes":[{"id":"s","type":"start","data":{}},{"id":"n","type":"noop","data":{}},{"id":"e","type":"end","data":{}}],"edges":[{"source":"s","target":"n"},{"source":"n","target":"e"}]}"#
    static let failing =
        #"{"id":"failing","nodes":[{"id":"s","type":"start","data":{}},{"id":"n","type":"noop","data":{}},{"id":"f","type":"fail","data":{"message":"no"}}],"edges":[{"source":"s","target":"n"},{"source":"n","target":"f"}]}"#
    static let approval =
        #"{"id":"approval","nodes":[{"id":"s","type":"start","data":{}},{"id":"a","type":"approval","data":{"message":"?"}},{"id":"e","type":"end","data":{}}],"edges":[{"source":"s","target":"a"},{"source":"a","sourceHandle":"approved","target":"e"}]}"#
}
