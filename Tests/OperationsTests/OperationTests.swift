import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// What operations answer, over the real store and engine.
struct OperationTests {
    private static let admin = Desk.caller(.admin)

    @Test func `pages follow each other to the end, and agree with the count`() async throws {
        try await Desk.with { desk in
            var made: [String] = []
            for _ in 0..<7 { made.append(try await desk.finished().id) }
            var request = ListExecutionsRequest(pageSize: 3)
            var found: [String] = []
            repeat {
                let page = try await desk.operations.listExecutions(request, by: Self.admin)
                found += page.executions.map(\.id)
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            #expect(found == made.reversed())
            let count = try await desk.operations.countExecutions(
                CountExecutionsRequest(), by: Self.admin)
            #expect(count.count == 7)
        }
    }

    @Test func `a repeat gets the first result, also when its workflow was erased since`()
        async throws
    {
        try await Desk.with { desk in
            let request = TriggerRequest(
                workflowID: "noops", requestID: "r", wait: ProtobufDuration(seconds: 60))
            let first = try await desk.operations.triggerExecution(request, by: Self.admin)
            _ = try await desk.operations.deleteWorkflow(
                DeleteWorkflowRequest(workflowID: "noops"), by: Self.admin)
            let again = try await desk.operations.triggerExecution(request, by: Self.admin)
            #expect(again.existing)
            #expect(again.execution?.id == first.execution?.id)
            #expect(again.execution?.status == .completed)
            var other = request
            other.inputJSON = "1"
            let mismatch = await #expect(throws: OperationError.self) {
                try await desk.operations.triggerExecution(other, by: Self.admin)
            }
            #expect(mismatch?.code == .alreadyExists)
            other.requestID = "s"
            let gone = await #expect(throws: OperationError.self) {
                try await desk.operations.triggerExecution(other, by: Self.admin)
            }
            #expect(gone?.reason == "WORKFLOW_NOT_FOUND")
        }
    }

    @Test func `an erased workflow that is saved again goes on counting, and old runs stay old`()
        async throws
    {
        try await Desk.with { desk in
            let old = try await desk.finished()
            #expect(old.workflowVersion == 1)
            _ = try await desk.operations.deleteWorkflow(
                DeleteWorkflowRequest(workflowID: "noops"), by: Self.admin)
            let saved = try await desk.operations.putWorkflow(
                PutWorkflowRequest(definitionJSON: Desk.noops), by: Self.admin)
            #expect(saved.version == 2)
            #expect(try await desk.finished().workflowVersion == 2)
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.replayExecution(
                    ReplayRequest(executionID: old.id), by: Self.admin)
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.reason == "WORKFLOW_NOT_FOUND")
            #expect(error?.message == "version 1 of 'noops' is gone")
        }
    }

    @Test(arguments: 0..<5)
    func `a trigger that races with the erasure of its workflow wins or finds none`(round: Int)
        async throws
    {
        try await Desk.with { desk in
            async let deleted: DeleteWorkflowResponse = desk.operations.deleteWorkflow(
                DeleteWorkflowRequest(workflowID: "approval"), by: Self.admin)
            let outcomes = await withTaskGroup(of: Result<Execution, any Error>.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            let answer = try await desk.operations.triggerExecution(
                                TriggerRequest(workflowID: "approval"), by: Self.admin)
                            return .success(answer.execution ?? Execution())
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let wasErased: Bool
            do {
                _ = try await deleted
                wasErased = true
            } catch let error as OperationError {
                #expect(error.reason == "WORKFLOW_IN_USE")
                wasErased = false
            }
            for outcome in outcomes {
                switch outcome {
                case .success(let execution):
                    // One that was accepted keeps its workflow: the erasure came too late.
                    #expect(!wasErased)
                    let found = try await desk.operations.getExecution(
                        GetExecutionRequest(executionID: execution.id), by: Self.admin)
                    #expect(!found.status.isFinal)
                case .failure(let error):
                    #expect(wasErased)
                    #expect((error as? OperationError)?.reason == "WORKFLOW_NOT_FOUND")
                }
            }
        }
    }

    @Test func `a definition with too many programs is refused, and many are checked at once`()
        async throws
    {
        func definition(_ count: Int) -> String {
            let members = (0..<count).map { #""k\#($0)":"${ .input + \#($0) }""# }
            return
                #"{"id":"many","nodes":[{"id":"s","type":"start","data":{}},{"id":"v","type":"set","#
                + #""data":{"value":{\#(members.joined(separator: ","))}}},{"id":"e","type":"end","data":{}}],"#
                + #""edges":[{"source":"s","target":"v"},{"source":"v","target":"e"}]}"#
        }
        var limits = Limits()
        limits.workflowProgramsMax = 200
        try await Desk.with(limits: limits) { desk in
            let good = try await desk.operations.validateWorkflow(
                ValidateWorkflowRequest(definitionJSON: definition(200)), by: Self.admin)
            #expect(good.faults == [])
            let many = try await desk.operations.validateWorkflow(
                ValidateWorkflowRequest(definitionJSON: definition(201)), by: Self.admin)
            #expect(many.faults.map(\.code) == ["TOO_LARGE"])
        }
    }

    @Test func `a page token serves the filter it came with only`() async throws {
        try await Desk.with { desk in
            for _ in 0..<2 { _ = try await desk.finished() }
            let page = try await desk.operations.listExecutions(
                ListExecutionsRequest(pageSize: 1), by: Self.admin)
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.listExecutions(
                    ListExecutionsRequest(
                        filter: ExecutionFilter(key: "k"), pageToken: page.nextPageToken),
                    by: Self.admin)
            }
            #expect(error?.violations.map(\.field) == ["page_token"])
        }
    }

    @Test(arguments: [
        (TriggerRequest(workflowID: ""), "workflow_id"),
        (TriggerRequest(workflowID: "noops", version: -1), "version"),
        (TriggerRequest(workflowID: "noops", inputJSON: "{"), "input_json"),
        (
            TriggerRequest(workflowID: "noops", inputJSON: String(repeating: " ", count: 1 << 21)),
            "input_json"
        ),
        (
            TriggerRequest(workflowID: "noops", requestID: String(repeating: "r", count: 129)),
            "request_id"
        ),
        (TriggerRequest(workflowID: "noops", key: String(repeating: "k", count: 257)), "key"),
        (TriggerRequest(workflowID: "noops", conflictPolicy: .unrecognized(7)), "conflict_policy"),
        (TriggerRequest(workflowID: "noops", wait: ProtobufDuration(seconds: 3_601)), "wait"),
        (TriggerRequest(workflowID: "noops", wait: ProtobufDuration(seconds: -1)), "wait"),
        (
            TriggerRequest(workflowID: "noops", wait: ProtobufDuration(seconds: 1, nanos: -1)),
            "wait"
        ),
        (TriggerRequest(workflowID: "noops", priority: 101), "priority"),
        (TriggerRequest(workflowID: "noops", trigger: .schedule), "trigger"),
    ])
    func `a bad argument of a trigger is named`(request: TriggerRequest, field: String)
        async throws
    {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.triggerExecution(request, by: Self.admin)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.violations.map(\.field) == [field])
        }
    }

    @Test(arguments: ["", "0", "-1", "01", "+1", "nothing", "1 ", "9223372036854775808", "💥"])
    func `a name that is no execution's finds none`(reference: String) async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.getExecution(
                    GetExecutionRequest(executionID: reference), by: Self.admin)
            }
            #expect(error?.code == (reference.isEmpty ? .invalidArgument : .notFound))
        }
    }

    @Test func `an execution is found by its id and by its number`() async throws {
        try await Desk.with { desk in
            let made = try await desk.finished()
            for reference in [made.id, made.id.uppercased(), "\(made.number)"] {
                let found = try await desk.operations.getExecution(
                    GetExecutionRequest(executionID: reference), by: Self.admin)
                #expect(found.id == made.id)
            }
        }
    }

    @Test func `a watch beyond the newest event is out of range`() async throws {
        try await Desk.with { desk in
            let made = try await desk.finished()
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.watchExecution(
                    WatchRequest(executionID: made.id, afterSequence: made.lastSequence + 1),
                    by: Self.admin)
            }
            #expect(error?.code == .outOfRange)
            let watch = try await desk.operations.watchExecution(
                WatchRequest(executionID: made.id, afterSequence: made.lastSequence),
                by: Self.admin)
            var rows = 0
            for try await _ in watch.rows { rows += 1 }
            #expect(rows == 0)
        }
    }

    @Test func `what is not final is not erased`() async throws {
        try await Desk.with { desk in
            let made = try await desk.suspended()
            let request = DeleteExecutionRequest(executionID: made.id)
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.deleteExecution(request, by: Self.admin)
            }
            #expect(error?.reason == "EXECUTION_NOT_FINAL")
            _ = try await desk.operations.cancelExecution(
                CancelExecutionRequest(executionID: made.id), by: Self.admin)
            _ = try await desk.operations.deleteExecution(request, by: Self.admin)
            let gone = await #expect(throws: OperationError.self) {
                try await desk.operations.deleteExecution(request, by: Self.admin)
            }
            #expect(gone?.code == .notFound)
        }
    }

    @Test func `the same definition makes no new version, another does`() async throws {
        try await Desk.with { desk in
            let request = PutWorkflowRequest(definitionJSON: Desk.noops)
            let same = try await desk.operations.putWorkflow(request, by: Self.admin)
            #expect(same.version == 1)
            var other = PutWorkflowRequest(
                workflowID: "noops", definitionJSON: Desk.approval, expectedVersion: 1)
            let next = try await desk.operations.putWorkflow(other, by: Self.admin)
            #expect(next.version == 2)
            other.definitionJSON = Desk.noops
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.putWorkflow(other, by: Self.admin)
            }
            #expect(error?.reason == "VERSION_CONFLICT")
            #expect(error?.metadata == ["latest_version": "2"])
        }
    }

    @Test func `many saves at once make one version each`() async throws {
        try await Desk.with { desk in
            let versions = try await withThrowingTaskGroup(of: Int32.self) { group in
                for index in 0..<4 {
                    let definition = Desk.noops.replacing("\"n\"", with: "\"n\(index)\"")
                    group.addTask {
                        try await desk.operations.putWorkflow(
                            PutWorkflowRequest(definitionJSON: definition), by: Self.admin
                        ).version
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.sorted() == [2, 3, 4, 5])
        }
    }

    @Test func `a workflow in use is not erased`() async throws {
        try await Desk.with { desk in
            _ = try await desk.suspended()
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.deleteWorkflow(
                    DeleteWorkflowRequest(workflowID: "approval"), by: Self.admin)
            }
            #expect(error?.reason == "WORKFLOW_IN_USE")
        }
    }

    @Test func `a token works until it is revoked, and its name is free again`() async throws {
        try await Desk.with { desk in
            let request = CreateTokenRequest(name: "ci", role: .operator)
            let made = try await desk.operations.createToken(request, by: Self.admin)
            let (answer, credential) = try await desk.operations.authenticate(
                AuthenticateRequest(token: made.secret))
            #expect(answer.principal?.name == "token:ci")
            #expect(answer.principal?.role == .operator)
            let taken = await #expect(throws: OperationError.self) {
                try await desk.operations.createToken(request, by: Self.admin)
            }
            #expect(taken?.reason == "TOKEN_NAME_IN_USE")
            _ = try await desk.operations.revokeToken(
                RevokeTokenRequest(tokenID: "ci"), by: Self.admin)
            let revoked = try await desk.operations.tokens.token(secretHash: credential.hash)
            #expect(revoked == nil)
            let again = try await desk.operations.createToken(request, by: Self.admin)
            #expect(again.secret != made.secret)
            let list = try await desk.operations.listTokens(ListTokensRequest(), by: Self.admin)
            #expect(!list.protobufJSON.contains(again.secret))
        }
    }

    @Test func `the first token is made once`() async throws {
        try await Desk.with { desk in
            let first = try await desk.operations.createFirstToken()
            #expect(first?.token?.role == .admin)
            let second = try await desk.operations.createFirstToken()
            #expect(second == nil)
        }
    }

    @Test func `secrets hold 256 bits and differ`() {
        let secrets = Set((0..<100).map { _ in TokenSecret.make() })
        #expect(secrets.count == 100)
        #expect(secrets.allSatisfy { $0.hasPrefix("sb_") && $0.utf8.count == 46 })
    }
}
