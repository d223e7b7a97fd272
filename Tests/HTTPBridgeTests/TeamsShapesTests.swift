import JSON
import Messages
import ProtobufRuntime
import Testing

@testable import HTTPBridge

struct TeamsShapesTests {
    @Test("a node id that is no UUID is shown as the UUIDv5 of it")
    func ids() {
        // As Python's uuid.uuid5(uuid.NAMESPACE_OID, ...) has it.
        #expect(TeamsIDs.node("start") == "3484f47d-037f-55d8-bfe1-0ea30df4d9a3")
        #expect(TeamsIDs.named("hello") == "4d71d03f-f19b-5d9e-8523-9628ba18063c")
        let given = "018f4d3c-7a5b-7c1d-8e2f-0123456789ab"
        #expect(TeamsIDs.node(given) == given)
        #expect(TeamsIDs.nodeExecution("a", "b") != TeamsIDs.nodeExecution("a", "c"))
    }

    @Test(
        "node kinds are in upper snake case, the API's own words where it has them",
        arguments: [
            ("start", TriggerKind.webhook, "WEBHOOK_TRIGGER"),
            ("start", .schedule, "SCHEDULE_TRIGGER"), ("start", .api, "MANUAL_TRIGGER"),
            ("if", .api, "IF_ELSE"), ("switch", .api, "SWITCH"), ("http", .api, "HTTP"),
            ("sendMail", .api, "SEND_MAIL"), ("send-mail", .api, "SEND_MAIL"),
        ])
    func kinds(_ kind: String, _ trigger: TriggerKind, _ word: String) {
        #expect(TeamsWords.nodeType(kind, trigger) == word)
    }

    @Test("a node that chose a branch says so in its output, and nothing is lost")
    func branch() throws {
        let execution = Execution(
            id: "018f4d3c-7a5b-7c1d-8e2f-0123456789ab", status: .completed,
            nodeExecutions: [
                NodeExecution(
                    nodePath: "c", nodeID: "c", kind: "if", status: .completed, attempt: 3,
                    outputJSON: #"{"orderId": 42.50}"#, chosenHandle: "true")
            ])
        var json = JSONWriter()
        TeamsShapes.writeDetail(execution, to: &json)
        let text = json.finish().text
        #expect(text.contains(#""outputData":{"branch":"true","orderId":42.50}"#))
        #expect(text.contains(#""retryCount":2"#))
    }

    @Test(
        "instants are read with and without zone, and dates as whole days",
        arguments: [
            ("2026-02-17T10:30:00Z", "2026-02-17T10:30:00Z", "2026-02-17T10:30:00.001Z"),
            ("2026-02-17T10:30:00.250", "2026-02-17T10:30:00.250Z", "2026-02-17T10:30:00.251Z"),
            ("2026-02-17T10:30", "2026-02-17T10:30:00Z", "2026-02-17T10:30:00.001Z"),
            ("2026-02-17", "2026-02-17T00:00:00Z", "2026-02-18T00:00:00Z"),
            ("2026-02-17T10:30:00.999+00:00", "2026-02-17T10:30:00.999Z", "2026-02-17T10:30:01Z"),
            ("2026-02-17T11:30:00 01:00", "2026-02-17T10:30:00Z", "2026-02-17T10:30:00.001Z"),
        ])
    func instants(_ text: String, _ start: String, _ end: String) {
        #expect(InstantText.lenient(text)?.rfc3339 == start)
        #expect(InstantText.end(text)?.rfc3339 == end)
        #expect(InstantText.lenient("soon") == nil)
        #expect(InstantText.strict("2026-02-17T10:30:00") == nil)
    }
}
