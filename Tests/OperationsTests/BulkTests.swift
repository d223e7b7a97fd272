import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// Bulk operations over the real store and engine, at a clock that tests hold in hand.
struct BulkTests {
    /// A caller with a token of that role.
    private static func token(_ desk: Desk, _ role: Role) async throws -> Caller {
        let made = try await desk.operations.createToken(
            CreateTokenRequest(name: "ci", role: role), by: Desk.caller(.admin))
        let token = try #require(made.token)
        return Caller(
            Principal(name: "token:ci", workspaceID: "default", role: role, tokenID: token.id))
    }

    private static func deleteAll(_ desk: Desk, rate: Int32, by caller: Caller) async throws
        -> BulkOperation
    {
        let answer = try await desk.operations.startBulkOperation(
            StartBulkOperationRequest(action: .delete, rate: rate), by: caller)
        return try #require(answer.operation)
    }

    private static func revoke(_ desk: Desk, _ caller: Caller) async throws {
        _ = try await desk.operations.revokeToken(
            RevokeTokenRequest(tokenID: caller.principal?.tokenID ?? ""),
            by: Desk.caller(.admin))
    }

    /// Gives `body` each state of the operation until it has ended, while bulk operations run.
    private static func running(
        _ desk: Desk, _ operation: BulkOperation,
        _ body: (BulkOperation) async throws -> Void = { _ in }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.operations.runBulkOperations() }
            let watch = try await desk.operations.watchBulkOperation(
                WatchBulkOperationRequest(operationID: operation.id), by: Desk.caller(.viewer))
            try await watch.forEach(body)
            group.cancelAll()
        }
    }

    private static func ended(_ desk: Desk, _ operation: BulkOperation) async throws
        -> BulkOperation
    {
        try await desk.operations.getBulkOperation(
            GetBulkOperationRequest(operationID: operation.id), by: Desk.caller(.viewer))
    }

    private static func left(_ desk: Desk) async throws -> Int {
        try await desk.operations.listExecutions(
            ListExecutionsRequest(pageSize: 200), by: Desk.caller(.viewer)
        ).executions.count
    }

    @Test func `a revoked token's bulk operation deletes no more, and says why`() async throws {
        let clock = ManualClock(WallTime(microseconds: 1_767_225_600_000_000))
        try await Desk.with(environment: clock) { desk in
            for _ in 0..<60 { _ = try await desk.finished() }
            clock.advance(by: .seconds(1))
            let caller = try await Self.token(desk, .editor)
            let operation = try await Self.deleteAll(desk, rate: 50, by: caller)
            var isRevoked = false
            try await Self.running(desk, operation) { seen in
                guard seen.succeeded == 50, !isRevoked else { return }
                // It pauses after its first step.
                isRevoked = true
                try await Self.revoke(desk, caller)
                clock.advance(by: .seconds(1))
            }
            let ended = try await Self.ended(desk, operation)
            #expect(isRevoked)
            #expect(ended.status == .stopped)
            #expect(ended.stoppedBy == "PRINCIPAL_GONE")
            #expect(ended.succeeded == 50)
            #expect(try await Self.left(desk) == 10)
        }
    }

    @Test func `what a revoked token's operation had taken is skipped, with the reason`()
        async throws
    {
        try await Desk.with { desk in
            _ = try await desk.finished()
            let caller = try await Self.token(desk, .editor)
            let operation = try await Self.deleteAll(desk, rate: 0, by: caller)
            // As a server leaves it that ends between taking and acting.
            let row = try await desk.operations.store.executions(
                ExecutionQuery(workspaceID: "default", filter: ExecutionFilter(), limit: 9)
            ).rows[0]
            let outcome = try await desk.operations.committer.commit(
                Commit([
                    .many(
                        .bulk(
                            .take(
                                operation.number, [(row.number, row.execution.id)], cursor: nil,
                                hasTakenAll: true)))
                ]), admission: .accepted)
            guard case .committed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            try await Self.revoke(desk, caller)
            try await Self.running(desk, operation)
            let ended = try await Self.ended(desk, operation)
            #expect(ended.status == .stopped && ended.stoppedBy == "PRINCIPAL_GONE")
            let results = try await desk.operations.listBulkResults(
                ListBulkResultsRequest(operationID: operation.id), by: Desk.caller(.viewer)
            ).results
            #expect(results.map(\.outcome) == [.skipped])
            #expect(results.map(\.reason) == ["PRINCIPAL_GONE"])
            #expect(try await Self.left(desk) == 1)
        }
    }

    @Test func `a bulk operation of a valid token goes through all`() async throws {
        try await Desk.with { desk in
            for _ in 0..<3 { _ = try await desk.finished() }
            let operation = try await Self.deleteAll(
                desk, rate: 1_000, by: try await Self.token(desk, .editor))
            try await Self.running(desk, operation)
            let ended = try await Self.ended(desk, operation)
            #expect(ended.status == .completed && ended.stoppedBy == "")
            #expect(try await Self.left(desk) == 0)
        }
    }
}
