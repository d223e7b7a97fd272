import Messages
import ProtobufRuntime
import Testing

@testable import Operations

struct RequestCheckTests {
    private static func faults(_ body: (inout RequestCheck) -> Void) -> [String] {
        var check = RequestCheck()
        body(&check)
        return check.violations.map { "\($0.field): \($0.description)" }
    }

    @Test func `a text is counted in bytes, not characters`() {
        #expect(Self.faults { $0.text("key", "ä", bytesMax: 2) } == [])
        #expect(
            Self.faults { $0.text("key", "ää", bytesMax: 3) } == [
                "key: expected at most 3 bytes, got 4"
            ])
        #expect(
            Self.faults { $0.text("key", "", bytesMax: 3, isNeeded: true) } == [
                "key: expected a value, got none"
            ])
    }

    @Test(arguments: ["a", "A-Z_0.9", "order-approval", "..."])
    func `plain names are names`(name: String) {
        #expect(Self.faults { $0.name("id", name, bytesMax: 64) } == [])
    }

    @Test(arguments: ["", "a b", "a/b", "ä", "a\u{0}", "a\n", String(repeating: "a", count: 65)])
    func `other names are refused`(name: String) {
        #expect(!Self.faults { $0.name("id", name, bytesMax: 64) }.isEmpty)
    }

    @Test(arguments: ["{}", "null", "1e400", #"{"a":[1,2]}"#, ""])
    func `JSON is accepted, and so is none`(text: String) {
        #expect(Self.faults { $0.json("input_json", text, bytesMax: 100) } == [])
    }

    @Test(arguments: [
        "{", "nul", "{\"a\":1,\"a\":2}", "[1,]", "1 2", String(repeating: "[", count: 99),
        String(repeating: " ", count: 101),
    ])
    func `what is no JSON, or too long, is refused`(text: String) {
        #expect(Self.faults { $0.json("input_json", text, bytesMax: 100) }.count == 1)
    }

    @Test(arguments: [
        (0, 50, true), (1, 1, true), (1_000, 1_000, true), (1_001, 0, false), (-1, 0, false),
    ])
    func `a page has 1 to 1,000 entries`(asked: Int32, given: Int, isGood: Bool) {
        var check = RequestCheck()
        let size = check.pageSize(asked, usual: 50)
        #expect(check.violations.isEmpty == isGood)
        if isGood { #expect(size == given) }
    }

    @Test func `everything that is wrong is listed at once`() {
        var check = RequestCheck()
        check.filter(
            ExecutionFilter(
                states: [
                    StateFilter(status: .unrecognized(99)),
                    StateFilter(status: .failed, waiting: .yes),
                ],
                workflowIDs: [""], createdFrom: Timestamp(seconds: .max),
                triggers: [.unspecified], errorContains: String(repeating: "x", count: 257)))
        let error = #expect(throws: OperationError.self) { try check.finish() }
        #expect(
            error?.violations.map(\.field) == [
                "filter.states[0].status", "filter.states[1].waiting", "filter.workflow_ids[0]",
                "filter.triggers[0]", "filter.created_from", "filter.error_contains",
            ])
        #expect(error?.message.contains("and 5 more") == true)
    }

    @Test func `endless filters are cut, not walked`() {
        var check = RequestCheck()
        check.filter(
            ExecutionFilter(
                states: Array(repeating: StateFilter(), count: 100_000),
                workflowIDs: Array(repeating: "", count: 100_000)))
        #expect(check.violations.count <= 200)
    }
}
