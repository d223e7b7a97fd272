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

    /// One of the other workspace.
    private static let admin = Desk.caller(.admin, workspaceID: "other")

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
        _ desk: Desk, _ operation: BulkOperation, by caller: Caller = Desk.caller(.viewer),
        _ body: (BulkOperation) async throws -> Void = { _ in }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.operations.runBulkOperations() }
            let watch = try await desk.operations.watchBulkOperation(
                WatchBulkOperationRequest(
                    workspaceID: operation.workspaceID, operationID: operation.id), by: caller)
            try await watch.forEach(body)
            group.cancelAll()
        }
    }

    private static func ended(
        _ desk: Desk, _ operation: BulkOperation, by caller: Caller = Desk.caller(.viewer)
    ) async throws -> BulkOperation {
        try await desk.operations.getBulkOperation(
            GetBulkOperationRequest(
                workspaceID: operation.workspaceID, operationID: operation.id), by: caller)
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
            #expect(ended.stopReason == "PRINCIPAL_GONE" && ended.stoppedBy == "")
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
            #expect(ended.status == .stopped && ended.stopReason == "PRINCIPAL_GONE")
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
            #expect(ended.status == .completed && ended.stopReason == "")
            #expect(try await Self.left(desk) == 0)
        }
    }

    @Test func `a member whose role was lowered deletes no more, and is told why`() async throws {
        let clock = ManualClock(WallTime(microseconds: 1_767_225_600_000_000))
        try await Desk.with(environment: clock) { desk in
            for _ in 0..<60 { _ = try await desk.finished() }
            clock.advance(by: .seconds(1))
            func put(_ role: Role) async throws {
                _ = try await desk.operations.putMember(
                    PutMemberRequest(principal: "user:eve", role: role), by: Desk.caller(.admin))
            }
            try await put(.editor)
            let answer = try await desk.operations.startBulkOperation(
                StartBulkOperationRequest(workspaceID: "default", action: .delete, rate: 50),
                by: Caller(Principal(name: "user:eve")))
            let operation = try #require(answer.operation)
            var isLowered = false
            try await Self.running(desk, operation) { seen in
                guard seen.succeeded == 50, !isLowered else { return }
                isLowered = true
                // It may still start one that cancels, and not one that deletes.
                try await put(.operator)
                clock.advance(by: .seconds(1))
            }
            let ended = try await Self.ended(desk, operation)
            #expect(isLowered)
            #expect(ended.status == .stopped)
            #expect(ended.stopReason == "ROLE_INSUFFICIENT" && ended.stoppedBy == "")
            #expect(ended.succeeded == 50)
            #expect(try await Self.left(desk) == 10)
        }
    }

    @Test func `one workspace's many bulk operations keep no other's waiting`() async throws {
        let clock = ManualClock(WallTime(microseconds: 1_767_225_600_000_000))
        var limits = Limits()
        limits.bulkStepsMax = 1
        try await Desk.with(limits: limits, environment: clock) { desk in
            for _ in 0..<60 { _ = try await desk.finished() }
            _ = try await desk.operations.putWorkflow(
                PutWorkflowRequest(workspaceID: "other", definitionJSON: Desk.noops),
                by: Desk.serverAdmin)
            _ = try await desk.operations.triggerExecution(
                TriggerRequest(
                    workspaceID: "other", workflowID: "noops", wait: ProtobufDuration(seconds: 60)),
                by: Desk.serverAdmin)
            clock.advance(by: .seconds(1))
            _ = try await desk.operations.createTag(
                CreateTagRequest(name: "seen"), by: Desk.caller(.editor))
            var many: [BulkOperation] = []
            let caller = try await Self.token(desk, .operator)
            for _ in 0..<limits.bulkOperationsMax {
                let answer = try await desk.operations.startBulkOperation(
                    StartBulkOperationRequest(action: .tag, addTags: ["seen"], rate: 1),
                    by: caller)
                many.append(try #require(answer.operation))
            }
            let answer = try await desk.operations.startBulkOperation(
                StartBulkOperationRequest(workspaceID: "other", action: .delete, rate: 1_000),
                by: Self.admin)
            let one = try #require(answer.operation)
            try await Self.running(desk, one, by: Self.admin) { seen in
                // What is done a second of the many is not one of their fifty.
                if seen.succeeded == 1 { clock.advance(by: .seconds(1)) }
            }
            let ended = try await Self.ended(desk, one, by: Self.admin)
            #expect(ended.status == .completed && ended.succeeded == 1)
            for operation in many {
                let now = try await Self.ended(desk, operation)
                #expect(now.status == .running && now.succeeded <= 50)
            }
        }
    }

    @Test(arguments: ["token", "member", "nobody", "namesake"])
    func `one from before principals were recorded goes on as whom its name tells, or says why not`(
        _ who: String
    ) async throws {
        try await Desk.with { desk in
            for _ in 0..<3 { _ = try await desk.finished() }
            let start = desk.operations.environment.now().timestamp
            var name = "certificate:CN=billing"
            switch who {
            case "token", "namesake":
                name = try await Self.token(desk, .editor).principal?.name ?? ""
            case "member":
                name = "user:eve"
                _ = try await desk.operations.putMember(
                    PutMemberRequest(principal: name, role: .editor), by: Desk.caller(.admin))
            default: break
            }
            let operation = BulkOperation(
                id: ExecutionID(time: desk.operations.environment.now(), random: (1, 2))
                    .description,
                workspaceID: "default", action: .delete,
                filter: ExecutionFilter(states: .final), status: .running, total: 3,
                // A namesake's token is younger than the operation.
                startTime: who == "namesake"
                    ? start : desk.operations.environment.now().timestamp,
                startedBy: name, rate: 1_000)
            let insert = BulkChange.insert(
                operation, principal: nil, requestID: "", requestHash: [], openMax: 9, keep: 9)
            let outcome = try await desk.operations.committer.commit(
                Commit([.many(.bulk(insert))]), admission: .accepted)
            guard case .committed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            try await Self.running(desk, operation)
            let ended = try await Self.ended(desk, operation)
            if who == "token" || who == "member" {
                #expect(ended.status == .completed && ended.succeeded == 3)
                #expect(try await Self.left(desk) == 0)
            } else {
                #expect(ended.status == .stopped)
                #expect(ended.stopReason == "PRINCIPAL_UNRECORDED")
                #expect(try await Self.left(desk) == 3)
            }
        }
    }
}
