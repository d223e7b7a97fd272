import Messages
import Model
import ProtobufRuntime
import Store
import StoreConformance
import Testing

@testable import SQLiteStore

@Suite("Execution list plan")
struct ExecutionListPlanTests {
    private static let states: [StateCode] = [1_000, 2_000, 3_050, 4_000, 5_010].map(
        StateCode.init(rawValue:))

    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let index: ExecutionListPlan.Index
        var filter = ExecutionFilter()
        var podID: String?
    }

    static let cases = [
        Case(description: "nothing", index: .byState),
        Case(
            description: "states", index: .byState,
            filter: ExecutionFilter(states: [StateFilter(status: .failed)])),
        Case(description: "pod", index: .byPod, podID: "west"),
        Case(
            description: "workflows", index: .byWorkflow,
            filter: ExecutionFilter(workflowIDs: ["a", "b"])),
        Case(
            description: "time range", index: .byState,
            filter: ExecutionFilter(
                createdFrom: Timestamp(seconds: 1), createdBefore: Timestamp(seconds: 2))),
        Case(
            description: "triggers", index: .byTrigger,
            filter: ExecutionFilter(triggers: [.schedule, .webhook])),
        Case(
            description: "error text", index: .byError,
            filter: ExecutionFilter(errorContains: "time")),
        Case(description: "source", index: .bySource, filter: ExecutionFilter(sourceID: "s")),
        Case(description: "key", index: .byKey, filter: ExecutionFilter(key: "k")),
        Case(
            description: "all at once", index: .byKey,
            filter: ExecutionFilter(
                states: [StateFilter(status: .failed)], workflowIDs: ["a"], triggers: [.api],
                errorContains: "x", sourceID: "s", key: "k"), podID: "west"),
        Case(
            description: "states and triggers", index: .byState,
            filter: ExecutionFilter(states: [StateFilter(status: .failed)], triggers: [.api])),
        Case(
            description: "workflow, pod and states", index: .byWorkflow,
            filter: ExecutionFilter(
                states: [StateFilter(status: .failed)], workflowIDs: ["a"]), podID: "west"),
    ]

    @Test(
        "each filter is answered by searching an index, without scanning or sorting",
        arguments: cases)
    func usesIndex(_ example: Case) throws {
        let plan = plan(example)
        #expect(plan.index == example.index)
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        for sql in [plan.keysSQL, plan.countSQL] {
            let steps = try store.queryPlan(sql)
            #expect(steps.contains { $0.contains("SEARCH executions USING") })
            #expect(steps.contains { $0.contains(example.index.rawValue) })
            #expect(!steps.contains { $0.hasPrefix("SCAN executions") }, "\(steps)")
            #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
        }
    }

    @Test("the index reaches down to the instant", arguments: cases)
    func reachesInstant(_ example: Case) throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        let steps = try store.queryPlan(plan(example).keysSQL)
        #expect(steps.contains { $0.contains("created_at") }, "\(steps)")
    }

    @Test("a state filter selects the states it describes")
    func states() {
        let filter = ExecutionFilter(states: [
            StateFilter(status: .suspended, reason: .approval), StateFilter(status: .completed),
        ])
        let plan = ExecutionListPlan(
            ExecutionQuery(workspaceID: "w", filter: filter), states: Self.states)
        #expect(plan.arms == [[.integer(3_050)], [.integer(4_000)]])
        #expect(plan.conditions.isEmpty)
    }

    @Test("waiting is part of the state")
    func waiting() {
        let codes = [2_000, 2_001].map(StateCode.init(rawValue:))
        let selected = codes.map { code in
            [Waiting.yes, .no, .unspecified].map {
                code.matches([StateFilter(status: .running, waiting: $0)])
            }
        }
        #expect(selected == [[false, true, true], [true, false, true]])
    }

    @Test("a workflow named twice is read once")
    func twice() {
        let filter = ExecutionFilter(workflowIDs: ["a", "a"])
        let plan = ExecutionListPlan(
            ExecutionQuery(workspaceID: "w", filter: filter), states: Self.states)
        #expect(plan.arms.count == Self.states.count)
    }

    @Test("the range ends where the page before ended, or the time range does")
    func ranges() {
        var query = ExecutionQuery(workspaceID: "w")
        #expect(
            ExecutionRange(query)
                == ExecutionRange(
                    lower: .min, upper: ListKey(createdAt: .max, number: .max)))
        query.filter.createdBefore = Timestamp(seconds: 5)
        query.after = ExecutionQuery.Position(
            createdAt: WallTime(microseconds: 7_000_000), number: ExecutionNumber(rawValue: 3))
        #expect(ExecutionRange(query).upper == ListKey(createdAt: 5_000_000, number: .min))
        query.after = ExecutionQuery.Position(
            createdAt: WallTime(microseconds: 4_000_000), number: ExecutionNumber(rawValue: 3))
        #expect(ExecutionRange(query).upper == ListKey(createdAt: 4_000_000, number: 3))
    }

    @Test(
        "a page looks at so many errors only, and pages together find all",
        arguments: [1, 2, 5, 100])
    func boundedErrors(errorsMax: Int) throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        for number in 1...20 as ClosedRange<Int64> {
            var row = Samples.execution(number, status: .failed)
            // Some share their instant.
            row.execution.createTime = Samples.timestamp(Samples.time(number / 3))
            row.execution.error = ExecutionError(
                code: "X", message: number % 7 == 0 ? "rare" : "common")
            try store.put(.insertExecution(row))
        }
        for (text, wanted) in [
            ("rare", [14, 7]), ("o", Array((1...20).reversed().filter { $0 % 7 != 0 })),
            ("none", []),
        ] as [(String, [Int64])] {
            var query = ExecutionQuery(
                workspaceID: "default", filter: ExecutionFilter(errorContains: text), limit: 3)
            var found: [Int64] = []
            var pages = 0
            repeat {
                let page = try store.withWriter {
                    try ExecutionListReader($0, query, errorsMax: errorsMax).page()
                }
                found += page.rows.map(\.execution.number)
                query.after = page.next
                pages += 1
            } while query.after != nil && pages <= 30
            #expect(found == wanted, "\(text), \(errorsMax) a page")
            #expect(pages <= 21)
        }
    }

    @Test("the place where a page ends is found in the index")
    func horizon() throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        let plan = ExecutionListPlan(
            ExecutionQuery(
                workspaceID: "w", filter: ExecutionFilter(errorContains: "x")), states: [])
        let steps = try store.queryPlan(plan.horizonSQL)
        #expect(
            steps.contains { $0.contains("SEARCH executions USING INDEX executions_by_error") },
            "\(steps)")
        #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
    }

    @Test("text to search for is taken literally")
    func patterns() {
        #expect(ExecutionListPlan.containsPattern("a%b_c\\d") == #"%a\%b\_c\\d%"#)
    }

    @Test("names become a JSON array, whatever they hold")
    func jsonArrays() {
        #expect(ExecutionListPlan.jsonArray([]) == "[]")
        #expect(
            ExecutionListPlan.jsonArray(["a", "q\"b\\", "\n"]) == #"["a","q\"b\\","\u000a"]"#)
    }

    @Test("days are counted down from 1970 too")
    func days() {
        #expect(CounterKey.day(microseconds: 0) == 0)
        #expect(CounterKey.day(microseconds: -1) == -1)
        #expect(CounterKey.day(microseconds: CounterKey.dayMicroseconds - 1) == 0)
        #expect(CounterKey.day(microseconds: -CounterKey.dayMicroseconds) == -1)
    }

    @Test("a state and its code are one", arguments: [1_000, 2_001, 3_050, 4_000, 5_010, 6_000])
    func codes(_ code: Int64) throws {
        let state = StateCode(rawValue: code).state
        #expect(try StateCode(state).rawValue == code)
    }

    private func plan(_ example: Case) -> ExecutionListPlan {
        ExecutionListPlan(
            ExecutionQuery(workspaceID: "w", podID: example.podID, filter: example.filter),
            states: Self.states)
    }
}
