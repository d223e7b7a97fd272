import Engine
import Messages
import Model
import SQLiteStore
import Store
import Testing

/// Triggers, keys, request ids, answers, cancels and replays through the engine.
@Suite struct CommandTests {
    @Test func `a repeated request gives the first execution, another one under its id a mismatch`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Definitions.steps(1))
        let request = NewExecution.Request(method: "Trigger", id: "r1", hash: [1])
        let first = try await server.trigger(request: request)
        let second = try await server.trigger(request: request)
        #expect(!first.existing)
        #expect(second.existing)
        #expect(second.execution.id == first.execution.id)
        await #expect(throws: EngineError.requestMismatchForTest) {
            _ = try await server.trigger(request: .init(method: "Trigger", id: "r1", hash: [2]))
        }
        await server.stop()
    }

    @Test(.timeLimit(.minutes(10)))
    func `a request id is forgotten a day after its execution's end`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.steps(1))
        let request = NewExecution.Request(method: "Trigger", id: "r1", hash: [1])
        let first = try await server.trigger(request: request)
        await server.engine.waitForRest(
            ExecutionNumber(rawValue: first.execution.number), until: .now + .seconds(30))
        server.environment.advance(by: .seconds(23 * 3_600))
        #expect(try await server.trigger(request: request).existing)
        server.environment.advance(by: .seconds(2 * 3_600))
        while try await server.trigger(request: request).execution.id == first.execution.id {
            await Task.yield()
        }
        await server.stop()
    }

    @Test func `a key in use is refused, or attached to`() async throws {
        let server = try await TestServer()
        let held = try await server.runKeyed(Definitions.approval, key: "k")
        await #expect { _ = try await server.trigger(key: "k") } throws: {
            ($0 as? EngineError)?.reason == "KEY_IN_USE"
        }
        let attached = try await server.trigger(key: "k", policy: .attach)
        #expect(attached.existing)
        #expect(attached.execution.id == held.id)
        await server.stop()
    }

    @Test func `only one of many racing answers and cancels is taken`() async throws {
        let server = try await TestServer()
        for round in 0..<10 {
            let held = try await server.run(Definitions.approval)
            let number = ExecutionNumber(rawValue: held.number)
            let engine = server.engine
            let results = await withTaskGroup(of: String.self) { group in
                for caller in 0..<6 {
                    group.addTask {
                        do throws(EngineError) {
                            if caller % 3 == 0 {
                                _ = try await engine.cancel(
                                    number, by: "c\(caller)", reason: "race", request: nil)
                            } else {
                                _ = try await engine.respond(
                                    number,
                                    InterruptResponse(
                                        interruptID: "ok#1",
                                        decision: caller % 3 == 1 ? .approve : .reject,
                                        respondedBy: "c\(caller)"), request: nil)
                            }
                            return "taken"
                        } catch {
                            return error.reason
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(results.filter { $0 == "taken" }.count == 1, "round \(round): \(results)")
            #expect(
                Set(results).isSubset(of: ["taken", "EXECUTION_FINAL", "INTERRUPT_CLOSED"]))
            let events = try await server.events(held)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        }
        await server.stop()
    }

    @Test func `an answer repeated under its request id gives the first result`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        let number = ExecutionNumber(rawValue: held.number)
        let record = RequestRecord(
            workspaceID: "default", method: "Respond", requestID: "a", hash: [7], number: number)
        let engine = server.engine
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws(EngineError) {
                        _ = try await engine.respond(
                            number, InterruptResponse(decision: .approve), request: record)
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0 })
        await server.stop()
    }

    @Test
    func `a cancel is committed at once and names who wanted it, and is refused after the end`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Definitions.wait("1h"))
        let waiting = try await server.trigger().execution
        let cancelled = try await server.engine.cancel(
            ExecutionNumber(rawValue: waiting.number), by: "token:a", reason: "enough",
            request: nil)
        #expect(cancelled.status == .cancelled)
        #expect(cancelled.endedBy == "token:a")
        #expect(try await server.get(waiting).status == .cancelled)
        await #expect {
            _ = try await server.engine.cancel(
                ExecutionNumber(rawValue: waiting.number), by: "b", reason: "", request: nil)
        } throws: {
            ($0 as? EngineError)?.reason == "EXECUTION_FINAL"
        }
        await server.stop()
    }

    @Test func `a replay from a node takes over what is not downstream of it`() async throws {
        let server = try await TestServer()
        let first = try await server.run(Definitions.steps(3), input: "[1]")
        let row = try #require(
            await server.store.execution(
                .number(ExecutionNumber(rawValue: first.number)), workspaceID: nil))
        let replay = try await server.engine.replay(
            row, ReplayPlan(fromNodeID: "n3"), by: "token:a", request: nil)
        let ended = try await server.rest(replay.execution)
        #expect(ended.status == .completed)
        #expect(ended.sourceID == first.id)
        #expect(ended.trigger == .replay)
        #expect(ended.outputJSON == "[1]")
        let reused = ended.nodeExecutions.filter(\.reused).map(\.nodeID)
        #expect(reused == ["start", "n1", "n2"])
        await #expect {
            _ = try await server.engine.replay(
                row, ReplayPlan(fromNodeID: "zz"), by: "a", request: nil)
        } throws: {
            ($0 as? EngineError)?.code == .invalidArgument
        }
        await server.stop()
    }

    @Test func `a stored definition that this server cannot run is refused by its reason`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(#"{"nodes":[]}"#)
        await #expect { _ = try await server.trigger() } throws: {
            guard let error = $0 as? EngineError else { return false }
            return error.reason == "WORKFLOW_INVALID" && error.code == .failedPrecondition
        }
        await server.stop()
    }

    @Test func `an input that violates the schema is refused with every fault`() async throws {
        let server = try await TestServer()
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start","data":{"inputSchema":{"type":"object",
            "required":["a","b"]}}},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"e"}]}
            """#)
        await #expect { _ = try await server.trigger(input: "{}") } throws: {
            guard let error = $0 as? EngineError else { return false }
            return error.reason == "INPUT_INVALID" && error.violations.count == 2
        }
        await #expect { _ = try await server.trigger("nowhere") } throws: {
            ($0 as? EngineError)?.reason == "WORKFLOW_NOT_FOUND"
        }
        await server.stop()
    }

    @Test func `many callers at once all end, and nothing is left in memory`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.steps(3))
        let engine = server.engine
        let numbers = await withTaskGroup(of: Int64.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do {
                        let execution = try await engine.trigger(
                            NewExecution(workspaceID: "default", workflowID: "flow")
                        ).execution
                        let number = ExecutionNumber(rawValue: execution.number)
                        await engine.waitForRest(number, until: .now.advanced(by: .seconds(30)))
                        return execution.number
                    } catch {
                        Issue.record("\(error)")
                        return 0
                    }
                }
            }
            return await group.reduce(into: [Int64]()) { $0.append($1) }
        }
        #expect(Set(numbers).count == 200)
        let completed = ExecutionFilter(states: [StateFilter(status: .completed)])
        let count = try await server.store.count(
            ExecutionQuery(workspaceID: "default", filter: completed))
        #expect(count == 200)
        await server.engine.drain()
        #expect(server.engine.load.resident == 0)
        await server.stop()
    }
}

extension EngineError {
    static let requestMismatchForTest = EngineError(
        .alreadyExists, reason: "REQUEST_MISMATCH",
        "the request id was used before with a different request")
}

extension TestServer {
    func runKeyed(_ definition: String, key: String) async throws -> Execution {
        try await put(definition)
        return try await rest(try await trigger(key: key).execution)
    }
}
