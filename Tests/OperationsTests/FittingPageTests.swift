import Messages
import ProtobufRuntime
import Store
import Testing

@testable import Operations

/// Whatever is open and kept, lists and gets fit into a message.
struct FittingPageTests {
    private static let admin = Desk.caller(.admin)
    /// More than three of them fit into no page.
    private static let text = String(repeating: "x", count: 900_000)
    private static let messageBytesMax = 4 << 20

    private static func open(_ desk: Desk, _ count: Int) async throws -> [String] {
        let approval =
            #"{"message":"${ .input }","approvals":2,"schema":{"description":"\#(text)"}}"#
        _ = try await desk.operations.putWorkflow(
            PutWorkflowRequest(
                definitionJSON:
                    #"{"id":"big","nodes":[{"id":"s","type":"start"},"#
                    + #"{"id":"a","type":"approval","data":\#(approval)},{"id":"e","type":"end"}],"#
                    + #""edges":[{"source":"s","target":"a"},{"source":"a","target":"e"}]}"#),
            by: admin)
        var ids: [String] = []
        for _ in 0..<count {
            let triggered = try await desk.operations.triggerExecution(
                TriggerRequest(
                    workflowID: "big", inputJSON: "\"\(text)\"",
                    wait: ProtobufDuration(seconds: 60)), by: Desk.caller(.operator))
            ids.append(triggered.execution?.id ?? "")
        }
        return ids
    }

    @Test func `pages of executions and of open interrupts end early, and go on`() async throws {
        try await Desk.with { desk in
            let ids = try await Self.open(desk, 5)
            for view in [ExecutionView.basic, .full] {
                var request = ListExecutionsRequest(view: view)
                var found: [[String]] = []
                repeat {
                    let page = try await desk.operations.listExecutions(request, by: Self.admin)
                    #expect(page.messageBytes < Self.messageBytesMax)
                    found.append(page.executions.map(\.id))
                    request.pageToken = page.nextPageToken
                } while !request.pageToken.isEmpty
                #expect(found.joined().elementsEqual(ids.reversed()))
                #expect(found.count == 2)
            }
            var request = ListInterruptsRequest()
            var found: [[String]] = []
            repeat {
                let page = try await desk.operations.listInterrupts(request, by: Self.admin)
                #expect(page.messageBytes < Self.messageBytesMax)
                found.append(page.interrupts.map(\.executionID))
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            #expect(found.joined().elementsEqual(ids.reversed()))
            #expect(found.count == 2)
        }
    }

    @Test func `a page that is told by its number has all its rows, and is small`() async throws {
        try await Desk.with { desk in
            let ids = try await Self.open(desk, 5)
            let page = try await desk.operations.listExecutions(
                ListExecutionsRequest(pageSize: 4), part: ExecutionListPart(skip: 1),
                by: Self.admin)
            #expect(page.executions.map(\.id) == Array(ids.reversed().dropFirst()))
            #expect(page.executions.map(\.messageBytes).reduce(0, +) < 4_096)
            let first = try #require(page.executions.first)
            #expect(first.interrupts.map(\.nodeID) == ["a"])
            #expect(first.interrupts.first?.createTime != nil)
            let whole = try await page.whole(first)
            #expect(whole.interrupts.first?.schemaJSON.contains(Self.text) == true)
            #expect(whole.nodeExecutions.count == 2)
            #expect(whole.inputJSON.contains(Self.text))
            // One that was erased meanwhile is shown as it was listed.
            _ = try await desk.operations.cancelExecution(
                CancelExecutionRequest(executionID: first.id), by: Self.admin)
            _ = try await desk.operations.deleteExecution(
                DeleteExecutionRequest(executionID: first.id), by: Self.admin)
            #expect(try await page.whole(first) == first)
        }
    }

    @Test func `the data of votes is in a get and in no list, and a long message is cut`()
        async throws
    {
        try await Desk.with { desk in
            let id = try await Self.open(desk, 1)[0]
            let data = "\"\(Self.text.prefix(100_000))\""
            let answer = try await desk.operations.respondExecution(
                RespondRequest(executionID: id, decision: .approve, dataJSON: data), by: Self.admin)
            #expect(answer.interrupts.first?.votes.map(\.dataJSON) == [data])
            let got = try await desk.operations.getExecution(
                GetExecutionRequest(executionID: id, view: .full), by: Self.admin)
            #expect(got.interrupts.first?.votes.map(\.dataJSON) == [data])
            #expect(got.interrupts.first?.message.utf8.count == 16 << 10)
            let list = try await desk.operations.listExecutions(
                ListExecutionsRequest(), by: Self.admin)
            let inbox = try await desk.operations.listInterrupts(
                ListInterruptsRequest(), by: Self.admin)
            let listed = [
                list.executions.first?.interrupts.first, inbox.interrupts.first?.interrupt,
            ]
            for interrupt in listed {
                #expect(interrupt?.votes.map(\.principal) == [Self.admin.principal?.name ?? ""])
                #expect(interrupt?.votes.map(\.dataJSON) == [""])
            }
        }
    }

    @Test func `pages of kept events end early, and go on`() async throws {
        try await Desk.with { desk in
            for number in 1...5 {
                _ = try await desk.operations.publishEvent(
                    PublishEventRequest(
                        name: "big", key: "\(number)", dataJSON: "\"\(Self.text)\""),
                    by: Self.admin)
            }
            var request = ListKeptEventsRequest()
            var found: [[String]] = []
            repeat {
                let page = try await desk.operations.listKeptEvents(request, by: Self.admin)
                #expect(page.messageBytes < Self.messageBytesMax)
                found.append(page.events.map(\.key))
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            #expect(found == [["1", "2", "3"], ["4", "5"]])
        }
    }

    @Test func `a get has room for one interrupt after the other`() {
        let votes = [Vote(principal: "a", dataJSON: Self.text)]
        let execution = Execution(
            interrupts: (1...6).map {
                Interrupt(id: "\($0)", message: Self.text, schemaJSON: "{}", votes: votes)
            })
        let shown = execution.fitting
        #expect(shown.messageBytes < Self.messageBytesMax)
        #expect(shown.dataTooLarge)
        #expect(shown.interrupts.first == execution.interrupts.first)
        #expect(shown.interrupts.map(\.id) == execution.interrupts.map(\.id))
        #expect(shown.interrupts.last?.votes.map(\.principal) == ["a"])
        #expect(shown.interrupts.last?.votes.map(\.dataJSON) == [""])
    }
}
