import Model
import Store
import Testing

@testable import Engine

/// Who is handed what, as a value.
@Suite(.timeLimit(.minutes(2))) struct TaskBoardTests {
    private static let now = WallTime(microseconds: 1_800_000_000_000_000)

    private let hub: WorkerHub
    private var board: TaskBoard
    private let server: TestServer

    init() async throws {
        server = try await TestServer()
        hub = server.engine.workers
        board = TaskBoard(limits: WorkerLimits())
    }

    private static func head(
        _ number: Int64, workspaceID: String = "a", kind: String = "k", queue: String = "",
        priority: Int32 = 0
    ) -> TaskHead {
        TaskHead(
            key: TaskKey(
                number: ExecutionNumber(rawValue: number), nodePath: "job", attempt: 1),
            workspaceID: workspaceID, kind: kind, queue: queue, priority: priority,
            createdAt: now.advanced(by: .seconds(number)), heartbeatTimeout: .seconds(60),
            hasSecrets: false)
    }

    private mutating func connect(
        _ id: String = "w", workspaceID: String = "a", queue: String = "default",
        kinds: [(String, Int)] = [("k", 0)], concurrency: Int = 100
    ) -> WorkSession {
        let spec = WorkerSpec(
            workspaceID: workspaceID, id: id, queue: queue,
            kinds: kinds.map {
                WorkerSpec.Kind(name: $0.0, concurrency: $0.1)
            }, concurrency: concurrency, principal: "")
        let session = WorkSession(spec: spec, hub: hub)
        board.connected(spec, session: session, held: [], at: Self.now)
        return session
    }

    /// The numbers that were handed out, in order, with who got them.
    private mutating func handedOut(at time: WallTime = now) -> [String] {
        board.dispatch(at: time)
        return board.takeActions().compactMap { action in
            guard case .send(let session, .task(let head)) = action else { return nil }
            return "\(head.key.number)\(session.spec.id)"
        }
    }

    @Test mutating func `the most urgent is first, then the oldest`() async throws {
        for (number, priority) in [(1, 0), (2, 5), (3, 0), (4, 5)] as [(Int64, Int32)] {
            board.inserted(Self.head(number, priority: priority))
        }
        _ = connect()
        #expect(handedOut() == ["2w", "4w", "1w", "3w"])
        await server.stop()
    }

    @Test mutating func `workspaces take turns, whatever each has waiting`() async throws {
        for number in 1...4 as ClosedRange<Int64> { board.inserted(Self.head(number)) }
        for number in 5...6 as ClosedRange<Int64> {
            board.inserted(Self.head(number, workspaceID: "b"))
        }
        _ = connect("x")
        _ = connect("y", workspaceID: "b")
        #expect(handedOut() == ["1x", "5y", "2x", "6y", "3x", "4x"])
        await server.stop()
    }

    @Test mutating func `workers take turns, and none gets more than it takes at once`()
        async throws
    {
        for number in 1...6 as ClosedRange<Int64> { board.inserted(Self.head(number)) }
        _ = connect("x", concurrency: 1)
        _ = connect("y", concurrency: 3)
        #expect(handedOut() == ["1x", "2y", "3y", "4y"])
        board.gone(Self.head(1).key, isWithdrawn: false)
        #expect(handedOut() == ["5x"])
        await server.stop()
    }

    @Test mutating func `a kind's own limit holds beside the worker's`() async throws {
        for number in 1...3 as ClosedRange<Int64> { board.inserted(Self.head(number)) }
        board.inserted(Self.head(4, kind: "other"))
        _ = connect(kinds: [("k", 1), ("other", 0)])
        #expect(handedOut() == ["1w", "4w"])
        await server.stop()
    }

    @Test mutating func `a queue's concurrency holds over all workers`() async throws {
        let row = QueueRow(workspaceID: "a", name: "gpu", concurrency: 2, tasksPerMinute: 0)
        board.limit("gpu", workspaceID: "a", row, at: Self.now)
        for number in 1...4 as ClosedRange<Int64> {
            board.inserted(Self.head(number, queue: number == 4 ? "" : "gpu"))
        }
        _ = connect("x", queue: "gpu")
        _ = connect("y", queue: "gpu")
        #expect(handedOut() == ["1x", "2y"])
        board.gone(Self.head(1).key, isWithdrawn: false)
        #expect(handedOut() == ["3x"])
        board.limit("gpu", workspaceID: "a", nil, at: Self.now)
        #expect(handedOut() == ["4y"])
        await server.stop()
    }

    @Test mutating func `a queue's rate lets a minute's worth go at once, then one by one`()
        async throws
    {
        let row = QueueRow(workspaceID: "a", name: "gpu", concurrency: 0, tasksPerMinute: 2)
        board.limit("gpu", workspaceID: "a", row, at: Self.now)
        for number in 1...4 as ClosedRange<Int64> { board.inserted(Self.head(number)) }
        _ = connect(queue: "gpu")
        #expect(handedOut() == ["1w", "2w"])
        let later = Self.now.advanced(by: .seconds(30))
        #expect(board.nextInstant == later)
        #expect(board.due(at: later).isEmpty)
        #expect(handedOut(at: later) == ["3w"])
        await server.stop()
    }

    @Test mutating func `a task that is cancelled before it was sent is not sent`() async throws {
        let session = connect()
        board.inserted(Self.head(1))
        board.dispatch(at: Self.now)
        board.gone(Self.head(1).key, isWithdrawn: true)
        for case .send(_, let item) in board.takeActions() { session.send(item) }
        session.send(.draining)
        let error = await #expect(throws: EngineError.self) { _ = try await session.next() }
        #expect(error?.reason == "DRAINING")
        await server.stop()
    }

    @Test mutating func `a lost task is told once it is committed, and tried again until then`()
        async throws
    {
        _ = connect()
        board.inserted(Self.head(1))
        #expect(handedOut() == ["1w"])
        let late = Self.now.advanced(by: .seconds(61))
        #expect(board.due(at: late) == [Self.head(1).key])
        #expect(board.due(at: late).isEmpty)
        #expect(board.due(at: late.advanced(by: .seconds(5))) == [Self.head(1).key])
        board.losing(Self.head(1).key)
        board.gone(Self.head(1).key, isWithdrawn: false)
        guard case .send(_, .cancelled(_, .lost))? = board.takeActions().first else {
            Issue.record("expected the loss to be told")
            return
        }
        #expect(board.wasLost(Self.head(1).key))
        await server.stop()
    }

    @Test mutating func `the same worker connecting again ends its first stream`() async throws {
        let first = connect()
        _ = connect()
        guard case .send(let told, .replaced)? = board.takeActions().first else {
            Issue.record("expected the first stream to be ended")
            return
        }
        #expect(told === first)
        board.disconnected(first, at: Self.now)
        #expect(board.counts.workers == 1)
        await server.stop()
    }

    @Test mutating func `a task that was sent and not named is lost at the third time`()
        async throws
    {
        let key = Self.head(1).key
        board.inserted(Self.head(1))
        var session = connect()
        // What never left is taken back as often as it takes.
        for _ in 1...10 {
            #expect(handedOut() == ["1w"])
            session = connect()
        }
        for _ in 1...TaskBoard.takenBackMax {
            #expect(handedOut() == ["1w"])
            board.sent(key, to: session)
            session = connect()
            #expect(board.due(at: Self.now) == [])
        }
        #expect(handedOut() == ["1w"])
        board.sent(key, to: session)
        session = connect()
        #expect(handedOut() == [])
        #expect(board.nextInstant == Self.now)
        #expect(board.due(at: Self.now) == [key])
        board.losing(key)
        board.gone(key, isWithdrawn: false)
        #expect(board.wasLost(key))
        #expect(board.counts.running == 0)
        await server.stop()
    }

    @Test mutating func `what a stream of before took does not count for the next`() async throws {
        board.inserted(Self.head(1))
        let old = connect()
        #expect(handedOut() == ["1w"])
        for _ in 0...TaskBoard.takenBackMax {
            _ = connect()
            // The old stream's reader is late.
            board.sent(Self.head(1).key, to: old)
            #expect(handedOut() == ["1w"])
        }
        _ = connect()
        #expect(handedOut() == ["1w"])
        await server.stop()
    }

    @Test mutating func `what was withdrawn or has ended is not kept, whatever waits beside it`()
        async throws
    {
        // One task waits for a kind that nobody serves, so the workspace never becomes empty.
        board.inserted(Self.head(1, kind: "none"))
        for number in 2...20_000 as ClosedRange<Int64> {
            board.inserted(Self.head(number, kind: "none"))
            board.gone(Self.head(number, kind: "none").key, isWithdrawn: true)
        }
        #expect(board.entryCount < 2 * TaskBoard.sweepMin)
        _ = connect(concurrency: 1)
        for number in 20_001...40_000 as ClosedRange<Int64> {
            board.inserted(Self.head(number))
            #expect(handedOut() == ["\(number)w"])
            board.gone(Self.head(number).key, isWithdrawn: false)
        }
        #expect(board.entryCount < 4 * TaskBoard.sweepMin)
        #expect(board.counts.waiting == 1)
        // What still runs is still watched.
        board.inserted(Self.head(50_000))
        #expect(handedOut() == ["50000w"])
        #expect(board.due(at: Self.now.advanced(by: .seconds(61))) == [Self.head(50_000).key])
        await server.stop()
    }

    @Test mutating func `a worker of many kinds takes what waits of them, and nothing else`()
        async throws
    {
        // Few lanes and many kinds, then many lanes and few kinds: it is the same worker's tasks.
        board.inserted(Self.head(1, kind: "k7"))
        board.inserted(Self.head(2, kind: "none"))
        board.inserted(Self.head(3, kind: "k9", queue: "gpu", priority: 1))
        board.inserted(Self.head(4, kind: "k9", queue: "other"))
        _ = connect(queue: "gpu", kinds: (0..<100).map { ("k\($0)", 0) })
        #expect(handedOut() == ["3w", "1w"])
        for number in 10...60 as ClosedRange<Int64> {
            board.inserted(Self.head(number, kind: "lane\(number)"))
        }
        _ = connect("x", kinds: [("lane33", 0), ("lane11", 0)])
        #expect(handedOut() == ["11x", "33x"])
        await server.stop()
    }

    @Test mutating func `the limits of a deleted workspace's queues go with it`() async throws {
        let row = QueueRow(workspaceID: "a", name: "gpu", concurrency: 1, tasksPerMinute: 1)
        board.limit("gpu", workspaceID: "a", row, at: Self.now)
        board.unlimit(workspaceID: "a")
        for number in 1...3 as ClosedRange<Int64> { board.inserted(Self.head(number)) }
        _ = connect(queue: "gpu")
        #expect(handedOut() == ["1w", "2w", "3w"])
        await server.stop()
    }
}
